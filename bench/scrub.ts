/**
 * `npm run bench:scrub -- FILE.jsonl[.gz]`: how much of what must go goes, and how much of what must
 * stay stays. Lines: `{"text": "…", "secret": "…" | null, "all": ["…"]?}`. The last line of output is one JSON
 * object; `--misses` also prints the lines that went wrong (never use it on real secrets).
 * `npm run bench:scrub -- --hostile [--length 20000] [--every 1]`: what hostile texts over every rule cost, as
 * multiples of prose of their length; the 20 worst, and `scrub_worst_factor` in the last line.
 * `npm run bench:scrub -- --speed`: crash text, new log lines, and the same lines in chunks of 64 KB.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { scrubText } from "../packages/scrub/src/index.ts";
import { measureHostile } from "./hostile-cost.ts";
import { measureSpeed } from "./scrub-speed.ts";

/** `all`: every secret of the text, the first of them again included. */
type Line = { text: string; secret: string | null; all?: readonly string[] };

/** A piece this long of a secret is enough to search for the rest of it; of short ones half of it. */
const PIECE = 12;
const SHORT_PIECE = 6;
/** Programs hand over text in pieces of this size. */
const CHUNK = 64 * 1024;
/** Characters scrubbed for the speed; small files are repeated until they are that long. */
const SPEED_CHARS = 8 * 1024 * 1024;

const [file, ...flags] = process.argv.slice(2);
if (file === "--hostile") {
  const length = Number(valueOf("--length") ?? 20_000);
  process.stdout.write(`${JSON.stringify(measureHostile(length, Number(valueOf("--every") ?? 1)))}\n`);
} else if (file === "--speed") process.stdout.write(`${JSON.stringify(measureSpeed())}\n`);
else if (file === undefined) {
  process.stderr.write(
    "usage: npm run bench:scrub -- FILE.jsonl[.gz] [--misses] | --hostile [--length N] [--every N] | --speed\n",
  );
  process.exitCode = 2;
} else process.stdout.write(`${JSON.stringify(measure(file, flags.includes("--misses")))}\n`);

function valueOf(flag: string): string | undefined {
  return flags[flags.indexOf(flag) + 1 || flags.length];
}

function measure(path: string, showMisses: boolean): object {
  const lines = readLines(path);
  let positives = 0;
  let negatives = 0;
  let removed = 0;
  let changed = 0;
  let halves = 0;
  const cold = coldSpeed(lines);
  for (const { text, secret, all } of lines) {
    const out = scrubText(text).text.value;
    if (secret === null) {
      negatives++;
      if (out === text) continue;
      changed++;
      if (showMisses) process.stdout.write(`CHANGED ${JSON.stringify(text)}\n     -> ${JSON.stringify(out)}\n`);
    } else {
      for (const each of new Set([secret, ...(all ?? [])])) {
        positives++;
        const left = survivor(each, text, out);
        if (left === null) removed++;
        else {
          if (out.includes("[REDACTED:") && left.length < each.length && !out.includes(each)) halves++;
          if (showMisses) process.stdout.write(`MISSED ${JSON.stringify(each)}\n    in ${JSON.stringify(out)}\n`);
        }
      }
    }
  }
  return {
    file: basename(path),
    positives,
    negatives,
    recall: ratio(removed, positives),
    changed_negatives: ratio(changed, negatives),
    /** Of these a piece stays beside a placeholder. */
    halves,
    mb_per_s: speed(lines.map((line) => line.text)),
    mb_per_s_cold: cold,
    mb_per_s_chunks: speed(chunks(lines)),
  };
}

/** The secret, or a piece of it that is long enough, which still stands there as often as before; null when none does. */
function survivor(secret: string, text: string, out: string): string | null {
  const size = secret.length <= PIECE ? Math.min(SHORT_PIECE, secret.length) : PIECE;
  for (let at = 0; at + size <= secret.length; at++) {
    const piece = secret.slice(at, at + size);
    // A short piece may also be an ordinary word of the line: it must stand there less often than before.
    if (out.includes(piece) && (size === PIECE || out.split(piece).length >= text.split(piece).length))
      return out.includes(secret) ? secret : piece;
  }
  return null;
}

/** The first pass over texts that were never met, by a program that has just begun. */
function coldSpeed(lines: readonly Line[]): number {
  return rate(
    lines.map((line) => line.text),
    1,
    (texts) => texts,
  );
}

function chunks(lines: readonly Line[]): string[] {
  let text = lines.map((line) => line.text).join("\n");
  while (text.length > 0 && text.length < CHUNK * 4) text += `\n${text}`;
  return Array.from({ length: Math.ceil(text.length / CHUNK) }, (_, at) => text.slice(at * CHUNK, (at + 1) * CHUNK));
}

function speed(texts: readonly string[]): number {
  const once = texts.reduce((sum, text) => sum + text.length, 0);
  if (once === 0) return 0;
  for (const text of texts) scrubText(text);
  // Never the same text twice: the scrubber knows short ones again.
  let round = 0;
  return rate(texts, Math.max(1, Math.ceil(SPEED_CHARS / once)), (all) => {
    round += 1;
    return all.map((text) => Buffer.from(`${text} ${round}`).toString());
  });
}

function rate(texts: readonly string[], rounds: number, make: (texts: readonly string[]) => readonly string[]): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  let used = 0;
  for (let round = 0; round < rounds; round++) {
    const fresh = make(texts);
    const start = process.cpuUsage();
    for (const text of fresh) scrubText(text);
    const { user, system } = process.cpuUsage(start);
    used += user + system;
  }
  return Math.round((bytes * rounds * 10) / Math.max(1, used)) / 10;
}

function readLines(path: string): Line[] {
  const raw = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(raw) : raw).toString("utf8");
  const lines: Line[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const value: unknown = JSON.parse(line);
    if (!isLine(value)) throw new TypeError(`${path}:${index + 1}: expected {"text": string, "secret": string | null}`);
    lines.push(value);
  }
  return lines;
}

function isLine(value: unknown): value is Line {
  if (typeof value !== "object" || value === null || !("text" in value) || !("secret" in value)) return false;
  if ("all" in value && !(Array.isArray(value.all) && value.all.every((each) => typeof each === "string")))
    return false;
  return typeof value.text === "string" && (value.secret === null || typeof value.secret === "string");
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
