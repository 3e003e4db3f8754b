import type { Core } from "../core.ts";
import { aboutFault, triedOf } from "../faults/about.ts";
import { hasBelievable } from "../faults/believable.ts";
import { EVENT, isListenedTo, type Happened } from "../notify/events.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { addWork, dropWork, setWork, workKind, type WorkKind } from "../work/kind.ts";
import { PLUGIN_CALL } from "./trust.ts";

/** An event as whoever hands it over gets it. */
export interface TellPlugins {
  readonly type: string;
  readonly projectId: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
  /** The id of the plugin whose doing it is. */
  readonly causedBy: string | null;
}

/** `given_back`: whoever had it ends. */
export type Taken = "taken" | "not_taken" | "given_back";

/** Longer than any handler of an event takes, with its questions. After that whoever had it is taken to be gone. */
const UNDER_WAY_MS = 1_200_000;
/** It could not be told so often: then it never can. */
const MOST_TRIES = 3;

/** Hands what happened to plugins. It waits as a row until they have it: what a server had that ended comes again. */
export function pluginEvents(
  deps: Core & {
    readonly tellPlugins: ((event: TellPlugins) => Promise<Taken>) | null;
  },
): WorkKind {
  const { writer, clock, newId, log } = deps;
  return workKind(EVENT, async ({ projectId, payload, finish }) => {
    const told =
      deps.tellPlugins === null || payload.tries >= MOST_TRIES || !(await isAnybodyThere(deps, payload.type))
        ? null
        : await toEvent(deps, projectId, payload);
    let kept: string | null = null;
    await writer.run(async (tx) => {
      finish(tx);
      kept =
        told === null
          ? null
          : addWork(tx, newId, {
              kind: EVENT,
              projectId,
              dueAt: clock.now() + UNDER_WAY_MS,
              payload: { ...payload, tries: payload.tries + 1, node: deps.nodeId },
            });
    });
    if (payload.tries >= MOST_TRIES)
      log.warn(`an event of ${payload.type} was handed over ${MOST_TRIES} times and never taken`);
    if (told === null || kept === null) return;
    const workId: string = kept;
    // What takes it may take minutes: the step itself is done.
    deps
      .tellPlugins?.(told)
      .then((taken) =>
        taken === "not_taken"
          ? undefined
          : writer.run(async (tx) => {
              if (taken === "taken") dropWork(tx, projectId, workId);
              else setWork(tx, workId, { kind: EVENT, projectId, dueAt: clock.now(), payload });
            }),
      )
      .catch(() => log.warn(`an event of ${payload.type} may be told again`));
  });
}

/** Whoever listened when it happened may be gone. */
const isAnybodyThere = async ({ db }: Pick<Core, "db">, type: string): Promise<boolean> =>
  (await rows(db)`select 1 where ${isListenedTo(type)}`).length > 0;

/** What a server had that is gone waits again, for whoever is there. */
export const releaseEvents = (tx: Tx, now: number, nodeId: string): Promise<unknown> =>
  rows(tx.db)`update work set due_at = ${now}, leased_until = 0
    where kind = ${EVENT.name} and lane = ${EVENT.lane} and payload like ${`%"node":"${nodeId}"%`} returning 1`;

/** Null: what it is about is gone, or is told in another way. */
async function toEvent({ db }: Pick<Core, "db">, projectId: string, happened: Happened): Promise<TellPlugins | null> {
  const { type, subject, at } = happened;
  const event = (fields: TellPlugins["fields"], causedBy: string | null = null): TellPlugins => ({
    type,
    projectId,
    fields: { id: subject, at, ...happened.fields, ...fields },
    causedBy,
  });
  switch (type.slice(0, type.indexOf("."))) {
    case "fault": {
      const [fault] = await rows<Tables["fault"]>(db)`select * from fault where fault_id = ${subject}`;
      if (fault === undefined) return null;
      const { title, culprit, status, level, count, error_class: errorClass, first_seen, last_seen } = fault;
      // A plugin that failed to hear of faults would hear of that failure, and so on.
      if (errorClass?.startsWith("PluginError.") === true) return null;
      // Told as what it is, with the repository that it is of.
      if (errorClass?.startsWith("RunFailed.") === true) return null;
      const is_public = !(await hasBelievable(db, fault));
      const release = fault.first_release;
      const seen = { first_seen, last_seen, release, regressed_in: fault.regressed_in, users: fault.users };
      const about = await aboutFault(db, fault);
      return event({ title, culprit, status, level, count, error_class: errorClass, ...seen, is_public, ...about });
    }
    case "escalation": {
      const [asked] = await rows<Tables["escalation_attempts"]>(
        db,
      )`select * from escalation_attempts where escalation_id = ${subject}`;
      if (asked === undefined) return null;
      const { target, reason, asker, status, decision, fault_id: fault } = asked;
      const args: unknown = asker === PLUGIN_CALL && asked.args !== null ? JSON.parse(asked.args) : null;
      const by = typeof args === "object" && args !== null && "plugin" in args ? String(args.plugin) : null;
      const tried = fault === null ? null : await triedOf(db, [fault]);
      return event({ target, reason, asker, status, decision, fault, tried }, by);
    }
    default:
      return event({});
  }
}

/** Which kinds of events anybody here may listen to; read anew when a plugin changes. */
export function createListening({ db, notices, log }: Core) {
  let types: ReadonlySet<string> = new Set();
  async function look(): Promise<void> {
    const found = await rows<{ manifest: string }>(
      db,
    )`select a.manifest from plugin p join plugin_artifact a on a.plugin_id = p.plugin_id and a.digest = p.digest`;
    types = new Set(found.flatMap(({ manifest }) => eventsIn(JSON.parse(manifest))));
  }
  const stop = notices.subscribe(({ topic }) => {
    if (topic === "plugins") look().catch(() => log.warn("what plugins listen to could not be read"));
  });
  return { look, stop, hears: (type: string): boolean => types.has(type) };
}

function eventsIn(manifest: { readonly listens?: readonly { readonly event: string }[] }): string[] {
  return (manifest.listens ?? []).map(({ event }) => event);
}
