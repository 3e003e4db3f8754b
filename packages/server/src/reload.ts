import { Config, PrunellaError, type Actor, type Reloaded } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import type { LoadedConfig } from "./config.ts";
import { grantsOf } from "./fixing.ts";
import { mistakesOfTriggers } from "./idle-triggers.ts";
import { putTriggers } from "./triggers.ts";
import { putWatches } from "./watches.ts";

/** What is in force at once when the file is read again; whatever else changed waits for a restart. */
const LIVE = [
  "triggers",
  "seeds",
  "probes",
  "heartbeats",
  "maintenance",
  "envelopes",
  "callers",
  "investigator",
] as const satisfies readonly (keyof Config)[];
const isLive = (key: string): boolean => LIVE.some((each) => each === key);

interface Place {
  /** Where relative paths begin. */
  readonly base: string;
  readonly configPath: string | null;
}

/** Makes what is live in a configuration that of the database. */
export async function putConfig(
  kernel: Kernel,
  config: Config,
  { base, grants }: { readonly base: string; readonly grants: ReturnType<typeof grantsOf> },
): Promise<Awaited<ReturnType<typeof putTriggers>>> {
  await kernel.callers.set(grants);
  const put = await putTriggers(kernel, config);
  await putWatches(kernel, config, base);
  await kernel.maintenance.follow(
    config.maintenance.map(({ project, ...window }) => ({ projectId: project, ...window })),
  );
  return put;
}

/** The configuration that is in force; what waits for a restart is still the one of the start. */
interface Standing {
  config: Config;
  /** Of the file that was read last; null when there was none. */
  sha256: string | null;
}

/**
 * Reads the file again. It is taken whole or not at all: every mistake is found before anything is changed, and
 * what is found only on the way takes back what was put.
 */
export function createReload(deps: {
  readonly kernel: Kernel;
  readonly place: Place;
  readonly standing: Standing;
  readonly load: (() => Promise<LoadedConfig>) | null;
}): (by: Actor) => Promise<Reloaded> {
  const { kernel, standing, load } = deps;
  const { base, configPath } = deps.place;
  let last: Promise<unknown> = Promise.resolve();

  async function reload(by: Actor): Promise<Reloaded> {
    if (load === null)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: "This server was started without a configuration file; there is none to read again.",
        hint: "Start it where a prunella.yaml is, or with --config <file>.",
      });
    const loaded = await load();
    const mistakes = mistakesOfTriggers(loaded, (trigger) => kernel.triggers.check(trigger));
    if (mistakes.length > 0)
      throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
        detail: mistakes.map(({ place, why }) => `${place}: ${why}`).join("\n"),
      });
    const grants = grantsOf(loaded.config, configPath);
    const before = standing.config;
    const changed = changedKeys(before, loaded.config);
    const waiting = changed.filter((key) => !isLive(key.split(".")[0] ?? ""));
    const next: Config = { ...before };
    for (const key of LIVE) Object.assign(next, { [key]: loaded.config[key] });
    const put = await putConfig(kernel, next, { base, grants }).catch(async (cause: unknown) => {
      await putConfig(kernel, before, { base, grants: grantsOf(before, configPath) });
      throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
        detail: `${loaded.place([])}: ${cause instanceof PrunellaError ? (cause.detail ?? cause.message) : "it could not be put into force"}`,
        cause,
      });
    });
    standing.config = next;
    const after = loaded.sha256 ?? "";
    const entry = await kernel.reloaded({ before: standing.sha256, after, by });
    const was = standing.sha256;
    standing.sha256 = after;
    return {
      audit_log_id: entry,
      before_sha256: was,
      after_sha256: after,
      changed: changed.filter((key) => !waiting.includes(key)),
      needs_restart: waiting,
      registered: [...put.registered],
      removed: [...put.removed],
    };
  }

  // One at a time: two at once could leave half of each.
  return (by) => {
    const mine = last.then(() => reload(by));
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** Keys whose values differ; of what waits for a restart one level deeper, such as `server.port`. */
function changedKeys(before: Config, after: Config): string[] {
  const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
  return Object.keys(Config.shape).flatMap((key) => {
    const [a, b]: unknown[] = [Reflect.get(before, key), Reflect.get(after, key)];
    if (!differs(a, b)) return [];
    if (isLive(key) || !isPlain(a) || !isPlain(b)) return [key];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((part) => differs(Reflect.get(a, part), Reflect.get(b, part)))
      .map((part) => `${key}.${part}`);
  });
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
