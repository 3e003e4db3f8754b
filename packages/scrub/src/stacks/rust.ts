import type { Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Rust panics: `thread 'main' panicked at src/main.rs:2:5:` and the message on the next line
 * (since 1.73), before that `panicked at 'message', src/main.rs:2:5`. RUST_BACKTRACE adds numbered
 * frames, newest first, each with `at file:line:column` below. anyhow and eyre print
 * `Error: …`, `Caused by:` and the same frames.
 */
export const rust: StackParser = {
  language: "rust",
  hints: ["panicked at", "tack backtrace:", "Caused by:\n", "Location:\n", "━ BACKTRACE ━", "The application panicked"],
  parse: parseRust,
};

const PANIC = /^(?:thread '.{0,100}?'(?: \(\d{1,12}\))? )?(?:.{0,100}\s)?panicked at (.*)$/;
const PLACE = /^(.{1,600}?\.rs):(\d{1,9}):(\d{1,9}):?$/;
const OLD_END = /'?, ([^,]{1,400}\.rs):(\d{1,9}):(\d{1,9})$/;
const NUMBERED = /^\s{0,20}\d{1,6}:\s{1,20}(?:0x[0-9a-f]{1,16} - )?(.{1,1500})$/;
const AT = /^\s{4,60}at (.{1,1000}?):(\d{1,9})(?::(\d{1,9}))?$/;

function parseRust(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    const panic = PANIC.exec(lines[i]!);
    if (panic !== null) {
      const read = readPanic(lines, i, panic[1]!);
      if (read !== null) found = firstCause(found, read);
      i = Math.max(i, read === null ? i : read.line - 1);
    } else if (lines[i] === "The application panicked (crashed).") found = readEyrePanic(lines, i) ?? found;
    else if (lines[i]!.startsWith("Error:")) found = readReport(lines, i) ?? found;
  }
  return found;
}

/** A panic while panicking aborts, and joining a thread that panicked fails: what came first is the cause. */
function firstCause(before: Found | null, next: Found): Found {
  const isReport = before !== null && ONLY_REPORTS.test(next.errors[0]!.value ?? "");
  return isReport ? { errors: before.errors, line: next.line } : next;
}

