import type { Frame } from "@prunella/contract";
import { errorValue, frame, MAX_FRAMES, orNull, type Found, type Language, type StackParser } from "./stack.ts";

type Form = {
  readonly language: Language;
  readonly hints: readonly string[];
  /** Named groups `type` and `value`. */
  readonly head: RegExp;
  /** Named groups `name`, `file` and `line`. */
  readonly frame: RegExp;
  /** Lines among the frames that are none. */
  readonly between: RegExp;
  /** Where the newest frame stands; Nim's is the last one, above the head. */
  readonly newest: "first" | "last above";
  /** Files of the language itself. */
  readonly foreign: RegExp;
};

/** Languages whose stacks one pattern for the head and one for a frame tell. */
const FORMS: readonly Form[] = [
  {
    // `thread 4711 panic: …`, `/srv/quay.zig:4:13: 0x1034b1c in moor (quay)`, then the source line and a caret.
    language: "zig",
    hints: [".zig:"],
    head: /^(?:thread \d{1,10} )?(?<type>panic): (?<value>.{1,600})$|^error: (?<error>[A-Z]\w{1,80})$/,
    frame:
      /^(?<file>\S.{0,600}?\.zig):(?<line>\d{1,9}):\d{1,6}: 0x[0-9a-f]{1,16} in (?<name>\S{1,300})(?: \(.{0,200}\))?$/,
    between: /^(?:\s.{0,600}|)$/,
    newest: "first",
    foreign: /[\\/]lib[\\/](?:zig[\\/])?std[\\/]|^\?\?\?/,
  },
  {
    // `Unhandled exception: … (IndexError)`, `  from src/quay.cr:4:3 in 'moor'`.
    language: "crystal",
    hints: [".cr:"],
    head: /^Unhandled exception(?: in spawn(?:\(name: .{0,100}\))?)?: (?<value>.{0,600}?) \((?<type>(?:[A-Z]\w{0,80}(?:::)?){1,8})\)$/,
    frame: /^ {2}from (?<file>\S.{0,600}?\.cr):(?<line>\d{1,9}):\d{1,6} in '(?<name>.{1,300})'$/,
    between: /^ {2}from /,
    newest: "first",
    foreign: /[\\/]crystal(?:-[\d.]{1,12})?[\\/]|(?:^|[\\/])lib[\\/]/,
  },
  {
    // `ERROR: LoadError: BoundsError: …`, `Stacktrace:`, ` [3] moor(v::…)`, `   @ Main /srv/quay.jl:4`.
    language: "julia",
    hints: ["Stacktrace:"],
    head: /^(?:.{0,200}ERROR: |┌ Error: |│ {1,4}exception = )(?:(?:LoadError|InitError|TaskFailedException|nested task error): ){0,3}(?:(?<type>[A-Z]\w{0,80}(?:Error|Exception))(?:\(.{0,200}\))?: ?)?(?<value>.{0,600})$/,
    frame:
      /^\s{0,6}\[\d{1,4}\] (?<name>.{1,600}?)(?: @ (?:\S{1,80} )?(?<file>\S{1,400}):(?<line>\d{1,9})(?: \[inlined\])?)?$/,
    between: /^Stacktrace:$|^\s{1,8}@ |^\s{0,8}\.\.\. |^(?:│.{0,600}|)$/,
    newest: "first",
    foreign: /^\.\/|[\\/](?:stdlib|julia)[\\/]|[\\/]\.julia[\\/]packages[\\/]/,
  },
  {
    // `/srv/quay.nim(4) moor` oldest first, then `Error: unhandled exception: … [IndexDefect]`.
    language: "nim",
    hints: ["Error: unhandled exception: "],
    head: /^Error: unhandled exception: (?<value>.{0,600}?) \[(?<type>[A-Z]\w{1,80})\]$/,
    frame: /^(?<file>\S.{0,600}?\.nim)\((?<line>\d{1,9})\) +(?<name>\S{1,300})$/,
    between: /^(?:\[\[|\]\]|Traceback \(most recent call last)/,
    newest: "last above",
    foreign: /[\\/]lib[\\/](?:nim[\\/]|system[\\/]|pure[\\/])|[\\/]nim[\\/]lib[\\/]/,
  },
  {
    // `quay: Prelude.head: empty list`, `CallStack (from HasCallStack):`, `  moor, called at app/Main.hs:9:12 in main:Main`.
    language: "haskell",
    hints: ["CallStack (from HasCallStack):"],
    head: /^(?:[\w.-]{1,80}: )?(?<value>.{1,600})$/,
    frame: /^ {2}(?<name>\S{1,200}), called at (?<file>\S{1,400}):(?<line>\d{1,9}):\d{1,6} in \S{1,200}$/,
    between: /^CallStack \(from HasCallStack\):$/,
    newest: "first",
    foreign: /^libraries\/|[\\/]ghc-/,
  },
];

export const byPattern: readonly StackParser[] = FORMS.map((form) => ({
  language: form.language,
  hints: form.hints,
  parse: (lines) => (form.newest === "first" ? headFirst(form, lines) : headLast(form, lines)),
}));

function headFirst(form: Form, lines: readonly string[]): Found | null {
  const first = lines.findIndex((line) => form.frame.test(line));
  let at = first - 1;
  while (at >= 0 && form.between.test(lines[at]!)) at--;
  const said = at < 0 ? null : form.head.exec(lines[at]!);
  if (said === null) return null;
  const frames: Frame[] = [];
  let end = first;
  for (; end < lines.length && frames.length < MAX_FRAMES; end++) {
    const match = form.frame.exec(lines[end]!);
    if (match !== null)
      frames.push(frameOf(form, match, /^\s{1,8}@ (?:\S{1,80} )?(\S{1,400}):(\d{1,9})/.exec(lines[end + 1] ?? "")));
    else if (!form.between.test(lines[end]!)) break;
  }
  return found(said, frames.reverse(), end);
}

function headLast(form: Form, lines: readonly string[]): Found | null {
  const at = lines.findLastIndex((line) => form.head.test(line));
  const said = at < 0 ? null : form.head.exec(lines[at]!);
  if (said === null) return null;
  const frames: Frame[] = [];
  for (let i = at - 1; i >= 0; i--) {
    const match = form.frame.exec(lines[i]!);
    if (match !== null) frames.unshift(frameOf(form, match, null));
    else if (!form.between.test(lines[i]!)) break;
  }
  return found(said, frames, at + 1);
}

function found({ groups }: RegExpExecArray, frames: Frame[], line: number): Found {
  return {
    errors: [errorValue(groups?.["type"] ?? groups?.["error"] ?? "error", orNull(groups?.["value"]), frames)],
    line,
  };
}

/** `below`: the place where it stands under the name. */
function frameOf(form: Form, { groups }: RegExpExecArray, below: RegExpExecArray | null): Frame {
  const file = groups?.["file"] ?? below?.[1] ?? null;
  const line = groups?.["line"] ?? below?.[2];
  const name = groups?.["name"] ?? null;
  return frame({
    function: name?.replace(/\(.{0,600}$/, "") ?? null,
    filename: file,
    line: line === undefined ? null : Number(line),
    in_app: file !== null && !form.foreign.test(file) && name !== "top-level scope",
  });
}
