import { isMild, writeJsonLog } from "./json-log.ts";
import { dropSharedPrefix } from "./shared-prefix.ts";
import { MAX_LINE, MAX_LINES } from "./stack.ts";

/** Of longer texts the first and the last 32 KiB count: the header stands at one end, the crash at either. */
const HALF = 32_768;

/** What loggers write in front of a line, by how it begins; what follows keeps its indentation. Each pattern is anchored and bounded. */
const AFTER_CAPITAL: readonly RegExp[] = [
  // Android's logcat, brief, and with the tag alone.
  /^[VDIWEFA]\/[\w.$ -]{1,60}(?:\( {0,6}\d{1,7}\))?: ?/,
  // RFC 3164, journalctl, busybox with facility and level.
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} (?:[a-z]\w{2,9}\.[a-z]{3,7} )?[^\s:[\]]{1,60}(?:\[\d{1,9}\])?: ?/,
  // glog and klog, but for the line of a failed check, which names its place; Meteor.
  /^[IWE]\d{4}(?:\d{4})? \d\d:\d\d:\d\d\.\d{3,6} {1,8}\d{1,9} [\w./-]{1,200}:\d{1,9}\] ?/,
  /^[IWE]\d{8}-\d\d:\d\d:\d\d\.\d{3}\(-?\d{1,3}(?::\d\d)?\)\??(?: ?\(STDERR\))? ?/,
  // Ruby's Logger.
  /^[DIWEFAU], \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6} #\d{1,9}\] {1,4}[A-Z]{3,7} -- [^:]{0,60}: ?/,
  // PHP under FPM.
  /^(?:WARNING|NOTICE): \[pool [\w.-]{1,60}\] child \d{1,9} said into std(?:err|out): "/,
  /^(?:NOTICE|ERROR|WARNING): PHP message: /,
];
const AFTER_DIGIT: readonly RegExp[] = [
  // logcat with time, and as the two generations of Android Studio show it.
  /^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} +\d{1,7} +\d{1,7} [VDIWEFA] [^:]{1,60}: ?/,
  /^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,3}(?:\d{1,7}-\d{1,7}\/\S{1,120} )?[VDIWEFA]\/[\w.$ -]{0,60}(?:\( {0,6}\d{1,7}\))?: ?/,
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {1,3}\d{1,7}-\d{1,7} {1,4}\S{1,60} {1,40}\S{1,120} {1,60}[VDIWEFA] {2}/,
  // journalctl; PM2, which counts its programs; PHP behind nginx.
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) [\w.-]{1,80} (?:kernel|[^\s:[\]]{1,60}\[\d{1,9}\]): ?/,
  /^\d{1,4}\|[\w.@/-]{1,64} {0,40}\| ?/,
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[[a-z]{3,10}\] \d{1,9}#\d{1,9}: (?:\*\d{1,12} )?FastCGI sent in stderr: "(?:PHP message: )?/,
  // AWS Lambda's Node.
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\t[A-Z]{4,5}\t(?:(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection) ?\t)?/,
  // Log drains of platforms: `app[web.1]: `, `[APP/PROC/WEB/0] ERR `, `app[4d891] ams [info]`.
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) (?:[\w-]{1,40}\[[\w.-]{1,60}\]: |\[[A-Z]{2,6}(?:\/[\w-]{1,30}){1,4}\] {1,4}(?:ERR|OUT) ?|\w{1,40}\[\w{1,40}\] [a-z]{3} \[\w{3,9}\] ?)/,
  // Timestamps alone, or with short words in brackets behind; the stream's name as Kubernetes keeps it.
  /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?:?(?: (?:stdout|stderr) [FP]|(?: \[[\w.:/@#-]{1,40}\]){1,4})? /,
  /^\d\d:\d\d:\d\d\.\d{3} (?=\[|\*\*)/,
  // foreman and its kin.
  /^\d\d:\d\d:\d\d [\w.-]{1,40} {1,20}\| ?/,
];
const AFTER_BRACKET: readonly RegExp[] = [
  // kubectl with --prefix.
  /^\[pod\/[\w.-]{1,80}\/[\w.-]{1,80}\] ?/,
  // dmesg, with the caller that CONFIG_PRINTK_CALLER adds; Zircon's kernel.
  /^\[ {0,8}\d{1,8}\.\d{3,9}\](?:\[ {0,6}[TC]\d{1,7}\])? ?(?:\d{5}[.:]\d{5}> ?)?/,
  // The tag of a Rails request.
  /^\[[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\] ?/,
  // Apache; Celery; PHP behind nginx.
  /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})? \d{4}\](?: \[[^\]]{1,80}\]){1,4} (?:AH\d{5}: )?(?:Got error ')?(?:PHP message: )?/,
  /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: [A-Z]{4,8}\/[\w-]{1,40}\] ?/,
  /^\[[a-z]{3,10}\] \d{1,9}#\d{1,9}: (?:\*\d{1,12} )?FastCGI sent in stderr: "(?:PHP message: )?/,
  /^\[\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?\]?:?(?: (?:stdout|stderr) [FP]|(?: \[[\w.:/@#-]{1,40}\]){1,4})? /,
  /^\[\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?: [\w/+-]{1,30})?\] /,
];
const AFTER_ANGLE: readonly RegExp[] = [
  /^<\d{1,3}>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,80} [^\s:[\]]{1,60}(?:\[\d{1,9}\])?: ?/,
  /^<\d{1,2}>\[ {0,8}\d{1,8}\.\d{3,9}\](?:\[ {0,6}[TC]\d{1,7}\])? ?/,
  /^<\d{1,2}>(?=\S)/,
];
/** docker compose, and a swarm's services, which name the node too. */
const COMPOSE = /^[\w.@-]{1,120} {1,40}\| /;

/**
 * The lines of a text without colours and loggers' prefixes; a failure logged as JSON as a console
 * would show it. Bounded in every direction.
 */
export function readLines(text: string): string[] {
  if (isFolded(text)) return readFolded(text).lines;
  const lines = linesOf(text);
  for (let i = 0; i < lines.length; i++) lines[i] = bare(lines[i]!);
  return lines;
}

/**
 * The lines of a folded text, and the text that hints are to be looked for in: what one line holds of
 * several is escaped. Most lines of a log tell of no failure and stay as they are.
 */
export function readFolded(text: string): { lines: string[]; shown: string } {
  const lines: string[] = [];
  let isUnfolded = false;
  for (const line of linesOf(text)) {
    const isJson = line.startsWith('{"');
    if (isJson && isMild(line)) {
      lines.push(cut(line));
      continue;
    }
    const whole = isJson ? line : withoutName(withoutPrefix(line));
    const told = whole.startsWith('{"') && whole.trimEnd().endsWith("}") ? writeJsonLog(whole) : null;
    const written = told ?? unfolded(whole);
    if (written === null) lines.push(bare(line));
    else {
      isUnfolded = true;
      for (const each of written) lines.push(bare(each));
    }
  }
  return {
    lines: lines.length > MAX_LINES ? lines.slice(-MAX_LINES) : lines,
    shown: isUnfolded ? lines.join("\n") : text,
  };
}

/** Who wrote a line of JSON, as supervisors put it in front: `[web] `, `web:start: `, a time and a stream. */
const NAMED =
  /^(?:\[[\w./:-]{1,60}\]|[\w-]{1,40}(?::[\w-]{1,40})?:|@[0-9a-f]{24}|\d{4}-\d\d-\d\dT\S{8,30} \S{1,80}) +(?=\{")/;

function withoutName(line: string): string {
  return line.includes('{"') ? line.replace(NAMED, "") : line;
}

function linesOf(text: string): string[] {
  let lines: string[];
  if (text.length <= 2 * HALF) lines = plain(text).split("\n");
  else {
    // The two lines that the cut broke are worth nothing.
    const head = plain(text.slice(0, HALF)).split("\n");
    const tail = plain(text.slice(-HALF)).split("\n");
    lines = [...head.slice(0, -1), ...tail.slice(1)];
  }
  if (lines.length > MAX_LINES) lines = [...lines.slice(0, MAX_LINES / 2), ...lines.slice(-MAX_LINES / 2)];
  dropSharedPrefix(lines);
  return lines;
}

/** True for text whose lines may hold whole stacks: JSON, and escaped line ends inside one line. */
export function isFolded(text: string): boolean {
  return text.includes('{"') || (text.includes("\\n") && FOLDED.test(text));
}

/** An escaped line end with what begins a frame, as logfmt, Apache, and JSON that was cut have it. */
const FOLDED = /\\n(?: {4}at |\\tat |\tat | {2}File \\?"|\\ngoroutine \d|goroutine \d|#\d{1,3} |Stack trace:)/;

function unfolded(line: string): string[] | null {
  if (!line.includes("\\n") || !FOLDED.test(line)) return null;
  return line
    .replace(/\\[ntr"]/g, (escape) => UNESCAPED[escape[1]!] ?? "")
    .split("\n")
    .map((each) => each.replace(/(?<=\))".*$/, ""));
}

const UNESCAPED: Readonly<Record<string, string>> = { n: "\n", t: "\t", '"': '"' };

/** Exported for words that are looked for in a whole text. */
export function plain(text: string): string {
  let clean = text;
  // oxlint-disable-next-line no-control-regex
  if (clean.includes("\u001b")) clean = clean.replace(/\u001b\[[0-9;?]{0,32}[A-Za-z]/g, "");
  return clean.includes("\r") ? clean.replace(/\r\n?/g, "\n") : clean;
}

function bare(line: string): string {
  return withoutPrefix(cut(line));
}

function cut(line: string): string {
  return line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line;
}

/** One line without what loggers put in front of it, and behind where they quoted it. */
export function withoutPrefix(line: string): string {
  let rest = line;
  let quoted = false;
  for (let round = 0; round < 3; round++) {
    const match = prefixOf(rest);
    if (match === null) break;
    rest = rest.slice(match.length);
    quoted ||= match.endsWith('"');
  }
  if (quoted) rest = rest.replace(/"(?:, pipe is closed)?$/, "");
  return rest.includes('" while ') ? rest.replace(NGINX_END, "") : rest;
}

const NGINX_END = /" while (?:reading|sending|connecting|logging)\b.{0,1500}$/;

/** Most lines of a stack are indented, and no prefix is. */
function prefixOf(line: string): string | null {
  const code = line.charCodeAt(0);
  if (!(code > 0x20)) return null;
  const among =
    code >= 0x30 && code <= 0x39
      ? AFTER_DIGIT
      : code === 0x5b
        ? AFTER_BRACKET
        : code === 0x3c
          ? AFTER_ANGLE
          : mayFollowCapital(line, code)
            ? AFTER_CAPITAL
            : null;
  if (among !== null)
    for (const prefix of among) {
      const match = prefix.exec(line);
      if (match !== null) return match[0];
    }
  return line.includes(" | ") ? (COMPOSE.exec(line)?.[0] ?? null) : null;
}

function mayFollowCapital(line: string, code: number): boolean {
  if (code < 0x41 || code > 0x5a) return false;
  const next = line.charCodeAt(1);
  if (next === 0x2f || next === 0x2c || (next >= 0x30 && next <= 0x39) || line.charCodeAt(3) === 0x20) return true;
  return next < 0x61 && (line.includes(" said into std") || line.includes(": PHP message: "));
}
