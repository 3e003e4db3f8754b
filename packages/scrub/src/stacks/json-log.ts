/** Longer lines are no log's. */
const MAX_JSON = 65_536;
/** Lines that one of them becomes. */
const MAX_WRITTEN = 400;

/** Without one of these words a line tells of no failure, and is not read. */
const MAY_FAIL =
  /error|fatal|exception|panic|stack|trace|crit|severe|emerg|alert|"(?:level|severity|lvl)" {0,4}: {0,4}[5-9]\d\b/i;

const LEVEL = ["level", "severity", "lvl", "levelname", "log.level", "loglevel", "@l", "Level", "level_value"];
const SAID = ["msg", "message", "short_message", "@m", "RenderedMessage", "event", "text", "@mt", "MessageTemplate"];
const HOLDER = ["fields", "log", "record", "data", "attributes"];
const ERROR = [
  "err",
  "error",
  "exception",
  "exc_info",
  "thrown",
  "throwable",
  "cause",
  "reason",
  "ex",
  "exc",
  "failure",
];
const CLASS = ["type", "name", "class", "className", "kind", "exc_type", "exception_class", "errorType"];
const VALUE = ["message", "msg", "reason", "exc_value", "value", "description", "errorMessage"];
const STACK = [
  "stack",
  "stack_trace",
  "stacktrace",
  "stackTrace",
  "traceback",
  "exc_text",
  "backtrace",
  "trace",
  "@x",
  "Exception",
  "extendedStackTrace",
  "stepArray",
  "frames",
  "full_message",
];

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a console would show of a log line in JSON that tells of a failure: `Class: message` and the
 * stack's own lines. The names are those of pino, winston, bunyan, zap, zerolog, logrus, logback,
 * log4j, Serilog, structlog, ECS, GELF and the clouds. Null: no JSON, or nothing that failed.
 */
