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
  "exception_backtrace",
];

const FLAT_CLASS = ["errorType", "exception_class", ...ERROR.flatMap((e) => CLASS.map((c) => `${e}.${c}`))];
const FLAT_VALUE = ["errorMessage", ...ERROR.flatMap((e) => VALUE.map((c) => `${e}.${c}`))];
const FLAT_STACK = ERROR.flatMap((e) => STACK.map((c) => `${e}.${c}`));
const NAMES = new Set([...ERROR, ...STACK, "errorVerbose", "error_type"]);
const FLAT_NAMES = new Set([...FLAT_CLASS, ...FLAT_VALUE, ...FLAT_STACK]);

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** What a log line in JSON tells of an error. */
export type Told = { readonly type: string | null; readonly value: string | null; readonly stack: string | null };

export function errorIn(all: readonly Fields[]): Told | null {
  for (const fields of all) {
    // Of hundreds of names most lines have none.
    let isTold = false;
    let isFlat = false;
    for (const key in fields) {
      isTold ||= NAMES.has(key);
      isFlat ||= FLAT_NAMES.has(key);
    }
    if (!isTold && !isFlat) continue;
    // Where Go's error was made says more than where it was logged.
    const verbose = first([fields], ["errorVerbose"]);
    const made = verbose.search(/^\S+\n\t\S+\.go:\d/m);
    const stack = made >= 0 ? verbose.slice(made) : stackOf(first([fields], STACK, true));
    for (const key of ERROR) {
      const pair = pairOf(fields[key]);
      if (pair !== null) return { ...pair, stack };
      const inner = Array.isArray(fields[key]) ? fieldsOf(fields[key][0]) : fieldsOf(fields[key]);
      const told = inner === null ? null : errorOf(inner);
      if (told !== null) return { ...told, stack: told.stack ?? stack };
    }
    const flat = isFlat ? flatError(fields) : null;
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

/** `["ActiveRecord::RecordNotFound", "Couldn't find it"]`, as lograge and its kin write it. */
function pairOf(value: unknown): Told | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [type, said]: unknown[] = value;
  return typeof type === "string" && typeof said === "string" && /^[A-Z][\w:.]{1,150}$/.test(type)
    ? { type, value: said, stack: null }
    : null;
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
  const type = first([fields], FLAT_CLASS);
  const value = first([fields], FLAT_VALUE);
  const stack = stackOf(first([fields], FLAT_STACK, true));
  return type === "" && value === "" && stack === null ? null : { type: orNull(type), value: orNull(value), stack };
}

function orNull(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

export function first(all: readonly Fields[], keys: readonly string[]): string;
export function first(all: readonly Fields[], keys: readonly string[], lists: true): unknown;
export function first(all: readonly Fields[], keys: readonly string[], lists = false): unknown {
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
export function isBare(stack: string): boolean {
  return /^\s*(?:at |File "|#\d|goroutine |[\w./-]+\.\S+\n\t|\S+\.rb:\d+:in )/.test(stack);
}
