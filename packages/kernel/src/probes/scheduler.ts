import type { ProbeResult } from "@prunella/contract";
import { PrunellaError } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Report } from "../intake/report.ts";
import { chance } from "./configure.ts";
import { judge, type Judged } from "./judge.ts";
import { claim, claimOne, isAnyDue, putBack } from "./queue.ts";
import { resolveTold } from "./recover.ts";
import { look, type RunDeps } from "./run.ts";
import { toldOf, type ProbeRow } from "./state.ts";
import { keysOf, settled, toEvent } from "./told.ts";

/** Looks that are due, and what was found, are gathered for so long: a commit for each would be dear. */
const TICK_MS = 1_000;
/** Looks under way at once in this process. */
const MOST_AT_ONCE = 2_000;
/** Of its time between two looks, at most so much is added by chance. */
const JITTER = 0.05;

export interface SchedulerDeps
  extends Pick<Core, "engine" | "db" | "writer" | "clock" | "rng" | "log" | "newId" | "nodeId" | "publish">, RunDeps {
  readonly report: Report;
  /** Of the data folder whose probes are looked at here. */
  readonly place: string;
  /** As the configuration has them: what is written down has no secret in it. */
  readonly settingsOf: (id: string) => unknown;
}

export interface Scheduler {
  /** Looks at the clock from now on. */
  start(): void;
  /** One look now, as if it were due. */
  check(row: ProbeRow): Promise<void>;
  /** One round, and what it began, to its end. */
  settle(): Promise<void>;
  /** Waits for what is being written; looks under way are left to others. */
  close(): Promise<void>;
}

/** A look was written down by somebody else meanwhile, or the probe is gone. */
class LostFence extends Error {}

/**
 * Who looks when. Due looks are rows of this data folder that a process takes with a lease, so no two look at
 * once, and none looks for a machine that it is not on: `127.0.0.1` means another one there. Each is a promise of
 * its own, so no slow one holds up another. What changes nothing for people is written in groups;
 * a failure is written with its event, and a recovery with what it resolves.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { writer, clock, log } = deps;
  const looker = { place: deps.place, nodeId: deps.nodeId };
  const underWay = new Map<string, Promise<ProbeResult>>();
  let quiet: ProbeRow[] = [];
  let isClosed = false;
  let isStarted = false;
  let round: Promise<void> | null = null;
  let cancel = (): void => undefined;

  function later(): void {
    if (isClosed || !isStarted) return;
    cancel = clock.after(TICK_MS, () => {
      tick().then(later, () => {
        if (!isClosed) log.warn("probes could not be looked after and will be tried again");
        later();
      });
    });
  }

  const tick = (): Promise<void> => (round ??= work().finally(() => (round = null)));

  async function work(): Promise<void> {
    const room = MOST_AT_ONCE - underWay.size;
    const found = quiet;
    quiet = [];
    // Before its configuration is in force this process knows no settings.
    const isDue = isStarted && room > 0 && !isClosed && (await isAnyDue(deps.db, clock.now(), looker.place));
    if (found.length === 0 && !isDue) return;
    const begun = await writer.derive(async (tx) => {
      await putBack(tx, found);
      return isDue ? claim(tx, clock.now(), looker, room) : [];
    });
    for (const row of begun) begin(row).catch(tellOnce);
  }

  /** A round that begins after this was called. */
  async function nextRound(): Promise<void> {
    await round?.catch(() => undefined);
    await tick();
  }

  const idOf = (row: ProbeRow): string => `${row.project_id}/${row.name}`;

  function begin(row: ProbeRow): Promise<ProbeResult> {
    const done = carryOut(row);
    underWay.set(idOf(row), done);
    const leave = () => void underWay.delete(idOf(row));
    done.then(leave, leave);
    return done;
  }

  let hasTold = false;
  function tellOnce(error: unknown): void {
    // Its lease ends by itself, and then somebody looks again.
    if (isClosed || hasTold || error instanceof LostFence) return;
    hasTold = true;
    log.warn("what a probe found could not be written down; it looks again");
  }

  async function carryOut(row: ProbeRow): Promise<ProbeResult> {
    const settings = deps.settingsOf(idOf(row));
    const result = await look(deps, { kind: row.kind, settings, timeoutMs: row.timeout_ms });
    await keep(row, result);
    return result;
  }

  async function keep(row: ProbeRow, result: ProbeResult): Promise<void> {
    const now = clock.now();
    const judged = judge({ ...row, due_at: dueAfter(row, now) }, result, now, severityOf(row.kind));
    const isChange = judged.row.status !== row.status || judged.row.category !== row.category;
    if (judged.tell !== null) await tell(judged);
    else if (judged.recovered.length > 0) await recover(judged, now);
    else if (!isClosed) quiet.push(judged.row);
    if (isChange || judged.tell !== null) deps.publish("probes", row.name, row.fence, row.target);
  }

  async function tell({ row, tell }: Judged): Promise<void> {
    if (tell === null) return;
    const event = toEvent(deps.newId().replaceAll("-", ""), tell);
    await deps.report(row.project_id, [event], keysOf("probe", row.name, tell.category), async (tx) => {
      if ((await putBack(tx, [row])) === 0) throw new LostFence(row.name);
    });
  }

  async function recover({ row, recovered }: Judged, now: number): Promise<void> {
    const { project_id: projectId, name, target } = row;
    const { resolved } = await writer.run(async (tx) => {
      const given = { now, newId: deps.newId, projectId, watch: "probe", name, target, categories: recovered } as const;
      const done = await resolveTold(tx, given);
      const told = done.isDone ? JSON.stringify(settled(toldOf(row), now)) : row.told;
      if ((await putBack(tx, [{ ...row, told }])) === 0) throw new LostFence(name);
      return done;
    });
    for (const id of resolved) deps.publish("faults", id);
    if (resolved.length > 0) deps.publish("ledger", "head");
  }

  function dueAfter(row: ProbeRow, now: number): number {
    const next = row.due_at + row.every_ms;
    // What was missed is not made up for, and a clock that was set back waits no longer than usual.
    const base = next <= now || next > now + row.every_ms ? now + row.every_ms : next;
    return base + chance(deps.rng, row.every_ms * JITTER);
  }

  const severityOf = (kind: string): "error" | "warning" => deps.kinds.get(kind)?.severity ?? "error";

  return {
    start() {
      if (isStarted) return;
      isStarted = true;
      later();
    },
    async check(row) {
      if (row.place !== looker.place)
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: `${row.name} is a probe of another server, and only that one is where it can look.`,
          hint: "Ask the server in whose prunella.yaml it stands.",
        });
      // What was found a moment ago is written down first; and what is looked at just now is what was asked for.
      await nextRound();
      const mine = underWay.get(idOf(row));
      // A quick one may have ended before it was asked for here, and waits to be written down.
      if (mine || quiet.some((found) => idOf(found) === idOf(row))) {
        await mine;
        return nextRound();
      }
      const claimed = await writer.run((tx) => claimOne(tx, clock.now(), looker, row));
      if (claimed === null)
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: `Somebody is looking at ${row.name} just now.`,
          hint: "Try again in a moment.",
        });
      await begin(claimed);
      await nextRound();
    },
    async settle() {
      await nextRound();
      await Promise.allSettled(underWay.values());
      await nextRound();
    },
    async close() {
      isClosed = true;
      cancel();
      await round;
      const left = quiet;
      quiet = [];
      if (left.length > 0) await writer.derive((tx) => putBack(tx, left)).catch(() => 0);
    },
  };
}
