import type { Event } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Report } from "../intake/report.ts";
import { resolveTold } from "../probes/recover.ts";
import { toldOf } from "../probes/state.ts";
import { keysOf, settled, toEvent } from "../probes/told.ts";
import type { Tx } from "../store/engine.ts";
import { RESOLVE_AGAIN_MS, type Judged } from "./judge.ts";
import { write } from "./rows.ts";
import type { HeartbeatRow } from "./state.ts";

export interface KeepDeps extends Pick<Core, "db" | "writer" | "clock" | "newId" | "publish"> {
  readonly report: Report;
}

/** Judges a row as it stands in the unit; null: it is not there, or not ours. */
export type JudgeIn = (tx: Tx) => Promise<Judged | null>;

/** Who may say so: what an SDK sends, anybody can send who knows the address that is in its page. */
const trustOf = (row: HeartbeatRow): Event["trust"] => (row.came_from === "sdk" ? "public" : "local");

/** Nothing was written. */
class NotThere extends Error {}
/** It is otherwise than it looked: it is judged anew. */
class Otherwise extends Error {}

const MAX_TRIES = 5;

/**
 * Writes one change of a heartbeat: a failure with its event and a recovery with what it resolves, each in one
 * unit. `expects` says what was seen outside; when the unit sees otherwise it begins anew. False: not there.
 */
export async function keep(deps: KeepDeps, expected: Judged, judgeIn: JudgeIn): Promise<boolean> {
  let seen: Judged = expected;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    try {
      await once(deps, seen, judgeIn);
      return true;
    } catch (error) {
      if (error instanceof NotThere) return false;
      if (!(error instanceof Otherwise)) throw error;
      const again = await deps.writer.run(judgeIn);
      if (again === null) return false;
      seen = again;
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

async function once(deps: KeepDeps, seen: Judged, judgeIn: JudgeIn): Promise<void> {
  const { tell, row } = seen;
  const now = deps.clock.now();
  const resolved: string[] = [];
  const within = (tx: Tx): Promise<void> => inTurn(tx, () => judgeAndWrite(tx));
  const judgeAndWrite = async (tx: Tx): Promise<void> => {
    const judged = await judgeIn(tx);
    if (judged === null) throw new NotThere("there is no such heartbeat");
    // What is told goes in with the event, so both must be about the same.
    if (judged.tell?.category !== tell?.category) throw new Otherwise("the heartbeat changed");
    resolved.length = 0;
    await write(tx, judged.recovered.length === 0 ? judged.row : await recover(tx, judged, resolved));
  };
  const recover = async (tx: Tx, { row, recovered }: Judged, into: string[]): Promise<HeartbeatRow> => {
    const { project_id: projectId, name, target } = row;
    const of = { now, newId: deps.newId, projectId, watch: "heartbeat", name, target, categories: recovered } as const;
    const done = await resolveTold(tx, of);
    into.push(...done.resolved);
    if (done.isDone) return { ...row, told: JSON.stringify(settled(toldOf(row), now)) };
    return { ...row, look_at: now + RESOLVE_AGAIN_MS };
  };
  if (tell === null) await deps.writer.run(within);
  else {
    const event = { ...toEvent(deps.newId().replaceAll("-", ""), tell), trust: trustOf(row) };
    await deps.report(row.project_id, [event], keysOf("heartbeat", row.name, tell.category), within);
  }
  for (const id of resolved) deps.publish("faults", id);
  if (resolved.length > 0) deps.publish("ledger", "head");
}
