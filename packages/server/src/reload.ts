import { Config, PrunellaError, type Actor, type Reloaded } from "@prunella/contract";
import type { Kernel, Log } from "@prunella/kernel";
import { mistakesOfRest } from "./check-config.ts";
import type { LoadedConfig } from "./config.ts";
import { grantsOf } from "./fixing.ts";
import { mistakesOfTriggers } from "./idle-triggers.ts";
import { putTriggers } from "./triggers.ts";
import { prepareWatches } from "./watches.ts";

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

/** Makes what is live in a configuration that of the database. What is wrong is found before anything is written. */
export async function putConfig(
  kernel: Kernel,
  config: Config,
  { base, grants }: { readonly base: string; readonly grants: ReturnType<typeof grantsOf> },
): Promise<Awaited<ReturnType<typeof putTriggers>>> {
  const windows = config.maintenance.map(({ project, ...window }) => ({ projectId: project, ...window }));
  kernel.maintenance.check(windows);
  const putWatches = await prepareWatches(kernel, config, base);
  await kernel.callers.set(grants);
  const put = await putTriggers(kernel, config);
  await putWatches();
  await kernel.maintenance.follow(windows);
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
  readonly log: Log;
  readonly load: (() => Promise<LoadedConfig>) | null;
}): (by: Actor) => Promise<Reloaded> {
  const { kernel, standing, load, log } = deps;
  const { base, configPath } = deps.place;
  let last: Promise<unknown> = Promise.resolve();

  async function reload(by: Actor): Promise<Reloaded> {
    if (load === null)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: "This server was started without a configuration file; there is none to read again.",
        hint: "Start it where a prunella.yaml is, or with --config <file>.",
      });
    const loaded = await load();
    const triggers = mistakesOfTriggers(loaded, (trigger) => kernel.triggers.check(trigger));
    const mistakes = [...mistakesOfRest(loaded), ...triggers.map(({ place, why }) => `${place}: ${why}`)];
    if (mistakes.length > 0) throw new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail: mistakes.join("\n") });
    const grants = grantsOf(loaded.config, configPath);
    const before = standing.config;
    const changed = changedKeys(before, loaded.config);
    const waiting = changed.filter((key) => !isLive(key.split(".")[0] ?? ""));
    const next: Config = { ...before };
    for (const key of LIVE) Object.assign(next, { [key]: loaded.config[key] });
    const [was, after] = [standing.sha256, loaded.sha256 ?? ""];
    const { put, entry } = await inForce(next).catch(async (cause: unknown) => {
      await putConfig(kernel, before, { base, grants: grantsOf(before, configPath) }).catch((error: unknown) =>
        log.warn(
          `the configuration before could not be put back: ${error instanceof Error ? error.message : "unknown"}`,
        ),
      );
      if (!(cause instanceof PrunellaError)) throw cause;
      throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
        detail: `${loaded.place([])}: ${cause.detail ?? cause.message}`,
        cause,
      });
    });
    standing.config = next;
    standing.sha256 = after;

    /** The entry stands before envelopes and investigator, which are read from memory, are those of the file. */
    async function inForce(config: Config) {
      const done = await putConfig(kernel, config, { base, grants });
      return { put: done, entry: await kernel.reloaded({ before: was, after, by }) };
    }
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
