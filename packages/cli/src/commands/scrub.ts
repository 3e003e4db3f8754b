import { readFileSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import { createScrubber, tryRules, type CustomRule, type Redaction, type Scrubber } from "@prunella/scrub";
import { parse } from "yaml";
import type { Common } from "../command-options.ts";
import { EACH_UNSEEN, print, printJson } from "../print.ts";
import { clip, green, plain, red, yellow } from "../terminal/text.ts";
import { table } from "../terminal/table.ts";

/** Characters that are scrubbed together; what is longer than a line of this length is cut there. */
const CHUNK = 1024 * 1024;

/** Prints what is left of standard input, and on stderr what went: `prunella scrub < crash.log`. */
export async function scrub(common: Common, options: { readonly rules?: string }): Promise<void> {
  const rules = options.rules === undefined ? [] : readRules(options.rules);
  const scrubber = refuse(options.rules ?? "", () => createScrubber({ rules }));
  const counts = new Map<string, number>();
  let held = "";
  process.stdin.setEncoding("utf8");
  for await (const piece of process.stdin) {
    held += String(piece);
    while (held.length >= CHUNK) {
      const end = endOfChunk(held);
      emit(common, scrubber, held.slice(0, end), counts);
      held = held.slice(end);
    }
  }
  emit(common, scrubber, held, counts);
  summarise(common, counts);
}

/** Tries one's own rules on their examples and negatives; the exit code is 1 when one fails. */
export async function testRules(common: Common, path: string): Promise<void> {
  const rules = readRules(path);
  const trials = refuse(path, () => tryRules(rules));
  const failed = trials.filter((trial) => !trial.passed);
  if (common.json) printJson({ passed: failed.length === 0, trials });
  else {
    const rows = trials.map(({ rule, kind, text, output, passed }) => [
      passed ? "passed" : "failed",
      rule,
      kind === "example" ? "must go" : "must stay",
      clip(plain(text), 60),
      clip(plain(output), 60),
    ]);
    print(
      table(
        [{ title: "" }, { title: "RULE" }, { title: "KIND" }, { title: "TEXT" }, { title: "RESULT" }],
        rows,
        (cell, column) => (column !== 0 ? cell : cell.startsWith("passed") ? green(cell) : red(cell)),
      ),
    );
    print(`\n${rules.length} rules, ${trials.length} texts, ${failed.length} failed.`);
    for (const { name } of rules.filter(({ examples }) => (examples?.length ?? 0) === 0))
      print(yellow(`${name} has no examples: nothing shows that it works.`));
  }
  if (failed.length > 0) process.exitCode = 1;
}

/** At a line end; not inside a private key, whose lines say nothing alone. */
function endOfChunk(text: string): number {
  const begun = text.lastIndexOf("-----BEGIN ");
  const open = begun > 0 && text.length - begun < CHUNK / 4 && !text.includes("-----END ", begun);
  const line = text.lastIndexOf("\n", open ? begun : text.length);
  return line > 0 ? line + 1 : text.length;
}

function emit(common: Common, scrubber: Scrubber, text: string, counts: Map<string, number>): void {
  if (text === "") return;
  const { text: safe, redactions } = scrubber.scrubText(text);
  for (const { rule } of redactions) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  if (!common.json) process.stdout.write(coloured(shown(text), shown(safe.value), redactions));
}

/** A filter passes on what it was given; a terminal must not obey it. As long as it was, so that places stay. */
const shown = (text: string): string =>
  process.stdout.isTTY
    ? text.replace(EACH_UNSEEN, (each) => (each === "\n" || each === "\t" ? each : "\u{fffd}".repeat(each.length)))
    : text;

/** What stands between two replaced spans is the same in both texts, so the places can be counted along. */
function coloured(raw: string, safe: string, redactions: readonly Redaction[]): string {
  let out = "";
  let at = 0;
  let from = 0;
  for (const { start, length } of redactions) {
    const kept = start - from;
    const end = safe.indexOf("]", at + kept) + 1;
    out += safe.slice(at, at + kept) + yellow(safe.slice(at + kept, end));
    at = end;
    from = start + length;
  }
  return from === 0 && redactions.length === 0 ? raw : out + safe.slice(at);
}

function summarise(common: Common, counts: ReadonlyMap<string, number>): void {
  const rows = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
  if (common.json) return printJson({ redactions: Object.fromEntries(rows) });
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const list = rows.map(([rule, count]) => `  ${String(count).padStart(6)}  ${rule}\n`).join("");
  process.stderr.write(
    total === 0 ? "Nothing would go.\n" : `${total} ${total === 1 ? "span goes" : "spans go"}:\n${list}`,
  );
}

/** The list itself, `rules:` with it, or a configuration that has it under `scrub:`. */
function readRules(path: string): CustomRule[] {
  let value: unknown;
  try {
    value = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw invalid(path, error);
  }
  const list = within(within(value, "scrub"), "rules");
  if (!Array.isArray(list))
    throw invalid(path, new Error("a list of rules is needed, or `rules:` with one, or `scrub:` with those"));
  return list.map((each, index) => {
    if (!isRule(each))
      throw invalid(
        path,
        new Error(
          `rule ${index + 1} needs name, type and pattern as text and keywords as a list of texts; examples and negatives are lists of texts`,
        ),
      );
    return each;
  });
}

/** What stands under a key; the value itself where it has no such key. */
const within = (value: unknown, key: "scrub" | "rules"): unknown =>
  typeof value === "object" && value !== null && key in value ? Reflect.get(value, key) : value;

function isRule(value: unknown): value is CustomRule {
  if (typeof value !== "object" || value === null) return false;
  if (!("name" in value && "type" in value && "pattern" in value && "keywords" in value)) return false;
  const texts = (each: unknown) => Array.isArray(each) && each.every((one) => typeof one === "string");
  return (
    typeof value.name === "string" &&
    typeof value.type === "string" &&
    typeof value.pattern === "string" &&
    texts(value.keywords) &&
    (!("examples" in value) || texts(value.examples)) &&
    (!("negatives" in value) || texts(value.negatives))
  );
}

function refuse<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw invalid(path, error);
  }
}

function invalid(path: string, error: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_CONFIG_INVALID", {
    detail: `${path}: ${error instanceof Error ? error.message : String(error)}`,
    cause: error,
  });
}
