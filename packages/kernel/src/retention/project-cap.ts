import { sql } from "kysely";
import type { FaultStatus } from "@prunella/contract";
import { dropBody, frequencyOf, pinned, standingOf, type FaultOf } from "../intake/kept.ts";
import { tally } from "../ledger/tally.ts";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { markDue } from "../search/due.ts";
import { listProjects } from "../projects/projects.ts";
import { dropLeastUsed } from "../sourcemaps/unused.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { DAY_S, foldAway } from "./fold.ts";
import { STEP_ROWS, type PolicyOf } from "./policy.ts";
import { removeFault } from "./remove-fault.ts";

/** What the rows of a project take, about: a sum of a few rows that triggers of the database keep. */
export async function bytesOf(db: Engine["reader"], projectId: string): Promise<number> {
  const row = await db
    .selectFrom("project_bytes")
    .select(({ fn }) => fn.sum<number>("bytes").as("bytes"))
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}

interface Found extends FaultOf {
  /** Seconds before which its counts are folded. */
  readonly hoursTo: number;
  readonly isMerged: boolean;
}

/** A way to make room; `drop` does one step for a fault and says whether that fault has nothing more of it. */
interface Stage {
  readonly thinned: number;
  readonly statuses: readonly FaultStatus[];
  drop(tx: Tx, fault: Found, now: number, limit: number): Promise<boolean>;
}

const CLOSED = ["resolved", "muted"] as const;
const OPEN = ["regressed", "open"] as const;

/** The least telling first. Source maps go between the two: they can be uploaded again. */
const OF_CLOSED: readonly Stage[] = [
  { thinned: 1, statuses: [...CLOSED, ...OPEN], drop: dropBodies(keepPinned) },
  { thinned: 2, statuses: CLOSED, drop: dropCounts((fault) => fault.hoursTo) },
  { thinned: 3, statuses: CLOSED, drop: dropAll },
];
const OF_OPEN: readonly Stage[] = [
  { thinned: 2, statuses: OPEN, drop: dropCounts((fault) => fault.hoursTo) },
  { thinned: 3, statuses: OPEN, drop: dropBodies(keepFirstAndLast) },
  { thinned: 4, statuses: OPEN, drop: dropCounts((_, now) => Math.floor(now / 1_000) - DAY_S) },
  { thinned: 5, statuses: OPEN, drop: dropBodies(async () => []) },
];

/** Makes room in projects that take more than they may. */
export const projectCap = (policyOf: PolicyOf, most = STEP_ROWS): Tidying => ({
  name: "project_cap",
  async step(tx, now, share = 1) {
    const limit = shareOf(most, share);
    for (const { project_id: projectId } of await listProjects(tx.db, now)) {
      if ((await bytesOf(tx.db, projectId)) <= policyOf(projectId).project_bytes) continue;
      if (await makeRoom(tx, projectId, now, limit)) return true;
    }
    return false;
  },
});

/** One step of the first stage that has anything left; false when none has. */
async function makeRoom(tx: Tx, projectId: string, now: number, limit: number): Promise<boolean> {
  if (await takeStage(tx, projectId, OF_CLOSED, now, limit)) return true;
  if (await dropLeastUsed(tx, projectId)) {
    await tally(tx, projectId, "retention.cap.source_map", now);
    return true;
  }
  return takeStage(tx, projectId, OF_OPEN, now, limit);
}

async function takeStage(tx: Tx, projectId: string, stages: readonly Stage[], now: number, limit: number) {
  for (const { thinned, statuses, drop } of stages)
    for (const status of statuses) {
      const fault = await leastThinned(tx, projectId, status, thinned);
      if (fault === null) continue;
      if (await drop(tx, fault, now, limit))
        await tx.db
          .updateTable("fault")
          .set({ thinned })
          .where("project_id", "=", projectId)
          .where("fault_id", "=", fault.faultId)
          .execute();
      return true;
    }
  return false;
}

/** The one that was opened first: ids count up with time. */
async function leastThinned(tx: Tx, projectId: string, status: FaultStatus, below: number): Promise<Found | null> {
  const { rows } = await sql<
    Pick<Tables["fault"], "fault_id" | "hours_to" | "merged_into">
  >`select fault_id, hours_to, merged_into from fault
    where project_id = ${projectId} and status = ${status} and thinned < ${below} order by thinned, fault_id limit 1`.execute(
    tx.db,
  );
  const [row] = rows;
  return row ? { projectId, faultId: row.fault_id, hoursTo: row.hours_to, isMerged: row.merged_into !== null } : null;
}

type Kept = (tx: Tx, fault: FaultOf) => Promise<readonly string[]>;

async function keepPinned(tx: Tx, fault: FaultOf): Promise<readonly string[]> {
  return pinned(await standingOf(tx, fault), await frequencyOf(tx, fault));
}

async function keepFirstAndLast(tx: Tx, fault: FaultOf): Promise<readonly string[]> {
  const bodies = await standingOf(tx, fault);
  const ofEvents = bodies.filter((body) => !body.slot.startsWith("release:"));
  return pinned(ofEvents.length > 0 ? ofEvents : bodies, () => 0).slice(0, 2);
}

function dropBodies(kept: Kept): Stage["drop"] {
  return async (tx, fault, now) => {
    const stay = await kept(tx, fault);
    const gone = (await standingOf(tx, fault)).filter((body) => !stay.includes(body.slot));
    for (const { slot } of gone) await dropBody(tx, fault, slot);
    if (gone.length > 0) await markDue(tx, [fault]);
    if (gone.length > 0) await tally(tx, fault.projectId, "retention.cap.bodies", now, gone.length);
    return true;
  };
}

/** The fault still says how many events there were; when they were is forgotten. */
function dropCounts(before: (fault: Found, now: number) => number): Stage["drop"] {
  return async (tx, fault, now, limit) => {
    const { rows, events } = await foldAway(tx, fault, before(fault, now), limit);
    if (events > 0) await tally(tx, fault.projectId, "retention.cap.counts", now, events);
    return rows < limit;
  };
}

async function dropAll(tx: Tx, fault: Found, now: number, limit: number): Promise<boolean> {
  // It goes with the one that it was merged into, which shows its events as its own.
  if (fault.isMerged) return true;
  await removeFault(tx, fault, now, "retention.cap.fault", limit);
  // Not thinned but gone, or to be gone on with.
  return false;
}
