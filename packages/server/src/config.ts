import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Config, expectedOf, PrunellaError, valueAt } from "@prunella/contract";
import { knownKeys } from "@prunella/contract/known-keys";
import { z } from "zod";
import { nearest } from "./nearest.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** Where relative paths in it begin. */
  readonly folder: string;
  /** Of the file's bytes; null where there is no file. */
  readonly sha256: string | null;
  /** The file with line and column of a key, or of the nearest thing above it that is there. */
  readonly place: (at: readonly PropertyKey[]) => string;
}

/** Given on the command line; wins over the file. */
export interface Overrides {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly storeUrl?: string | undefined;
}

const EXAMPLE = 'server:\n  port: 4500\nsupervise:\n  - name: shop-api\n    command: ["node", "server.js"]';

/** Read, parse, normalise, check. Throws PRUNELLA_CONFIG_INVALID naming every mistake: file, line, key and what was expected. */
export async function loadConfig(path: string | null, overrides: Overrides = {}): Promise<LoadedConfig> {
  const { raw, sha256, placeOf } = path === null ? { raw: {}, sha256: null, placeOf: () => "" } : await parse(path);
  const file = path ?? "defaults";
  const parsed = Config.safeParse(raw ?? {});
  if (!parsed.success) {
    const mistakes = mistakesOf(parsed.error.issues, raw);
    const lines = mistakes.map(
      ({ at, key, expected }) => `${file}${placeOf(at)}: ${key === "" ? "the whole file" : key}: ${expected}.`,
    );
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: lines.join("\n"),
      hint: `A valid file looks like this:\n${EXAMPLE}`,
    });
  }
  const config = parsed.data;
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
    sha256,
    place: (at) => `${file}${placeOf(at)}`,
  };
}

interface Mistake {
  /** Where in the file it stands. */
  readonly at: readonly PropertyKey[];
  readonly key: string;
  readonly expected: string;
}

/** A misspelt key that is required is missing as well; the misspelling says it all. */
function mistakesOf(issues: readonly z.core.$ZodIssue[], raw: unknown): Mistake[] {
  const misspelt = new Set(issues.filter(({ code }) => code === "unrecognized_keys").map(({ path }) => path.join(".")));
  return issues.flatMap((issue): Mistake[] => {
    const at = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        at: [...issue.path, key],
        key: [at, key].filter(Boolean).join("."),
        expected: `there is no such key${nearest(key, knownKeys(Config, issue.path))}`,
      }));
    const isMissing = issue.code === "invalid_type" && issue.input === undefined;
    if (isMissing && misspelt.has(issue.path.slice(0, -1).join("."))) return [];
    const near = issue.code === "invalid_value" ? nearestOf(valueAt(raw, issue.path), issue.values) : "";
    return [{ at: issue.path, key: at, expected: `${expectedOf(issue, raw)}${near}` }];
  });
}

/** Of a list of words, that which was most likely meant. */
function nearestOf(typed: unknown, values: readonly unknown[]): string {
  const words = values.filter((value) => typeof value === "string");
  if (typeof typed !== "string" || words.length === 0) return "";
  const near = nearest(typed.toLowerCase(), words);
  return near.startsWith("; did") ? near : "";
}

/** `placeOf`: line and column of a key, or of the nearest thing above it that is there, as `:3:5`. */
async function parse(
  path: string,
): Promise<{ raw: unknown; sha256: string; placeOf: (at: readonly PropertyKey[]) => string }> {
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
  const { LineCounter, parseDocument, isMap, isScalar } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: document.errors
        .map(({ message, pos }) => `${path}${told(lines.linePos(pos[0]))}: not valid YAML: ${message}.`)
        .join("\n"),
      hint: `A valid file looks like this:\n${EXAMPLE}`,
    });
  const placeOf = (at: readonly PropertyKey[]): string => {
    for (let depth = at.length; depth > 0; depth -= 1) {
      const holder: unknown = depth === 1 ? document.contents : document.getIn(at.slice(0, depth - 1), true);
      const key = String(at[depth - 1]);
      const pair = isMap(holder)
        ? holder.items.find((each) => isScalar(each.key) && String(each.key.value) === key)
        : null;
      const node: unknown = pair ? pair.key : document.getIn(at.slice(0, depth), true);
      const range: unknown = typeof node === "object" && node !== null ? Reflect.get(node, "range") : null;
      if (Array.isArray(range) && typeof range[0] === "number") return told(lines.linePos(range[0]));
    }
    return "";
  };
  let raw: unknown;
  try {
    raw = document.toJS();
  } catch (cause) {
    // An alias without its anchor, or aliases of aliases without end: the parser tells neither as an error of the document.
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `${path}: not valid YAML: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: `A valid file looks like this:\n${EXAMPLE}`,
      cause,
    });
  }
  return { raw, sha256: hash("sha256", text, "hex"), placeOf };
}

const told = ({ line, col }: { line: number; col: number }): string => `:${line}:${col}`;
