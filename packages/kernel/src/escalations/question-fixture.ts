import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { createWriter } from "../store/writer.ts";

/** For tests only. */
export const ASKED_AT = Date.UTC(2026, 10, 21, 8, 30);
export const HOUR_MS = 3_600_000;

const idOf = (nth: number): string => `01a1fd1f-7660-73b5-9a29-${String(nth).padStart(12, "0")}`;
export const QUESTION_ID = idOf(1);
export const FAULT_ID = idOf(2);

export const aQuestion = (given: Partial<Tables["escalation_attempts"]> = {}): Tables["escalation_attempts"] => ({
  project_id: "default",
  escalation_id: QUESTION_ID,
  trigger_id: "light-hall",
  asker: "switch_on",
  episode: "switch_on light-hall lamp:hall",
  fault_id: FAULT_ID,
  target: "lamp:hall",
  reason: "budget_exhausted",
  cause: JSON.stringify({ source: "probe", trust: "local", level: "error" }),
  args: null,
  status: "open",
  options: JSON.stringify(["switch_once", "leave_dark"]),
  default_decision: "leave_dark",
  decision: null,
  decided_by: null,
  requested_by: null,
  opened_at: ASKED_AT,
  expires_at: ASKED_AT + 24 * HOUR_MS,
  decided_at: null,
  approved_until: null,
  note: null,
  hold: null,
  held_by: null,
  held_until: null,
  failures_since: 2,
  version: 3,
  audit_log_id: 0,
  ...given,
});

export const anAttempt = (
  nth: number,
  given: Partial<Tables["self_heal_attempts"]> = {},
): Tables["self_heal_attempts"] => ({
  project_id: "default",
  attempt_id: idOf(100 + nth),
  subject_kind: "trigger",
  subject_id: "light-hall",
  trigger_id: "light-hall",
  fault_id: FAULT_ID,
  target: "lamp:hall",
  action: "switch_on",
  args: "{}",
  because_kind: "evaluation",
  because_id: idOf(200 + nth),
  cause: null,
  state: "succeeded",
  refusal: null,
  refusal_detail: null,
  verification: "ineffective",
  count: 1,
  node_id: null,
  fence: nth,
  rung: 0,
  audit_log_id: 0,
  created_at: ASKED_AT - HOUR_MS + nth,
  not_before: null,
  started_at: null,
  ended_at: ASKED_AT - HOUR_MS + nth,
  verify_at: null,
  verified_at: null,
  version: 1,
  ...given,
});

/** Rows as they would stand there, in one unit. */
export async function put(
  engine: Engine,
  given: {
    readonly questions?: readonly Tables["escalation_attempts"][];
    readonly attempts?: readonly Tables["self_heal_attempts"][];
    readonly deltas?: readonly (readonly [at: number, count: number, more?: Partial<Tables["delta"]>])[];
    readonly faultTitle?: string;
  },
): Promise<void> {
  const writer = createWriter(engine);
  await writer.run(async ({ db }) => {
    for (const row of given.questions ?? []) await db.insertInto("escalation_attempts").values(row).execute();
    for (const row of given.attempts ?? []) await db.insertInto("self_heal_attempts").values(row).execute();
    for (const [at, count, more] of given.deltas ?? [])
      await db
        .insertInto("delta")
        .values({
          project_id: "default",
          fault_id: FAULT_ID,
          second: Math.floor(at / 1000),
          release: "",
          environment: "",
          level: "error",
          source: "probe",
          trust: "local",
          target: "lamp:hall",
          origin: "",
          count,
          first_at: at,
          last_at: at,
          ...more,
        })
        .execute();
    if (given.faultTitle !== undefined)
      await rows(
        db,
      )`insert into fault (project_id, fault_id, status, level, title, culprit, fingerprints, count, first_seen, last_seen, version)
        values ('default', ${FAULT_ID}, 'open', 'error', ${given.faultTitle}, '', '', 1, ${ASKED_AT}, ${ASKED_AT}, 1)`;
  });
  await writer.close();
}
