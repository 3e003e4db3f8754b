import type { Trigger } from "@prunella/contract";
import { readGrant } from "../gate/grants.ts";
import { policyFor, type Policy, type Request } from "../gate/request.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { toTrigger } from "./registry.ts";

type Db = Engine["reader"];

/** Parsed triggers that are remembered; forgetting one costs parsing it again. */
const MAX_KNOWN = 4_000;
/** How long success is watched when no trigger says so. */
const WATCH_MS = 10_000;

export interface Policies {
  /** null: there is none, or none any more. */
  trigger(db: Db, projectId: string, triggerId: string): Promise<Trigger | null>;
  /** What bounds a request, from the snapshot that the checks read. */
  of(db: Db, request: Pick<Request, "projectId" | "subject" | "triggerId">): Promise<Policy>;
  /** The quiet watch that an attempt's trigger asks for. */
  watchMs(tx: Tx, attempt: { readonly project_id: string; readonly trigger_id: string | null }): Promise<number>;
}

/** Triggers are read anew for each decision, and parsed once for each text of theirs. */
export function createPolicies(): Policies {
  const known = new Map<string, { readonly policy: string; readonly trigger: Trigger }>();

  async function readTrigger(db: Db, projectId: string, triggerId: string | null): Promise<Trigger | null> {
    if (triggerId === null) return null;
    const [row] = await rows<{ policy: string; version: number }>(
      db,
    )`select policy, version from self_heal_triggers where project_id = ${projectId} and trigger_id = ${triggerId} and removed = 0`;
    if (!row) return null;
    const name = `${projectId} ${triggerId}`;
    const before = known.get(name);
    if (before?.policy === row.policy && before.trigger.version === row.version) return before.trigger;
    if (known.size >= MAX_KNOWN) known.clear();
    const trigger = toTrigger(row);
    known.set(name, { policy: row.policy, trigger });
    return trigger;
  }

  return {
    trigger: readTrigger,
    async of(db, { projectId, subject, triggerId }) {
      const trigger = await readTrigger(db, projectId, triggerId);
      const grant = subject.kind === "grant" ? await readGrant(db, projectId, subject.id) : null;
      return policyFor(subject, trigger, grant);
    },
    async watchMs(tx, attempt) {
      return (await readTrigger(tx.db, attempt.project_id, attempt.trigger_id))?.verify_ms ?? WATCH_MS;
    },
  };
}

/** As many triggers of a project are asked for the targets of a storm. */
const MOST_TRIGGERS = 1_000;

/** The targets that a project's triggers have an action for, each once, in order. */
export async function targetsOf(db: Db, projectId: string, action: string): Promise<string[]> {
  const found = await rows<{ policy: string; version: number }>(
    db,
  )`select policy, version from self_heal_triggers where project_id = ${projectId} and removed = 0 order by trigger_id limit ${MOST_TRIGGERS}`;
  const own = found.map(toTrigger).filter(({ remedies }) => remedies.some((rung) => rung.action === action));
  return [...new Set(own.flatMap(({ envelope }) => envelope.targets))].toSorted();
}
