import type { Actor } from "@prunella/contract";
import type { InvocationResult, PluginManifest } from "@prunella/contract/plugins";
import type { Log, PluginTableRow } from "@prunella/kernel";
import type { InvokePlugin } from "./host.ts";
import type { HowItFailed } from "./outside/failure.ts";

/** One event as plugins hear of it: scrubbed, and folded with its equals by whoever tells it. */
export interface PluginEvent {
  readonly type: string;
  readonly projectId: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The id of the plugin whose doing it is; null: of none. */
  readonly causedBy: string | null;
  /** Ids of plugins that are told of it in another way. */
  readonly notTo?: readonly string[];
}

export interface Delivery {
  readonly plugin: string;
  readonly events: number;
  readonly status: InvocationResult["status"];
  readonly detail: string | null;
  /** null: nothing was written down. */
  readonly invocation: string | null;
  /** Of one that runs elsewhere, where it failed. */
  readonly how?: HowItFailed;
}

/** As many come at once. */
const MAX_BATCH = 100;
const BY: Actor = { kind: "system", id: null };

/** Of the kernel, who may hear what. */
interface Listening {
  list(
    projectId: string,
  ): Promise<readonly { readonly id: string; readonly name: string; readonly standing: string }[]>;
  find(id: string): Promise<PluginTableRow>;
  manifest(
    pluginId: string,
    digest: string,
  ): Promise<{ readonly manifest: Pick<PluginManifest, "listens" | "dialect"> } | null>;
}

/**
 * Tells plugins what they listen to: each alone, so that one that fails holds up no other, in batches of at most a
 * hundred, and never what is its own doing unless it asks for that. What nobody granted is not told: it is not even
 * tried, so that events from outside make no rows.
 */
export function createDelivery(given: {
  readonly plugins: Listening;
  readonly invokePlugin: InvokePlugin;
  readonly log: Log;
}) {
  const { plugins, invokePlugin, log } = given;

  async function tell(
    plugin: PluginTableRow,
    type: string,
    events: readonly PluginEvent[],
    projectId: string,
  ): Promise<Delivery> {
    try {
      const { status, detail, invocation, how } = await invokePlugin({
        projectId,
        plugin,
        command: `event:${type}`,
        args: { events: events.map(({ fields }) => fields) },
        by: BY,
        via: "event",
        isConfirmed: false,
        bindings: bindingsOf(events),
      });
      const told = { plugin: plugin.name, events: events.length, status, detail, invocation };
      return how === undefined ? told : { ...told, how };
    } catch (error) {
      return untold(plugin.name, type, events.length, error);
    }
  }

  function untold(plugin: string, type: string, events: number, error: unknown): Delivery {
    log.warn(`${plugin} was not told of ${type}`);
    const detail = error instanceof Error ? error.message : null;
    return { plugin, events, status: "failed", detail, invocation: null };
  }

  /** Never rejects: it is waited for only when all have begun. */
  async function tellOne(
    { id, name }: { readonly id: string; readonly name: string },
    type: string,
    projectId: string,
    events: readonly PluginEvent[],
  ): Promise<Delivery[]> {
    try {
      const row = await plugins.find(id);
      const known = await plugins.manifest(row.plugin_id, row.digest);
      // Whoever speaks its protocol tells one of a dialect.
      if (known === null || known.manifest.dialect !== undefined) return [];
      const listener = known.manifest.listens.find(({ event }) => event === type);
      if (listener === undefined) return [];
      const wanted = events.filter((event) => event.projectId === projectId && hears(listener, id, event));
      const batches = Array.from({ length: Math.ceil(wanted.length / MAX_BATCH) }, (_, at) =>
        wanted.slice(at * MAX_BATCH, (at + 1) * MAX_BATCH),
      );
      return await inTurn(batches, (batch) => tell(row, type, batch, projectId));
    } catch (error) {
      return [untold(name, type, events.length, error)];
    }
  }

  return async function deliver(type: string, projectId: string, events: readonly PluginEvent[]): Promise<Delivery[]> {
    const ready = (await plugins.list(projectId)).filter(({ standing }) => standing === "ready");
    return (await Promise.all(ready.map((one) => tellOne(one, type, projectId, events)))).flat();
  };
}

async function inTurn<Given, Result>(all: readonly Given[], one: (given: Given) => Promise<Result>): Promise<Result[]> {
  const done: Result[] = [];
  for (const each of all) done.push(await one(each));
  return done;
}

type Heard = PluginManifest["listens"][number];

/** Whether a listener's filter lets an event through: each field that it names has one of the values that it lists. */
export function hears(
  { filter, skipSelf }: Pick<Heard, "filter" | "skipSelf">,
  pluginId: string,
  event: PluginEvent,
): boolean {
  if ((skipSelf && event.causedBy === pluginId) || event.notTo?.includes(pluginId) === true) return false;
  return Object.entries(filter).every(([path, values]) => {
    const found = path
      .split(".")
      .reduce<unknown>(
        (at, name) =>
          typeof at === "object" && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined,
        event.fields,
      );
    return (
      (typeof found === "string" || typeof found === "number" || typeof found === "boolean") &&
      values.includes(String(found))
    );
  });
}

/** `$event.repo` is one repository: where the events of a batch name several, it is none. */
function bindingsOf(events: readonly PluginEvent[]): Record<string, string> {
  const named = new Set(events.map(({ fields }) => fields["repo"]));
  const [repo] = named;
  return named.size === 1 && typeof repo === "string" ? { "event.repo": repo } : {};
}
