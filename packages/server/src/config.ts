import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Config, PrunellaError } from "@prunella/contract";
import { z } from "zod";

export interface LoadedConfig {
  readonly config: Config;
  /** Where relative paths in it begin. */
  readonly folder: string;
}

/** Given on the command line; wins over the file. */
export interface Overrides {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly storeUrl?: string | undefined;
}

const EXAMPLE = 'server:\n  port: 4500\nsupervise:\n  - name: shop-api\n    command: ["node", "server.js"]';

/** Read, parse, normalise, check. Throws PRUNELLA_CONFIG_INVALID naming file, key and what was expected. */
export async function loadConfig(path: string | null, overrides: Overrides = {}): Promise<LoadedConfig> {
  const raw = path === null ? {} : await parse(path);
  const parsed = Config.safeParse(raw ?? {});
  if (!parsed.success) {
    // A misspelt key that is required is missing as well; the misspelling says more.
    const { issues } = parsed.error;
    const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
    const at = issue?.path.map(String).join(".") ?? "";
    const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const key = unknown === undefined ? at : [at, unknown].filter(Boolean).join(".");
    const expected =
      unknown === undefined
        ? (issue?.message ?? "not valid")
        : `there is no such key${nearest(unknown, knownKeys(issue?.path ?? []))}`;
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `${path ?? "defaults"}: ${key === "" ? "the whole file" : key}: ${expected}.`,
      hint: `A valid file looks like this:\n${EXAMPLE}`,
    });
  }
  const { config } = { config: parsed.data };
  return {
    config: {
      ...config,
      server: {
        ...config.server,
        host: overrides.host ?? config.server.host,
        port: overrides.port ?? config.server.port,
      },
      store: { url: overrides.storeUrl ?? config.store.url },
    },
    folder: path === null ? process.cwd() : dirname(resolve(path)),
  };
}

async function parse(path: string): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `${path} cannot be read.`,
      hint: "Check the path given with --config.",
      cause,
    });
  }
  const { parse: parseYaml } = await import("yaml");
  try {
    return parseYaml(text);
  } catch (cause) {
    const where = cause instanceof Error ? cause.message.split("\n")[0] : "";
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `${path} is not valid YAML: ${where}`,
      hint: `A valid file looks like this:\n${EXAMPLE}`,
      cause,
    });
  }
}

/** The keys that may stand at a place of the file. */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = z.toJSONSchema(Config, { io: "input" });
  for (const part of path)
    schema = typeof part === "number" ? within(schema, "items") : within(within(schema, "properties"), String(part));
  return Object.keys(within(schema, "properties") ?? {});
}

function within(schema: unknown, key: string): object | null {
  const found: unknown = typeof schema === "object" && schema !== null ? Reflect.get(schema, key) : null;
  return typeof found === "object" ? found : null;
}

function nearest(typed: string, known: readonly string[]): string {
  const [best] = known.toSorted((a, b) => distance(typed, a) - distance(typed, b));
  if (best === undefined) return "";
  return distance(typed, best) <= Math.max(2, typed.length / 3)
    ? `; did you mean ${best}`
    : `; known keys are ${known.join(", ")}`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(
        (next[j - 1] ?? 0) + 1,
        (row[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
