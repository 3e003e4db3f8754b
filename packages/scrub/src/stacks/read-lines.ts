import { MAX_LINE, MAX_LINES } from "./stack.ts";

/** Of longer texts the first and the last 32 KiB count: the header stands at one end, the crash at either. */
const HALF = 32_768;

/** What loggers write in front of a line; what follows keeps its indentation. Each pattern is anchored and bounded. */
const PREFIXES: readonly RegExp[] = [
  // Android's logcat, brief and threadtime; with time, and as the two generations of Android Studio show it.
  /^[VDIWEFA]\/[\w.$ -]{1,60}\( {0,6}\d{1,7}\): ?/,
  /^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +\d{1,7} +\d{1,7} [VDIWEFA] [^:]{1,60}: ?/,
  /^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,3}(?:\d{1,7}-\d{1,7}\/\S{1,120} )?[VDIWEFA]\/[\w.$ -]{0,60}(?:\( {0,6}\d{1,7}\))?: ?/,
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,3}\d{1,7}-\d{1,7} {1,4}\S{1,60} {1,40}\S{1,120} {1,60}[VDIWEFA] {2}/,
  // RFC 3164, journalctl.
  /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} [^\s:[\]]{1,60}(?:\[\d{1,9}\])?: ?/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) [\w.-]{1,80} (?:kernel|[^\s:[\]]{1,60}\[\d{1,9}\]): ?/,
  // dmesg, with the caller that CONFIG_PRINTK_CALLER adds.
  /^(?:<\d{1,2}>)?\[ {0,8}\d{1,8}\.\d{3,9}\](?:\[ {0,6}[TC]\d{1,7}\])? ?/,
  /^<\d{1,2}>(?=\S)/,
  // docker compose
  /^[\w.-]{1,64} {1,40}\| /,
  // Timestamps alone; the stream's name as Kubernetes keeps it.
  /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?\]?(?: (?:stdout|stderr) [FP])? /,
  /^\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?: [\w/+-]{1,30})?\] /,
  /^\d\d:\d\d:\d\d\.\d{3} (?=\[|\*\*)/,
];

/** The lines of a text without colours and loggers' prefixes. Bounded in every direction. */
export function readLines(text: string): string[] {
  let lines: string[];
  if (text.length <= 2 * HALF) lines = plain(text).split("\n");
  else {
    // The two lines that the cut broke are worth nothing.
    const head = plain(text.slice(0, HALF)).split("\n");
    const tail = plain(text.slice(-HALF)).split("\n");
    lines = [...head.slice(0, -1), ...tail.slice(1)];
  }
  if (lines.length > MAX_LINES) lines = [...lines.slice(0, MAX_LINES / 2), ...lines.slice(-MAX_LINES / 2)];
  for (let i = 0; i < lines.length; i++) lines[i] = bare(lines[i]!);
  return lines;
}

function plain(text: string): string {
  let clean = text;
  // oxlint-disable-next-line no-control-regex
  if (clean.includes("\u001b")) clean = clean.replace(/\u001b\[[0-9;?]{0,32}[A-Za-z]/g, "");
  return clean.includes("\r") ? clean.replace(/\r\n?/g, "\n") : clean;
}

function bare(line: string): string {
  let rest = line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line;
  for (let round = 0; round < 3 && mayHavePrefix(rest); round++) {
    const before = rest.length;
    for (const prefix of PREFIXES) {
      const match = prefix.exec(rest);
      if (match === null) continue;
      rest = rest.slice(match[0].length);
      break;
    }
    if (rest.length === before) break;
  }
  return rest;
}

/** Most lines of a stack are indented, and no prefix is. */
function mayHavePrefix(line: string): boolean {
  const code = line.charCodeAt(0);
  if (code >= 0x30 && code <= 0x39) return true;
  if (code === 0x5b || code === 0x3c) return true;
  if (code >= 0x41 && code <= 0x5a && line.charCodeAt(1) === 0x2f) return true;
  if (code >= 0x41 && code <= 0x5a && line.charCodeAt(3) === 0x20) return true;
  return code > 0x20 && line.includes(" | ");
}
