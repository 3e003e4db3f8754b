import type { NewId } from "../ids.ts";
import { causeOf, type AttemptRow } from "../attempts/row.ts";
import type { Tx } from "../store/engine.ts";
import { part, rows } from "../store/rows.ts";
import { addWork } from "../work/kind.ts";
import { evaluationOf } from "./work.ts";

/** More at once would be a flood; the next failure of what is left asks by itself. */
const MOST = 1_000;
const NOTHING = part``;
const HOUR_MS = 3_600_000;

type Held = Pick<AttemptRow, "project_id" | "subject_kind" | "trigger_id" | "fault_id" | "target" | "cause">;
type Taken = Held & Pick<AttemptRow, "fence" | "created_at">;

/**
 * A permit that was taken back, or turned away, because policy stands still: its trigger asks the gate at once. The
 * gate says what stands in the way and, where that ends by itself, when; so it is neither forgotten nor done. Whoever
 * asks from outside asks anew by themselves; but a trigger whose permit theirs had outrun asks in their place.
 */
export async function askAnew(tx: Tx, newId: NewId, now: number, held: Taken): Promise<void> {
  if (held.subject_kind !== "grant") return void askGate(tx, newId, now, held);
  const outrun = await outrunBy(tx, held);
  if (outrun) askGate(tx, newId, now, outrun);
}

/** The trigger of an attempt or a question asks the gate now; false: there is none that could. */
export function askGate(tx: Tx, newId: NewId, now: number, held: Omit<Held, "subject_kind">): boolean {
  const cause = causeOf(held);
  if (held.trigger_id === null || cause === null) return false;
  const payload = { trigger: held.trigger_id, fault: held.fault_id, target: held.target, cause };
  addWork(tx, newId, { kind: evaluationOf(payload), projectId: held.project_id, dueAt: now, payload });
  return true;
}

/** What policy or a person had been permitted for the target when this came, and nothing came of either. */
async function outrunBy(
  tx: Tx,
  { project_id: projectId, target, fence, created_at: since }: Taken,
): Promise<AttemptRow | null> {
  const [row] = await rows<AttemptRow>(tx.db)`select * from self_heal_attempts
    where project_id = ${projectId} and target = ${target} and refusal is null and fence < ${fence} and subject_kind <> 'grant'
    order by fence desc limit 1`;
  return row?.state === "expired" && (row.ended_at ?? 0) >= since ? row : null;
}

export const OF_ALL = { projectId: null, triggerId: null, target: null } as const;

/**
 * What stood in the way is gone: whatever was refused because of it since is judged once more, each trigger and
 * target once. Nothing is done by itself.
 */
export async function judgeHeld(
  tx: Tx,
  newId: NewId,
  given: {
    readonly now: number;
    readonly since: number;
    readonly refusal: "killed" | "paused" | "outside_window";
    /** null: of all. */
    readonly projectId: string | null;
    readonly triggerId: string | null;
    readonly target: string | null;
  },
): Promise<void> {
  const { now, since, refusal, projectId, triggerId, target } = given;
  // Equal refusals of an hour share the row of the first.
  const within = part`created_at >= ${since - HOUR_MS} and subject_kind = 'trigger' and refusal = ${refusal}
    and coalesce(ended_at, created_at) >= ${since} and trigger_id is not null and cause is not null
    ${projectId === null ? NOTHING : part`and project_id = ${projectId}`}
    ${triggerId === null ? NOTHING : part`and trigger_id = ${triggerId}`}
    ${target === null ? NOTHING : part`and target = ${target}`}`;
  const found = await rows<Held>(
    tx.db,
  )`select project_id, subject_kind, trigger_id, fault_id, target, cause from (select self_heal_attempts.*,
      row_number() over (partition by project_id, trigger_id, target order by created_at desc, attempt_id desc) as nth
      from self_heal_attempts where ${within}) as held
    where nth = 1 order by created_at desc, attempt_id desc limit ${MOST}`;
  for (const row of found) askGate(tx, newId, now, row);
}