const ONLY_REPORTS =
  /panic in a (?:destructor|function that cannot unwind)|\bAny \{ \.\. \}$|a scoped thread panicked|PoisonError \{/;

function readPanic(lines: readonly string[], at: number, text: string): Found | null {
  let place = text.startsWith("'") ? null : PLACE.exec(text);
  let said: string[] = [];
  let end = at + 1;
  const body = (): void => {
    for (; end < lines.length && end < at + 40; end++) {
      if (/^(?:note: |stack backtrace:|thread ')/.test(lines[end]!)) break;
      said.push(lines[end]!);
    }
  };
  if (place !== null) body();
  else {
    // The old form closes its quote, and names the place, behind the last line of the message.
    said = [text.replace(/^'/, "")];
    let old = OLD_END.exec(text);
    for (; old === null && end < lines.length && end < at + 12 && !lines[end]!.includes("panicked at "); end++) {
      said.push(lines[end]!);
      old = OLD_END.exec(lines[end]!);
    }
    if (old === null) return null;
    place = PLACE.exec(`${old[1]}:${old[2]}:${old[3]}`);
    said.push(said.pop()!.slice(0, -old[0].length));
  }
  const trace = readBacktrace(lines, end);
  const file = place?.[1] ?? null;
  const here = frame({
    filename: file,
    line: Number(place?.[2] ?? 0),
    column: Number(place?.[3] ?? 0),
    in_app: file !== null && isOwnFile(file),
  });
  const frames = trace?.frames.some((each) => each.in_app === true) ? trace.frames : [...(trace?.frames ?? []), here];
  return { errors: [errorValue("panic", orNull(said.join("\n")), frames)], line: trace?.end ?? end };
}

/** `Error: outer`, `Caused by:` with one or several reasons; the innermost is what happened. */
function readReport(lines: readonly string[], at: number): Found | null {
  const reasons: string[] = [];
  let end = at + 1;
  while (end < lines.length && end < at + 10 && lines[end]!.trim() !== "Caused by:") end++;
  const eyre = lines[at]!.trim() === "Error:" ? readEyre(lines, at) : null;
  if (eyre !== null) return eyre;
  if (lines[end]?.trim() !== "Caused by:") {
    const only = readBacktrace(lines, at + 1);
    return only === null
      ? null
      : { errors: [errorValue("Error", orNull(lines[at]!.slice(7)), only.frames)], line: only.end };
  }
  for (end++; end < lines.length && /^\s{2,}\S/.test(lines[end]!); end++)
    reasons.push(lines[end]!.trim().replace(/^\d{1,4}: /, ""));
  if (reasons.length === 0) return null;
  const trace = readBacktrace(lines, end);
  const said = [lines[at]!.slice(7), ...reasons].slice(0, 16).reverse();
  const errors = said.map((each, i) =>
    errorValue("Error", orNull(each), i === said.length - 1 ? (trace?.frames ?? []) : []),
  );
  return { errors, line: trace?.end ?? end };
}

/** color-eyre numbers what was said, the outermost first, and boxes its backtrace. */
function readEyre(lines: readonly string[], at: number): Found | null {
  const said: string[] = [];
  let end = at + 1;
  for (; end < lines.length && said.length < MAX_SAID; end++) {
    const each = /^\s{1,6}\d{1,3}: (.{1,1500})$/.exec(lines[end]!);
    if (each !== null) said.push(each[1]!);
    else if (lines[end]!.trim() === "") break;
    else if (said.length === 0) return null;
    else said.push(`${said.pop()!}\n${lines[end]!.trim()}`);
  }
  if (said.length === 0) return null;
  const place = lines.slice(end, end + 4).findIndex((line) => line.trim() === "Location:");
  const where = place < 0 ? null : /^\s*(.{1,600}?\.rs):(\d{1,9})/.exec(lines[end + place + 1] ?? "");
  if (where !== null) end += place + 2;
  const boxed = lines.slice(end, end + 12).findIndex((line) => /━ BACKTRACE ━/.test(line));
  const trace = boxed < 0 ? readBacktrace(lines, end) : readNumbered(lines, end + boxed + 1);
  const here =
    where === null ? [] : [frame({ filename: where[1]!, line: Number(where[2]), in_app: isOwnFile(where[1]!) })];
  const frames = trace?.frames.some((each) => each.in_app === true) ? trace.frames : here;
  const chain = said.reverse();
  return {
    errors: chain.map((each, i) => errorValue("Error", orNull(each), i === chain.length - 1 ? frames : [])),
    line: trace?.end ?? end,
  };
}

const MAX_SAID = 16;

/** color-eyre's hook says `Message:` and `Location:` of a panic, then boxes the backtrace. */
function readEyrePanic(lines: readonly string[], at: number): Found | null {
  const said = /^Message: {1,4}(.{0,1500})$/.exec(lines[at + 1] ?? "");
  if (said === null) return null;
  let end = at + 2;
  const message = [said[1]!];
  for (; end < lines.length && end < at + 20 && !lines[end]!.startsWith("Location: "); end++) message.push(lines[end]!);
  const where = /^Location: (.{1,600}?\.rs):(\d{1,9})/.exec(lines[end] ?? "");
  if (where === null) return null;
  const boxed = lines.slice(end, end + 12).findIndex((line) => /━ BACKTRACE ━/.test(line));
  const trace = boxed < 0 ? null : readNumbered(lines, end + boxed + 1);
  const here = frame({ filename: where[1]!, line: Number(where[2]), in_app: isOwnFile(where[1]!) });
  const frames = trace?.frames.some((each) => each.in_app === true) ? trace.frames : [here];
  return { errors: [errorValue("panic", orNull(message.join("\n")), frames)], line: trace?.end ?? end + 1 };
}

function readBacktrace(lines: readonly string[], from: number): { frames: Frame[]; end: number } | null {
  let at = from;
  while (at < lines.length && at < from + 40 && !/^\s*[Ss]tack backtrace:$/.test(lines[at]!)) {
    if (/panicked at/.test(lines[at]!)) return null;
    at++;
  }
  return at >= lines.length || at >= from + 40 ? null : readNumbered(lines, at + 1);
}

function readNumbered(lines: readonly string[], from: number): { frames: Frame[]; end: number } | null {
  const frames: Frame[] = [];
  let at = from;
  for (; at < lines.length; at++) {
    const call = NUMBERED.exec(lines[at]!);
    if (call === null) {
      if (/⋮ \d+ frames? hidden ⋮/.test(lines[at]!)) continue;
      break;
    }
    const place = AT.exec(lines[at + 1] ?? "");
    if (place !== null) at++;
    const name = call[1] === "<unknown>" ? call[1] : plainName(call[1]!);
    const file = place?.[1] ?? null;
    frames.push(
      frame({
        function: name === "<unknown>" ? null : name,
        filename: file,
        line: place === null ? null : Number(place[2]),
        column: place?.[3] === undefined ? null : Number(place[3]),
        in_app: !isRustMachinery(name) && (file === null || isOwnFile(file)),
      }),
    );
  }
  return frames.length === 0 ? null : { frames: frames.reverse(), end: at };
}

/** Without the hash at its end, and those that crates carry since the newer mangling: `core[9a4d9a4a8ab9b6e1]::…`. */
function plainName(name: string): string {
  return name.replace(/(?:::h[0-9a-f]{16}|<unknown>)$/, "").replace(/(?<=\w)\[[0-9a-f]{10,16}\](?=::|>)/g, "");
}

function isOwnFile(file: string): boolean {
  return !/^\/rustc\/|[\\/]\.cargo[\\/]|[\\/]rustlib[\\/]src[\\/]|^library[\\/]|^(?:\.\.\/)*csu\/|[\\/]sysdeps[\\/]|^\.{0,2}\/?nptl\//.test(
    file,
  );
}

/**
 * The panic machinery, the standard library, runtimes that only poll; not what a type of somebody's own does when it
 * is shown, dropped or compared: `<shop::Cart as core::ops::drop::Drop>::drop`. A place that an SDK took for a name.
 */
export function isRustMachinery(path: string): boolean {
  const name = path.includes("[") ? plainName(path) : path;
  return /^(?:<?(?:dyn |&|mut )*(?:core|std|alloc|backtrace|anyhow|eyre|color_eyre|tokio|futures(?:_\w+)?|rayon(?:_core)?|test|panic_unwind|proc_macro)::|<(?:core|alloc|std)::|<(?![a-z_]\w{0,60}::(?:\w{1,60}::){0,8}[A-Z]\w{0,60}(?:<[^{}]{0,100}>)? as (?:core|std|alloc)::(?!ops::function::)).{1,200} as (?:core|std|alloc|futures\w*|tokio|anyhow|eyre|color_eyre)::|at \/rustc\/|_{0,4}rust_|__rustc|rust_(?:begin_unwind|panic|eh_personality)|_+libc_start|_start$|__?main$|main$|start_thread$|clone3?$|__clone|__pthread|___?rust_try|_?_?GI_)/.test(
    name,
  );
}
