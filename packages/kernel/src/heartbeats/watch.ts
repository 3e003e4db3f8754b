import type { Core } from "../core.ts";
import { silent } from "./judge.ts";
import { keep, type KeepDeps } from "./keep.ts";
import { hold } from "./rows.ts";
import type { HeartbeatRow } from "./state.ts";

const TICK_MS = 1_000;
/** Looked at in one round; what is left comes with the next. */
const AT_ONCE = 500;

export interface WatchDeps extends KeepDeps, Pick<Core, "log"> {}

export interface HeartbeatWatch {
  start(): void;
  /** Resolves after a round that began now: one that is under way looked at an earlier moment. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Looks once a second for heartbeats of which something is overdue. Several nodes may look at once: each is
 * judged again in the unit that writes it, so one of them finds nothing to do.
 */
export function watchHeartbeats(deps: WatchDeps): HeartbeatWatch {
  const { db, clock, log } = deps;
  let isClosed = false;
  let isStarted = false;
  let hasTold = false;
  let cancel = (): void => undefined;
  let round: Promise<void> | null = null;

  function later(): void {
    if (isClosed) return;
    cancel = clock.after(TICK_MS, () => void tick().then(later, later));
  }

  const tick = (): Promise<void> =>
    (round ??= work()
      .catch(() => {
        if (!isClosed && !hasTold) log.warn("heartbeats could not be looked after and will be tried again");
        hasTold = true;
      })
      .finally(() => (round = null)));

  async function work(): Promise<void> {
    const now = clock.now();
    const due = await db
      .selectFrom("heartbeat")
      .selectAll()
      .where("look_at", "<=", now)
      .orderBy("look_at")
      .limit(AT_ONCE)
      .execute();
    await Promise.all(due.map((row) => lookAt(row, now)));
    hasTold = false;
  }

  async function lookAt(row: HeartbeatRow, now: number): Promise<void> {
    await keep(deps, row, {
      hold: (tx) => hold(tx, row.project_id, row.name),
      // Heard meanwhile, or another node was faster.
      judge: (current) => (current.look_at === null || current.look_at > now ? null : silent(current, now)),
    });
  }

  return {
    start() {
      if (isStarted) return;
      isStarted = true;
      later();
    },
    async settle() {
      await round;
      await tick();
    },
    async close() {
      isClosed = true;
      cancel();
      await round;
    },
  };
}
