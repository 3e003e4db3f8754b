import type { Core } from "../core.ts";
import { aboutFault, triedOf } from "../faults/about.ts";
import { hasBelievable } from "../faults/believable.ts";
import { EVENT, isListenedTo, type Happened } from "../notify/events.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import type { WorkKind } from "../work/kind.ts";
import { handing, type Taken } from "./handing.ts";
import { PLUGIN_CALL } from "./trust.ts";

/** An event as whoever hands it over gets it. */
export interface TellPlugins {
  readonly type: string;
  readonly projectId: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
  /** The id of the plugin whose doing it is. */
  readonly causedBy: string | null;
}

/** Hands what happened to plugins, as it stands then. */
export const pluginEvents = (
  deps: Core & { readonly tellPlugins: ((event: TellPlugins) => Promise<Taken>) | null },
): WorkKind =>
  handing(deps, EVENT, {
    nameOf: ({ type }) => `an event of ${type}`,
    async give(projectId, payload) {
      const { tellPlugins } = deps;
      if (tellPlugins === null || !(await isAnybodyThere(deps, payload.type))) return null;
      const told = await toEvent(deps, projectId, payload);
      return told === null ? null : () => tellPlugins(told);
    },
  });

/** Whoever listened when it happened may be gone. */
const isAnybodyThere = async ({ db }: Pick<Core, "db">, type: string): Promise<boolean> =>
  (await rows(db)`select 1 where ${isListenedTo(type)}`).length > 0;

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
