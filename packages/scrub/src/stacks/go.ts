import type { ErrorValue, Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * The Go runtime: `panic: …` or `fatal error: …`, then goroutines of two lines a frame, newest call
 * first; the race detector: `WARNING: DATA RACE`, then two stacks of the same shape.
 */
export const go: StackParser = {
  language: "go",
  hints: ["goroutine ", "panic: ", "DATA RACE", "fatal error: ", ".go:"],
  parse: parseGo,
};

const PANIC =
  /^(?:.{0,120}\bhttp: )?(panic|fatal error|runtime)(?: serving \S{1,100})?: (.*?)(?: \[recovered(?:, repanicked)?\])?$/;
const CALL = /^(?!goroutine |created by )(\S.{0,600})\([^()]{0,1200}\)$/;
const PLACE = /^\s{1,20}(\S.{0,1000}?\.(?:go|s|c|cgo)):(\d{1,9})(?: \+0x[0-9a-f]{1,16})?(?: fp=.*)?$/;

/** When the runtime itself fails, its own stack stands before that of the goroutine. */
const RUNTIME_STACK = 120;

function parseGo(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.startsWith("WARNING: DATA RACE")) {
      const read = readFrames(lines, i + 1, 4);
      // Which of the two accesses comes first is chance, so both tops are one pair in fixed order.
      if (read !== null) found = { errors: [errorValue("data race", null, read.frames)], line: read.end };
      i = read?.end ?? i;
      continue;
    }
    if (line.endsWith(" panic recovered:")) {
      found = readRecovered(lines, i) ?? found;
      i = Math.max(i, found?.line ?? 0);
      continue;
    }
    const recovered = RUNNING.test(line) ? readLoggedPanic(lines, i) : null;
    if (recovered !== null) {
      found = recovered;
      i = recovered.line - 1;
      continue;
    }
    const panic = PANIC.exec(line);
    if (panic === null || panic[1] === "runtime") {
      const logged = LOGGED.test(line) ? readLogged(lines, i) : null;
      if (logged === null) continue;
      found = logged;
      i = logged.line - 1;
      continue;
    }
    const said = readMessage(lines, i, panic);
    // `goroutine 1 [running]:` stands within a few lines of what was said.
    let at = said.end;
    let within = 12;
    for (; at < lines.length && at < said.end + within && !/^goroutine \d{1,12} /.test(lines[at]!); at++)
      if (lines[at] === "runtime stack:") within = RUNTIME_STACK;
    const read = at < lines.length ? readFrames(lines, at + 1, 1) : null;
    if (read === null && panic[1] === "panic" && !/^(?:runtime error|main\.)/.test(panic[2]!)) {
      // Other languages say `panic:` too; without goroutines it must look like Go's own end.
      if (!lines.slice(i, i + 12).some((each) => /^(?:exit status 2|goroutine )/.test(each))) continue;
    }
    found = { errors: [errorOf(panic[1]!, said.text, read?.frames ?? [])], line: read?.end ?? said.end };
    i = found.line;
  }
  return found;
}

const RUNNING = /^goroutine \d{1,12} (?:gp=\S{1,20} m=\S{1,6} (?:mp=\S{1,20} )?)?\[running\]:$/;

/** A panic that was recovered and logged with its stack: what was said stands in whatever words above the goroutine. */
function readLoggedPanic(lines: readonly string[], at: number): Found | null {
  const above = lines.slice(Math.max(0, at - 3), at).findLast((each) => each.trim() !== "") ?? "";
  // The next goroutine of a dump is nobody's panic.
  if (PLACE.test(above) || /^(?:created by |\.\.\.)/.test(above)) return null;
  const read = readFrames(lines, at + 1, 1);
  if (read === null) return null;
  const said = /\((runtime error: .{1,400})\)$|(runtime error: .{1,400}|interface conversion: .{1,400})$/.exec(above);
  const text = said?.[1] ?? said?.[2] ?? above.trim();
  return { errors: [errorOf("panic", text, read.frames)], line: read.end };
}

const RECOVERED = /^(\S.{0,1000}?\.(?:go|s)):(\d{1,9}) \(0x[0-9a-f]{1,16}\)$/;

/** Gin and its kin: the request, a blank line, what was said, then each place with the function and its source line below. */
function readRecovered(lines: readonly string[], from: number): Found | null {
  const first = lines.findIndex((each, i) => i > from && RECOVERED.test(each));
  if (first < 0 || first > from + 60) return null;
  const frames: Frame[] = [];
  let end = first;
  for (let place = RECOVERED.exec(lines[end]!); place !== null; place = RECOVERED.exec(lines[end] ?? "")) {
    const name = /^\t(\S.{0,300}?): /.exec(lines[end + 1] ?? "")?.[1] ?? null;
    const file = place[1]!;
    const owner = /([^/]{1,100})\/[^/]{1,100}$/.exec(file)?.[1];
    // Only the function is named, without its package.
    const called = name === null || owner === undefined || name.startsWith("main.") ? name : `${owner}.${name}`;
    frames.push(
      frame({ function: called, filename: file, line: Number(place[2]), in_app: isOwn(called ?? "?", file) }),
    );
    end += name === null ? 1 : 2;
  }
  const said = lines.slice(from + 1, first).findLast((each) => each.trim() !== "") ?? "";
  return { errors: [errorOf("panic", said, frames.reverse())], line: end };
}

