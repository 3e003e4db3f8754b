import type { InvocationResult, PluginManifest } from "@prunella/contract/plugins";
import { SYSTEM, type Kernel, type Log } from "@prunella/kernel";
import type { InvokePlugin } from "./host.ts";

/** Something that plugins may listen to. */
export interface PluginEvent {
  readonly projectId: string;
  /** `kernel.plugin_error`. */
  readonly type: string;
  /** Scrubbed: it leaves the host. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The plugin by whose doing it came about; null: nobody's. */
  readonly causedBy: string | null;
  /** Plugins that are told of it in another way. */
  readonly notTo?: readonly string[];
}

export interface EventsDeps {
  readonly kernel: Pick<Kernel, "plugins">;
  readonly invokePlugin: InvokePlugin;
  readonly log: Log;
  /** Hears of a handler that failed, but never of one that was told of a failure. */
  readonly onFailed: (plugin: string, event: PluginEvent, result: InvocationResult) => void;
}

export const PLUGIN_ERROR = "kernel.plugin_error";

/** What comes within this time is handed over together. */
const FOLD_MS = 250;
const MOST_TOGETHER = 100;
/** What waits for one plugin; what is over is counted and said. */
const MOST_WAITING = 10_000;

interface Lane {
  readonly waiting: PluginEvent[];
  left: number;
  timer: NodeJS.Timeout | null;
  running: Promise<void> | null;
}

/**
 * Tells events to the plugins of this server that listen to them: folded, at most a hundred together, one batch of a
 * plugin at a time, each batch an invocation with grants and a ledger entry like any other.
 */
export function createEvents({ kernel, invokePlugin, log, onFailed }: EventsDeps) {
  const lanes = new Map<string, Lane>();
  let isClosed = false;

  async function tell(event: PluginEvent): Promise<void> {
    for (const row of await kernel.plugins.list(event.projectId)) {
      if (event.notTo?.includes(row.name) === true) continue;
      if (row.kind !== "local" || row.standing === "disabled" || row.standing === "shadowed") continue;
      const known = await kernel.plugins.manifest(row.id, row.digest);
      const listener = known?.manifest.listens.find((one) => hears(one, event, row.name));
      if (listener === undefined) continue;
      put(`${event.projectId} ${row.id} ${listener.event}`, event, row.id);
    }
  }

  function put(key: string, event: PluginEvent, pluginId: string): void {
    const lane = lanes.get(key) ?? { waiting: [], left: 0, timer: null, running: null };
    lanes.set(key, lane);
    if (lane.waiting.length >= MOST_WAITING) lane.left += 1;
    else lane.waiting.push(event);
    begin(lane, pluginId);
  }

  function begin(lane: Lane, pluginId: string): void {
    if (isClosed || lane.timer !== null || lane.running !== null || lane.waiting.length === 0) return;
    lane.timer = setTimeout(() => {
      lane.timer = null;
      lane.running = hand(lane, pluginId).finally(() => {
        lane.running = null;
        begin(lane, pluginId);
      });
    }, FOLD_MS);
    lane.timer.unref();
  }

  async function hand(lane: Lane, pluginId: string): Promise<void> {
    const batch = lane.waiting.splice(0, MOST_TOGETHER);
    const [first] = batch;
    if (first === undefined) return;
    try {
      const plugin = await kernel.plugins.find(pluginId);
      if (lane.left > 0) log.warn(`${plugin.name} was not told of ${lane.left} events: too many waited`);
      lane.left = 0;
      const result = await invokePlugin({
        projectId: first.projectId,
        plugin,
        command: `event:${first.type}`,
        args: { events: batch.map(({ type, payload }) => ({ type, payload })) },
        by: SYSTEM,
        via: "event",
        isConfirmed: false,
        bindings: {},
      });
      if (result.status === "blocked")
        log.info(
          `${plugin.name}: ${result.detail ?? "blocked"}${result.mend === null ? "" : ` Allow it: ${result.mend}`}`,
        );
      if (result.status !== "failed") return;
      log.info(`${plugin.name} failed to take ${first.type}: ${result.detail ?? "no reason"}`);
      // Who is told of failures and fails is heard of by nobody: it would be told of itself for ever.
      if (first.type !== PLUGIN_ERROR) onFailed(plugin.name, first, result);
    } catch (error) {
      log.warn(`events could not be told: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    /** Resolves when it waits for everybody who listens. */
    tell,
    async close(): Promise<void> {
      isClosed = true;
      for (const { timer } of lanes.values()) if (timer !== null) clearTimeout(timer);
      for (const { running } of lanes.values()) await running;
    },
  };
}

type Listener = PluginManifest["listens"][number];

/** By name, by every field of its filter, and not of what it did itself unless it wants to. */
function hears(listener: Listener, event: PluginEvent, name: string): boolean {
  if (listener.event !== event.type) return false;
  if (listener.skipSelf && event.causedBy === name) return false;
  return Object.entries(listener.filter).every(([path, values]) => {
    const found = path.split(".").reduce<unknown>(partOf, event.payload);
    return (typeof found === "string" || typeof found === "number") && values.includes(String(found));
  });
}

const partOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
