import { errorIn, fieldsOf, first, isBare, type Fields, type Told } from "./json-error.ts";

/** Longer lines are no log's. */
const MAX_JSON = 65_536;
/** Lines that one of them becomes. */
const MAX_WRITTEN = 400;

/** Without one of these words a line tells of no failure, and is not read. */
const MAY_FAIL =
  /error|fatal|exception|panic|stack|trace|crit|severe|emerg|alert|"(?:level|severity|lvl)" {0,4}: {0,4}[5-9]\d\b/i;

/** The level of a line that tells of no failure: pino's and bunyan's numbers, and words. */
const MILD = /[1-4]\d[,}]|"(?:info|debug|trace|verbose|notice|warn|warning)"/iy;
const KEY = '"level":';

const LEVEL = ["level", "severity", "lvl", "levelname", "log.level", "loglevel", "@l", "Level", "level_value"];
const SAID = ["msg", "message", "short_message", "@m", "RenderedMessage", "event", "text", "@mt", "MessageTemplate"];
const HOLDER = ["fields", "log", "record", "data", "attributes"];
/**
 * What a console would show of a log line in JSON that tells of a failure: `Class: message` and the
 * stack's own lines. The names are those of pino, winston, bunyan, zap, zerolog, logrus, logback,
 * log4j, Serilog, structlog, ECS, GELF and the clouds. Null: no JSON, or nothing that failed.
 */
export function writeJsonLog(line: string): string[] | null {
  const kept = KEPT.test(line) ? keptLine(parsed(line)) : null;
  if (kept !== null) return (kept.startsWith('{"') ? writeJsonLog(kept) : null) ?? [kept];
  const read = readJsonLog(line);
  return read === null ? null : read.split("\n", MAX_WRITTEN);
}

/**
 * True where a look at the level is enough, as for most lines of a log. What stands behind an opened
 * brace or an escape may be another's level, so such lines are read.
 */
export function isMild(line: string): boolean {
  const at = line.indexOf(KEY);
  if (at < 1) return false;
  if (at > 1 && (line.lastIndexOf("{", at) !== 0 || line.lastIndexOf("\\", at) >= 0)) return false;
  MILD.lastIndex = at + KEY.length;
  return MILD.test(line);
}

/** Docker, collectors of container logs and journald keep each line of a program so. */
const KEPT = /^\{.{0,2000}?"(?:log|MESSAGE)" ?: ?"/;
const KEEPERS = ["stream", "kubernetes", "container_id", "container_name", "_PID", "PRIORITY", "_SYSTEMD_UNIT"];

function keptLine(raw: Fields | null): string | null {
  const said = raw?.["log"] ?? raw?.["MESSAGE"];
  if (raw == null || typeof said !== "string" || !KEEPERS.some((key) => key in raw)) return null;
  return said.replace(/\r?\n$/, "");
}

function readJsonLog(line: string): string | null {
  if (line.length > MAX_JSON || !MAY_FAIL.test(line)) return null;
  const top = parsed(line);
  if (top === null) return null;
  const all = [top, ...HOLDER.map((key) => fieldsOf(top[key])).filter((each) => each !== null)];
  const level = all.map((each) => failing(LEVEL.map((key) => each[key]))).find((each) => each !== null) ?? null;
  if (level === false) return null;
  const told = errorIn(all);
  if (told === null && level === null) return null;
  const said = first(all, SAID);
  return written(said, told);
}

/** One line of text for a message that is JSON itself: what it says, never its raw form. */
export function plainMessage(message: string): string {
  if (message.length > MAX_JSON) return message;
  if (!/^\s{0,8}[{[]\s{0,8}["{[]/.test(message)) return withSuffix(message) ?? message;
  const list = listOf(message.trim());
  if (list !== null) return list;
  const top = parsed(message.trim());
  if (top === null) return saidInCut(message) ?? message;
  const all = [top, ...HOLDER.map((key) => fieldsOf(top[key])).filter((each) => each !== null)];
  const text = written(first(all, SAID), errorIn(all)).split("\n", 1)[0]!;
  if (text.trim() !== "") return text;
  const leaves: string[] = [];
  collect(top, "", leaves, 0);
  return leaves.length === 0 ? message : leaves.join(", ");
}

/** `cannot open {"name":"Error","message":"no key"}`: what `console.error("cannot open", error)` becomes in other SDKs. */
function withSuffix(message: string): string | null {
  const at = message.endsWith("}") ? message.indexOf(' {"') : -1;
  const top = at < 0 ? null : parsed(message.slice(at + 1));
  const isError =
    top !== null &&
    (typeof top["stack"] === "string" || /(?:Error|Exception)$/.test(first([top], ["name", "type", "class"])));
  if (!isError) return null;
  const said = written(first([top], SAID), errorIn([{ error: top }]));
  return said.trim() === "" ? null : `${message.slice(0, at)} ${said.split("\n", 1)[0]!}`;
}

/** JSON that was cut still says something. */
function saidInCut(text: string): string | null {
  const said = /"(?:msg|message|short_message|error|reason)" {0,4}: {0,4}"((?:[^"\\]|\\.){1,400})/.exec(text);
  return said === null ? null : said[1]!.replace(/\\n.*$/, "").replace(/\\(["\\/])/g, "$1");
}

/** What `console.error("no perch", error)` becomes in some SDKs: a list of what was given. */
function listOf(text: string): string | null {
  if (!text.startsWith("[")) return null;
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || !list.some((each) => typeof each === "string")) return null;
    return list
      .slice(0, 8)
      .map((each) => (typeof each === "string" ? each : plainMessage(JSON.stringify(each))))
      .join(" ");
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function collect(value: Fields, path: string, leaves: string[], depth: number): void {
  for (const [key, each] of Object.entries(value)) {
    if (leaves.length >= 8) return;
    const inner = fieldsOf(each);
    if (inner !== null && depth < 3) collect(inner, `${path}${key}.`, leaves, depth + 1);
    else if (typeof each === "string" || typeof each === "number" || typeof each === "boolean")
      leaves.push(`${path}${key} ${String(each).slice(0, 200)}`);
  }
}

function parsed(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? fieldsOf(value[0]) : fieldsOf(value);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** True: an error or worse; false: less; null: no level is told. */
function failing(values: readonly unknown[]): boolean | null {
  for (const value of values) {
    const level = fieldsOf(value)?.["name"] ?? value;
    // pino and bunyan count 50 and 60, logback 40000.
    if (typeof level === "number") return (level >= 50 && level < 1_000) || level >= 40_000;
    if (typeof level === "string" && level !== "")
      return /^(?:e|f|c|err|error|errr|fatal|crit|critical|d?panic|alert|emerg|emergency|severe|failure)$/i.test(level);
  }
  return null;
}

function written(said: string, told: Told | null): string {
  if (told === null) return said;
  const { type, value, stack } = told;
  const what = value ?? said;
  const context = value !== null && said !== "" && type === null && said !== value ? `${said}: ` : "";
  const head = type === null ? `${context}${what}` : `${type}: ${what}`;
  if (stack === null) return head;
  if (isBare(stack)) return `${head}\n${stack}`;
  // A traceback ends in its class; other stacks begin with it.
  return stack;
}
