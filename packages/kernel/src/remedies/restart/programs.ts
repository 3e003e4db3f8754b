import { AttemptState, Refusal, type SupervisedRow } from "@prunella/contract";
import { idOf } from "../../gate/remedy.ts";
import type { Engine } from "../../store/engine.ts";
import { rows } from "../../store/rows.ts";
import type { Tables } from "../../store/tables.ts";
import { dayBegins, dayOf, type Change } from "./day.ts";
import type { Run } from "./run.ts";
import { RESTART, START, STOP } from "./trigger.ts";
import type { Vitals } from "./vitals.ts";

type Db = Engine["reader"];
type Attempt = Tables["self_heal_attempts"];

/** Of one program and day; a picture of half hours needs no more. */
const MOST_CHANGES = 2_000;

/** Every program that a supervisor looks after now, and what the day was like. */
export async function listPrograms(db: Db, now: number, vitals: Pick<Vitals, "of">): Promise<SupervisedRow[]> {
  const listed: SupervisedRow[] = [];
  for (const run of await currentRuns(db))
    listed.push({ ...(await toRow(db, now, run)), vitals: vitals.of(run.run_id) });
  return listed;
}

interface Listed extends Run {
  readonly fault_id: string | null;
  readonly open_escalation_id: string | null;
}

const currentRuns = (db: Db): Promise<Listed[]> => rows<Listed>(db)`
  select s.*,
    (select fault_id from delta where project_id = s.project_id and target = s.target and target <> '' and trust = 'local' order by second desc limit 1) as fault_id,
    (select escalation_id from escalation_attempts where project_id = s.project_id and target = s.target and status = 'open' order by opened_at desc limit 1) as open_escalation_id
  from supervised s where s.state <> 'gone' order by s.project_id, s.target`;

async function toRow(db: Db, now: number, run: Listed): Promise<Omit<SupervisedRow, "vitals">> {
  const begins = dayBegins(now);
  const starts = await startsAndStops(db, run, begins);
  const runs = await runsOf(db, run);
  const crashes = await crashesOf(db, run, begins);
  const changes: Change[] = [
    ...starts.map(({ ended_at, action }): Change => ({ at: ended_at, state: action === STOP ? "stopped" : "running" })),
    ...crashes.flatMap(({ first_at, last_at, count }): Change[] =>
      count === 1
        ? [{ at: first_at, state: "waiting", crashes: 1 }]
        : [
            { at: first_at, state: "waiting", crashes: 1 },
            { at: last_at, state: "waiting", crashes: count - 1 },
          ],
    ),
    ...runs.map((one): Change => ({ at: bornAt(one.run_id), state: "running" })),
    ...runs.filter(({ state }) => state === "gone").map((one): Change => ({ at: one.since, state: "gone" })),
  ];
  const first = runs.at(-1)?.run_id ?? run.run_id;
  return {
    run_id: run.run_id,
    name: idOf(run.target),
    project_id: run.project_id,
    state: run.state,
    pid: run.pid,
    since: run.since,
    restarts: run.started_again,
    restarts_day: starts.filter(({ action }) => action !== STOP).length,
    last_crash: run.crashed_at === null ? null : { at: run.crashed_at, exit_code: run.exit_code, signal: run.signal },
    fault_id: run.fault_id,
    open_escalation_id: run.open_escalation_id,
    last_attempt: await lastAttempt(db, run),
    day: dayOf(now, run, changes, bornAt(first)),
  };
}

/** What was carried out within the day. */
const startsAndStops = (db: Db, run: Run, begins: number) =>
  rows<{ ended_at: number; action: string }>(db)`select ended_at, action from self_heal_attempts
    where project_id = ${run.project_id} and target = ${run.target} and created_at > ${begins} and state = 'succeeded'
      and action in (${RESTART}, ${START}, ${STOP})
    order by created_at desc, attempt_id desc limit ${MOST_CHANGES}`;

const crashesOf = (db: Db, run: Run, begins: number) =>
  rows<{ first_at: number; last_at: number; count: number }>(db)`select first_at, last_at, count from delta
    where project_id = ${run.project_id} and target = ${run.target} and target <> '' and trust = 'local'
      and second > ${Math.floor(begins / 1000)} and source = 'supervisor'
    order by second desc limit ${MOST_CHANGES}`;

/** Newest first; a program that is run by hand leaves one for each time. */
const runsOf = (db: Db, run: Run) =>
  rows<Pick<Run, "run_id" | "state" | "since">>(db)`select run_id, state, since from supervised
    where project_id = ${run.project_id} and target = ${run.target} order by run_id desc limit ${MOST_CHANGES}`;

/** A UUIDv7 begins with the moment that it was made at. */
const bornAt = (runId: string): number => Number.parseInt(runId.replaceAll("-", "").slice(0, 12), 16);

async function lastAttempt(db: Db, run: Run): Promise<SupervisedRow["last_attempt"]> {
  const [last] = await rows<Attempt>(db)`select * from self_heal_attempts
    where project_id = ${run.project_id} and target = ${run.target} order by created_at desc, attempt_id desc limit 1`;
  if (!last) return null;
  return {
    id: last.attempt_id,
    action: last.action,
    by: { kind: last.subject_kind, id: last.subject_id },
    state: AttemptState.parse(last.state),
    refusal: last.refusal === null ? null : Refusal.parse(last.refusal),
    verification: last.verification,
    at: last.ended_at ?? last.created_at,
  };
}
