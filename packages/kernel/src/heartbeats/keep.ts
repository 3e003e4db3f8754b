import type { Event } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Report } from "../intake/report.ts";
import { resolveTold } from "../probes/recover.ts";
import { toldOf } from "../probes/state.ts";
import { keysOf, settled, toEvent } from "../probes/told.ts";
import type { Tx } from "../store/engine.ts";
import { RESOLVE_AGAIN_MS, type Judged } from "./judge.ts";
import { write } from "./rows.ts";
import { isPublic, type HeartbeatRow } from "./state.ts";

export interface KeepDeps extends Pick<Core, "db" | "writer" | "clock" | "newId" | "publish"> {
  readonly report: Report;
}

/** How one is found and what that means. */
export interface Judging {
  /** The row as it stands in the unit, which nobody else changes until it ends. */
  hold(this: void, tx: Tx): Promise<HeartbeatRow | null>;
  /** Pure. null: it is not ours, or there is nothing to do about it any more. */
  judge(this: void, row: HeartbeatRow): Judged | null;
}

interface Kept {
  readonly before: HeartbeatRow;
  readonly judged: Judged;
}

const trustOf = (row: HeartbeatRow): Event["trust"] => (isPublic(row) ? "public" : "local");

/** Nothing was written. */
class NotThere extends Error {}
/** It is otherwise than it looked: it is judged anew. */
class Otherwise extends Error {}

const MAX_TRIES = 5;

/**
 * Writes one change of a heartbeat: a failure with its event and a recovery with what it resolves, each in one
 * unit. `seen` is the row as it was outside; when the unit sees otherwise it begins anew. Pages hear of what the
 * unit changed, not of what it looked like before. False: not there.
 */
export async function keep(deps: KeepDeps, seen: HeartbeatRow, judging: Judging): Promise<boolean> {
  let expected = judging.judge(seen);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (expected === null) return false;
    try {
      const { before, judged } = await once(deps, expected, judging);
      const { name, status, target } = judged.row;
      // Each sign of life would be a notice; pages look by themselves as well.
      if (before.status !== status) deps.publish("heartbeats", name, 0, target);
      return true;
    } catch (error) {
      if (error instanceof NotThere) return false;
      if (!(error instanceof Otherwise)) throw error;
      expected = (await deps.writer.run((tx) => judgeIn(tx, judging)))?.judged ?? null;
    }
  }
  throw new Error("a heartbeat changed again and again while it was written");
}

const turns = new WeakMap<Tx, Promise<unknown>>();

/**
 * What is told together is one flush, whose units run side by side in one transaction: without turns two about
 * one heartbeat would both read it before either writes, and both would tell.
 */
function inTurn<T>(tx: Tx, step: () => Promise<T>): Promise<T> {
  const done = (turns.get(tx) ?? Promise.resolve()).then(step, step);
  turns.set(tx, done);
  return done;
}

async function judgeIn(tx: Tx, { hold, judge }: Judging): Promise<Kept | null> {
  const before = await hold(tx);
  const judged = before === null ? null : judge(before);
  return before === null || judged === null ? null : { before, judged };
}

async function once(deps: KeepDeps, { tell, row }: Judged, judging: Judging): Promise<Kept> {
  const now = deps.clock.now();
  const resolved: string[] = [];
  const done: { kept: Kept | null } = { kept: null };
  const within = (tx: Tx): Promise<void> => inTurn(tx, () => judgeAndWrite(tx));
  const judgeAndWrite = async (tx: Tx): Promise<void> => {
    done.kept = await judgeIn(tx, judging);
    if (done.kept === null) throw new NotThere("there is no such heartbeat");
    const { judged } = done.kept;
    // What is told goes in with the event, so both must be about the same.
    if (judged.tell?.category !== tell?.category) throw new Otherwise("the heartbeat changed");
    resolved.length = 0;
    await write(tx, judged.recovered.length === 0 ? judged.row : await recover(tx, judged, resolved));
  };
  const recover = async (tx: Tx, { row, recovered }: Judged, into: string[]): Promise<HeartbeatRow> => {
    const { project_id: projectId, name, target } = row;
    const of = { now, newId: deps.newId, projectId, watch: "heartbeat", name, target, categories: recovered } as const;
    const over = await resolveTold(tx, of);
    into.push(...over.resolved);
    if (over.isDone) return { ...row, told: JSON.stringify(settled(toldOf(row), now)) };
    return { ...row, look_at: now + RESOLVE_AGAIN_MS };
  };
  if (tell === null) await deps.writer.run(within);
  else {
    const event = { ...toEvent(deps.newId().replaceAll("-", ""), tell), trust: trustOf(row) };
    await deps.report(row.project_id, [event], keysOf("heartbeat", row.name, tell.category), within);
  }
  for (const id of resolved) deps.publish("faults", id);
  if (resolved.length > 0) deps.publish("ledger", "head");
  if (done.kept === null) throw new Error("a unit of a heartbeat was committed and never carried out");
  return done.kept;
}