export function writeJsonLog(line: string): string[] | null {
  const raw = line.startsWith('{"log":"') ? parsed(line) : null;
  // Docker keeps each line of a program so.
  if (raw !== null && typeof raw["log"] === "string" && typeof raw["stream"] === "string")
    return [raw["log"].replace(/\r?\n$/, "")];
  const read = readJsonLog(line);
  return read === null ? null : read.split("\n", MAX_WRITTEN);
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
  if (!/^\s{0,8}[{[]\s{0,8}["{[]/.test(message) || message.length > MAX_JSON) return message;
  const list = listOf(message.trim());
  if (list !== null) return list;
  const top = parsed(message.trim());
  if (top === null) return message;
  const all = [top, ...HOLDER.map((key) => fieldsOf(top[key])).filter((each) => each !== null)];
  const text = written(first(all, SAID), errorIn(all)).split("\n", 1)[0]!;
  if (text.trim() !== "") return text;
  const leaves: string[] = [];
  collect(top, "", leaves, 0);
  return leaves.length === 0 ? message : leaves.join(", ");
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

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
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

type Told = { readonly type: string | null; readonly value: string | null; readonly stack: string | null };

function errorIn(all: readonly Fields[]): Told | null {
  for (const fields of all) {
    // Where Go's error was made says more than where it was logged.
    const verbose = first([fields], ["errorVerbose"]);
    const made = verbose.search(/^\S+\n\t\S+\.go:\d/m);
    const stack = made >= 0 ? verbose.slice(made) : stackOf(first([fields], STACK, true));
    for (const key of ERROR) {
      const inner = Array.isArray(fields[key]) ? fieldsOf(fields[key][0]) : fieldsOf(fields[key]);
      const told = inner === null ? null : errorOf(inner);
      if (told !== null) return { ...told, stack: told.stack ?? stack };
    }
    const flat = flatError(fields);
    if (flat !== null) return { ...flat, stack: flat.stack ?? stack };
    for (const key of ERROR) {
      const text = fields[key];
      if (typeof text !== "string" || text === "") continue;
      // One text may be all: message and stack, or the stack beside a message of its own.
      return text.includes("\n")
        ? { type: null, value: null, stack: text }
        : { type: orNull(first([fields], ["errorType", "error_type", "exception_class"])), value: text, stack };
    }
    if (stack !== null) return { type: null, value: null, stack };
  }
  return null;
}

function errorOf(fields: Fields): Told | null {
  const type = orNull(first([fields], CLASS));
  const value = orNull(first([fields], VALUE));
  const stack = stackOf(first([fields], STACK, true));
  if (type === null && value === null && stack === null) return null;
  const inner = fieldsOf(fields["cause"]);
  const cause = inner === null ? null : errorOf(inner);
  const own = stack !== null && value !== null && isBare(stack) ? `${type ?? "Error"}: ${value}\n${stack}` : stack;
  const whole =
    own !== null && cause !== null && cause.stack !== null && !own.includes("Caused by:") && own.includes("\tat ")
      ? `${own}\nCaused by: ${cause.stack}`
      : own;
  return { type, value, stack: whole };
}

/** `"error.type": "…"`, `"exception.stacktrace": "…"`, `"errorType": "…"` beside each other. */
function flatError(fields: Fields): Told | null {
  const type = first(
    [fields],
    ["errorType", "exception_class", ...ERROR.flatMap((e) => CLASS.map((c) => `${e}.${c}`))],
  );
  const value = first([fields], ["errorMessage", ...ERROR.flatMap((e) => VALUE.map((c) => `${e}.${c}`))]);
  const stack = stackOf(
    first(
      [fields],
      ERROR.flatMap((e) => STACK.map((c) => `${e}.${c}`)),
      true,
    ),
  );
  return type === "" && value === "" && stack === null ? null : { type: orNull(type), value: orNull(value), stack };
}

function orNull(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

function first(all: readonly Fields[], keys: readonly string[]): string;
function first(all: readonly Fields[], keys: readonly string[], lists: true): unknown;
function first(all: readonly Fields[], keys: readonly string[], lists = false): unknown {
  for (const fields of all)
    for (const key of keys) {
      const value = fields[key];
      if (typeof value === "string" && value.trim() !== "") return value;
      if (lists && Array.isArray(value) && value.length > 0) return value;
    }
  return "";
}

/** A stack as text; as a list of its lines; or as a list of frames with names of their own. */
function stackOf(value: unknown): string | null {
  if (typeof value === "string") return value.trim() === "" ? null : value.replace(/\r\n?/g, "\n");
  if (!Array.isArray(value)) return null;
  const lines: string[] = [];
  for (const each of value.slice(0, 200)) {
    if (typeof each === "string") lines.push(each);
    else {
      const line = frameLine(fieldsOf(each) ?? {});
      if (line !== null) lines.push(line);
    }
  }
  if (lines.length === 0) return null;
  return lines[0]!.startsWith('  File "')
    ? `Traceback (most recent call last):\n${lines.join("\n")}`
    : lines.join("\n");
}

function frameLine(fields: Fields): string | null {
  const name = first([fields], ["method", "methodName", "function", "func", "name"]);
  const owner = first([fields], ["class", "className"]);
  const file = first([fields], ["file", "fileName", "filename", "source"]);
  const number = ["line", "lineNumber", "lineno"].map((key) => fields[key]).find((each) => each !== undefined);
  const line = typeof number === "number" || typeof number === "string" ? `:${number}` : "";
  if (owner !== "" && name !== "") return `\tat ${owner}.${name}(${file === "" ? "Unknown Source" : `${file}${line}`})`;
  if (file === "") return null;
  if (file.endsWith(".go")) return `${name}\n\t${file}${line}`;
  if (file.endsWith(".py")) return `  File "${file}", line ${line.slice(1)}, in ${name === "" ? "<module>" : name}`;
  return `    at ${name === "" ? "<anonymous>" : name} (${file}${line}:1)`;
}

/** Frames alone: nothing in front of them says what happened. */
function isBare(stack: string): boolean {
  return /^\s*(?:at |File "|#\d|goroutine |[\w./-]+\.\S+\n\t)/.test(stack);
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
