import type { Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Dart: `Unhandled exception:`, the message, then `#0      Foo.bar (package:app/foo.dart:12:3)`,
 * newest first, `<asynchronous suspension>` in between. Flutter puts a box around it.
 */
export const dart: StackParser = { language: "dart", hints: [".dart", "(dart:"], parse: parseDart };

const FRAME =
  /^\s{0,10}#\d{1,6} {1,12}(.{1,400}?) \(((?:package:|dart:|file:\/\/|\.{0,2}\/)?.{1,600}?\.dart|dart:[\w/.-]{1,200})(?::(\d{1,9}))?(?::(\d{1,9}))?\)$/;
const CLASS =
  /^(?:Unhandled [Ee]xception: ?|.{0,60}: Unhandled Exception: |Uncaught (?:exception: )?)?((?:_?[A-Z]\w{0,80}(?:Error|Exception|Failure))(?: \([\w ]{1,60}\))?|RangeError \(\w{1,20}\)|Bad state|Invalid argument\(s\)|Null check operator used on a null value|Exception)(?:: (.*))?$/;

const TYPE_ERROR =
  /^(?:.{0,120}[\s:])?(?:_(?:Type|Cast)Error(?::? \(?|: ))?((?:type '.{1,400}' is not a subtype of type '.{1,400}?'.{0,100}?|Null check operator used on a null value))\)?$/;

function parseDart(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  let from = 0;
  for (let i = 0; i < lines.length; i++) {
    if (!FRAME.test(lines[i]!)) continue;
    const frames: Frame[] = [];
    let end = i;
    for (; end < lines.length; end++) {
      const match = FRAME.exec(lines[end]!);
      if (match !== null) frames.push(frameOf(match));
      else if (!/^\s*(?:<asynchronous suspension>|\(elided \d.*|\.{3} .*|)$/.test(lines[end]!)) break;
    }
    found = { errors: [headed(lines, from, i, frames.reverse())], line: end };
    from = end;
    i = end - 1;
  }
  return found;
}

function frameOf(match: RegExpExecArray): Frame {
  const file = match[2]!;
  return frame({
    function: match[1]!,
    filename: file,
    line: match[3] === undefined ? null : Number(match[3]),
    column: match[4] === undefined ? null : Number(match[4]),
    in_app:
      !/^dart:|^package:(?:flutter|flutter_test|test|test_api|stack_trace|async|sentry\w*|zone\w*)\/|[\\/]\.pub-cache[\\/]/.test(
        file,
      ),
  });
}

function headed(lines: readonly string[], from: number, first: number, frames: Frame[]) {
  let fallback: string | null = null;
  for (let i = first - 1; i >= Math.max(from, first - 20); i--) {
    const line = lines[i]!.trim();
    const boxed = /^The following (.{1,120}?) (?:was thrown|object was thrown)/.exec(line);
    if (boxed !== null) {
      const type = boxed[1]!.replace(/ object$/, "");
      const said = lines.slice(i + 1, first).find((each) => each.trim() !== "" && !each.trim().endsWith(":"));
      return errorValue(type === "assertion" ? "AssertionError" : type, orNull(said), frames);
    }
    // The VM says what a failed cast was without naming its class; a debugger and trackers name it.
    const cast = TYPE_ERROR.exec(line);
    if (cast !== null) return errorValue("_TypeError", orNull(cast[1]), frames);
    const match = CLASS.exec(line);
    if (match !== null) return errorValue(match[1]!, orNull(match[2]), frames);
    if (line !== "" && !/^(?:When the exception|Unhandled exception:$)/i.test(line)) fallback ??= line;
  }
  return errorValue(null, fallback?.replace(/^.{0,60}Unhandled Exception: /, "") ?? null, frames);
}