/** A function without its arguments: loggers and errors that carry a stack write it so, its place below. */
const LOGGED = /^(?:[\w.~@-]{1,100}\/){0,12}[\w~@-]{1,80}\.(?:\(\*?[\w.[\]]{1,120}\)\.)?[\w.[\]·-]{1,160}$/;

/** `main.open`, `\t/srv/main.go:61`, newest call first, below what was said. */
function readLogged(lines: readonly string[], from: number): Found | null {
  const frames: Frame[] = [];
  let end = from;
  for (; end + 1 < lines.length; end += 2) {
    const place = LOGGED.test(lines[end]!) ? PLACE.exec(lines[end + 1]!) : null;
    if (place === null) break;
    const name = lines[end]!;
    frames.push(frame({ function: name, filename: place[1]!, line: Number(place[2]), in_app: isOwn(name, place[1]!) }));
  }
  if (frames.length === 0) return null;
  return { errors: [errorValue(null, orNull(lines[from - 1]), frames.reverse())], line: end };
}

/**
 * What was recovered and panics once more stands indented below, and the last one ended the program. A panic of
 * a deferred call, without `[recovered]` in front, comes of the first.
 */
function readMessage(lines: readonly string[], from: number, first: RegExpExecArray): { text: string; end: number } {
  let text = first[2]!;
  let end = from + 1;
  for (; end < lines.length && end < from + 20; end++) {
    const again = /^\s{1,20}panic: (.*?)(?: \[recovered\])?$/.exec(lines[end]!);
    if (again !== null) text = lines[end - 1]!.endsWith(" [recovered]") ? again[1]! : text;
    else if (/^(?:goroutine |\[signal |$)/.test(lines[end]!)) break;
    else if (!/^\s/.test(lines[end]!)) break;
  }
  return { text, end };
}

function errorOf(kind: string, text: string, frames: Frame[]): ErrorValue {
  if (kind !== "panic") return errorValue("fatal error", orNull(text), frames);
  const runtime = /^runtime error: (.*)$/.exec(text);
  if (runtime !== null) return errorValue("runtime error", orNull(runtime[1]), frames);
  // `panic: main.Oops{…}`, `panic: (main.Oops) {…}`, `panic: main.Oops("…")`: the class of a value that is no text.
  const typed = /^\(?(\*?[\w./]{1,120}\.[A-Z]\w{0,80})\)?[ {(]/.exec(text);
  return errorValue(typed?.[1] ?? "panic", orNull(text), frames);
}

/** Frames until an empty line, over at most `stacks` stacks; of a race, newest of the first stack last. */
function readFrames(lines: readonly string[], from: number, stacks: number): { frames: Frame[]; end: number } | null {
  const tops: Frame[][] = [];
  let current: Frame[] = [];
  let end = from;
  for (; end < lines.length; end++) {
    const line = lines[end]!;
    const place = PLACE.exec(lines[end + 1] ?? "");
    const call = place === null ? null : CALL.exec(line.trim());
    if (place !== null && call !== null) {
      // What stands above it recovered, or was deferred: it tells of the panic and did not begin it.
      if (call[1] === "panic" && stacks === 1) current = [];
      current.push(
        frame({ function: call[1]!, filename: place[1]!, line: Number(place[2]), in_app: isOwn(call[1]!, place[1]!) }),
      );
      end++;
    } else if (place !== null && /^\s*created by /.test(line)) end++;
    else if (
      /^\s*(?:Previous |Goroutine \d|created by |\.\.\.|goroutine running|Read at|Write at|Previous write|\[signal)/.test(
        line,
      )
    ) {
      if (/^\s*Goroutine \d/.test(line)) break;
    } else if (line.trim() === "") {
      if (current.length > 0) tops.push(current);
      current = [];
      if (tops.length >= stacks || stacks === 1) break;
    } else if (current.length > 0 || !/^\S/.test(line) || stacks === 1) break;
  }
  if (current.length > 0) tops.push(current);
  if (tops.length === 0) return null;
  const pair = tops.slice(0, stacks === 1 ? 1 : 2);
  pair.sort((a, b) => ((a[0]!.function ?? "") < (b[0]!.function ?? "") ? 1 : -1));
  return { frames: pair.flatMap((each) => each.reverse()), end };
}

function isOwn(name: string, file: string): boolean {
  return (
    !isGoMachinery(name) &&
    !/[\\/](?:go|go1[\w.-]{0,20}|golang|libexec|GOROOT)[\\/]src[\\/]|[\\/]pkg[\\/]mod[\\/]|[\\/]vendor[\\/]/.test(file)
  );
}

/** Standard packages: they only call on, but may be all that there is. */
export function isGoLibrary(name: string): boolean {
  return isGoMachinery(name) && !GO_RUNTIME.test(name);
}

const GO_RUNTIME =
  /^(?:runtime|testing|reflect|syscall|internal|panic|created by)(?:[./(]|$)|^main\.(?:LLVMFuzzerTestOneInput|_cgoexp)/;

/** The runtime, standard packages that only call on, and the way from a fuzzer into Go. */
export function isGoMachinery(name: string): boolean {
  return /^main\.(?:LLVMFuzzerTestOneInput|_cgoexp)|^(?:runtime|testing|reflect|syscall|sync|internal|net\/http|net|bufio|io|os|fmt|sort|slices|strings|bytes|strconv|time|errors|context|log|encoding\/\w+|text\/template|html\/template|database\/sql|regexp|math\/\w+|math|bytes|crypto\/[\w/]+|panic|created by)(?:[./(]|$)/.test(
    name,
  );
}
