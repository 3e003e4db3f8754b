/**
 * `npm run bench:scrub -- FILE.jsonl[.gz]`: how much of what must go goes, and how much of what must
 * stay stays. Lines: `{"text": "…", "secret": "…" | null}`. The last line of output is one JSON
 * object; `--misses` also prints the lines that went wrong (never use it on real secrets).
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { scrubText } from "../packages/scrub/src/index.ts";

type Line = { text: string; secret: string | null };

/** A piece this long of a secret is enough to search for the rest of it. */
const PIECE = 12;
/** Characters scrubbed for the speed; small files are repeated until they are that long. */
const SPEED_CHARS = 32 * 1024 * 1024;

const [file, ...flags] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write("usage: npm run bench:scrub -- FILE.jsonl[.gz] [--misses]\n");
  process.exitCode = 2;
} else process.stdout.write(`${JSON.stringify(measure(file, flags.includes("--misses")))}\n`);

function measure(path: string, showMisses: boolean): object {
  const lines = readLines(path);
  let positives = 0;
  let negatives = 0;
  let removed = 0;
  let changed = 0;
  for (const { text, secret } of lines) {
    const out = scrubText(text).text.value;
    if (secret === null) {
      negatives++;
      if (out === text) continue;
      changed++;
      if (showMisses) process.stdout.write(`CHANGED ${JSON.stringify(text)}\n     -> ${JSON.stringify(out)}\n`);
    } else {
      positives++;
      if (!survives(secret, text, out)) removed++;
      else if (showMisses) process.stdout.write(`MISSED ${JSON.stringify(secret)}\n    in ${JSON.stringify(out)}\n`);
    }
  }
  return {
    file: basename(path),
    positives,
    negatives,
    recall: ratio(removed, positives),
    changed_negatives: ratio(changed, negatives),
    mb_per_s: speed(lines),
  };
}

/** True when the secret, or any piece of it that is long enough, still stands there as often as before or at all. */
function survives(secret: string, text: string, out: string): boolean {
  if (secret.length <= PIECE) {
    // A short secret may also be an ordinary word of the line: it must stand there less often than before.
    return out.includes(secret) && out.split(secret).length >= text.split(secret).length;
  }
  for (let at = 0; at + PIECE <= secret.length; at++) if (out.includes(secret.slice(at, at + PIECE))) return true;
  return false;
}

function speed(lines: readonly Line[]): number {
  const texts = lines.map((line) => line.text);
  const once = texts.reduce((sum, text) => sum + text.length, 0);
  if (once === 0) return 0;
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const rounds = Math.max(1, Math.ceil(SPEED_CHARS / once));
  for (const text of texts) scrubText(text);
  let used = 0;
  for (let round = 0; round < rounds; round++) {
    // Never the same text twice: the scrubber knows short ones again.
    const fresh = texts.map((text) => Buffer.from(`${text} ${round}`).toString());
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
  return typeof value.text === "string" && (value.secret === null || typeof value.secret === "string");
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
