import { ActionWindow, LedgerEntry } from "@prunella/contract";
import type { AttemptRow } from "../attempts/row.ts";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

/** What is known of a time beside what came in: what was done, asked, switched, paused and planned. */
export interface Past {
  /** Everything that the gate ruled, oldest first. */
  readonly attempts: readonly AttemptRow[];
  readonly escalations: readonly Tables["escalation_attempts"][];
  readonly pauses: readonly Tables["pause"][];
  readonly maintenance: readonly (Tables["maintenance"] & { readonly window: ActionWindow })[];
  readonly overrides: readonly Tables["budget_override"][];
  /** How far envelopes are trusted now. */
  readonly stages: readonly Tables["envelope_stage"][];
  /** Switchings of the kill switch and what people said about faults, oldest first. */
  readonly said: readonly Said[];
  /** Whether the kill switch was on when the time began. */
  readonly wasKilled: boolean;
}

export type Said =
  | { readonly kind: "kill"; readonly at: number; readonly on: boolean }
  | {
      readonly kind: "status";
      readonly at: number;
      readonly projectId: string;
      readonly faultId: string;
      readonly isResolved: boolean;
      readonly isNextOnly: boolean;
    };

type Db = Engine["reader"];

/** Attempts before the time still count in budgets and quiet watches. */
const BEFORE_MS = 7 * 86_400_000;
const MOST_ROWS = 200_000;

export async function readPast(
  db: Db,
  given: { readonly since: number; readonly until: number; readonly turn: () => Promise<void> },
): Promise<Past> {
  const { since, turn } = given;
  const from = since - BEFORE_MS;
  const attempts = await rows<AttemptRow>(db)`select * from self_heal_attempts
    where created_at >= ${from} order by created_at, attempt_id limit ${MOST_ROWS}`;
  await turn();
  const escalations = await rows<Tables["escalation_attempts"]>(db)`select * from escalation_attempts
    where opened_at >= ${from} order by opened_at, escalation_id limit ${MOST_ROWS}`;
  const pauses = await rows<Tables["pause"]>(db)`select * from pause
    where lifted_at is null or lifted_at >= ${since} order by since, pause_id limit ${MOST_ROWS}`;
  const maintenance = await rows<Tables["maintenance"]>(db)`select * from maintenance
    where ended_at is null or ended_at >= ${since} order by created_at, window_id limit ${MOST_ROWS}`;
  const overrides = await rows<Tables["budget_override"]>(db)`select * from budget_override
    where expires_at >= ${since} order by expires_at limit ${MOST_ROWS}`;
  const stages = await rows<Tables["envelope_stage"]>(db)`select * from envelope_stage order by project_id, probe`;
  const said = await readSaid(db, since, turn);
  const kills = said.filter(({ kind }) => kind === "kill");
  const [now] = await rows<{ is_on: number }>(db)`select is_on from switch where project_id = '*' and name = 'kill'`;
  const first = kills[0];
  return {
    attempts,
    escalations,
    pauses,
    maintenance: maintenance.map((row) => ({ ...row, window: ActionWindow.parse(JSON.parse(row.spec)) })),
    overrides,
    stages,
    said,
    wasKilled: first?.kind === "kill" ? !first.on : now?.is_on === 1,
  };
}

const PAGE = 2_000;

/** The ledger from its end back to the beginning of the time. */
async function readSaid(db: Db, since: number, turn: () => Promise<void>): Promise<Said[]> {
  const [head] = await rows<{ size: number }>(db)`select size from ledger_head`;
  const found: Said[] = [];
  for (let end = head?.size ?? 0; end > 0; end -= PAGE) {
    const from = Math.max(0, end - PAGE);
    const [oldest] = await rows<{ entry: string }>(db)`select entry from ledger where idx = ${from}`;
    const page = await rows<{ entry: string }>(db)`select entry from ledger where idx >= ${from} and idx < ${end}
      and (entry like '%"type":"switch_changed"%' or entry like '%"type":"fault_status"%') order by idx`;
    found.unshift(
      ...page.flatMap(({ entry }) => saidBy(LedgerEntry.parse(JSON.parse(entry)))).filter(({ at }) => at >= since),
    );
    if (oldest === undefined || LedgerEntry.parse(JSON.parse(oldest.entry)).at < since) break;
    await turn();
  }
  return found.toSorted((a, b) => a.at - b.at);
}

function saidBy(entry: LedgerEntry): Said[] {
  if (entry.type === "switch_changed") return [{ kind: "kill", at: entry.at, on: entry.on }];
  if (entry.type !== "fault_status") return [];
  const { at, project: projectId, fault: faultId, status } = entry;
  const isResolved = status === "resolved";
  return [
    { kind: "status", at, projectId, faultId, isResolved, isNextOnly: isResolved && entry.next_release === true },
  ];
}
