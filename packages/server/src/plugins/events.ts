import type { Log, Taken } from "@prunella/kernel";
import type { Delivery, PluginEvent } from "./deliver.ts";

export interface EventsDeps {
  readonly deliver: (type: string, projectId: string, events: readonly PluginEvent[]) => Promise<readonly Delivery[]>;
  readonly log: Log;
  /** Hears of a plugin that failed to take events, but never of one that was told of a failure. */
  readonly onFailed: (projectId: string, type: string, failed: Delivery) => void;
}

export const PLUGIN_ERROR = "kernel.plugin_error";

/** What comes within this time is handed over together. */
const FOLD_MS = 250;
const MOST_TOGETHER = 100;
/** A plugin that takes long holds up no other: so many batches of one kind are under way. */
const MOST_UNDER_WAY = 4;
/** What waits of one kind; what is over is counted and said. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly event: PluginEvent;
  readonly end: (how: Taken) => void;
}

interface Lane {
  readonly waiting: Waiting[];
  readonly underWay: Set<Promise<void>>;
  left: number;
  timer: NodeJS.Timeout | null;
}

/** Events on their way to plugins: gathered for a moment, at most a hundred together, and handed over. */
export function createEvents({ deliver, log, onFailed }: EventsDeps) {
  const lanes = new Map<string, Lane>();
  let isClosed = false;

  /** Resolves when whoever listens has had it, or why not. */
  function tell(event: PluginEvent): Promise<Taken> {
    const { promise, resolve: end } = Promise.withResolvers<Taken>();
    if (isClosed) return Promise.resolve("given_back");
    const key = `${event.projectId} ${event.type}`;
    const lane = lanes.get(key) ?? { waiting: [], underWay: new Set(), left: 0, timer: null };
    lanes.set(key, lane);
    if (lane.waiting.length < MOST_WAITING) lane.waiting.push({ event, end });
    else {
      lane.left += 1;
      end("not_taken");
    }
    begin(lane);
    return promise;
  }

  function begin(lane: Lane): void {
    if (isClosed || lane.timer !== null || lane.waiting.length === 0 || lane.underWay.size >= MOST_UNDER_WAY) return;
    lane.timer = setTimeout(() => {
      lane.timer = null;
      const done = hand(lane).finally(() => {
        lane.underWay.delete(done);
        begin(lane);
      });
      lane.underWay.add(done);
      begin(lane);
    }, FOLD_MS).unref();
  }

  async function hand(lane: Lane): Promise<void> {
    const batch = lane.waiting.splice(0, MOST_TOGETHER);
    const [first] = batch;
    if (first === undefined) return;
    const { type, projectId } = first.event;
    if (lane.left > 0) log.warn(`${lane.left} events of ${type} were told to nobody: too many waited`);
    lane.left = 0;
    try {
      for (const one of await deliver(
        type,
        projectId,
        batch.map(({ event }) => event),
      )) {
        if (one.status === "success") continue;
        log.info(`${one.plugin} did not take ${type}: ${one.detail ?? one.status}`);
        // Who is told of failures and fails is heard of by nobody: it would be told of itself for ever.
        if (one.status === "failed" && type !== PLUGIN_ERROR) onFailed(projectId, type, one);
      }
      for (const { end } of batch) end("taken");
    } catch (error) {
      for (const { end } of batch) end("not_taken");
      log.warn(`events of ${type} could not be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    tell,
    async close(): Promise<void> {
      isClosed = true;
      for (const { timer, waiting } of lanes.values()) {
        clearTimeout(timer ?? undefined);
        for (const { end } of waiting.splice(0)) end("given_back");
      }
      for (const { underWay } of lanes.values()) await Promise.all(underWay);
    },
  };
}
