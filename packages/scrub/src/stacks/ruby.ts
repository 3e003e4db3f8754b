import type { ErrorValue, Frame } from "@prunella/contract";
import { errorValue, frame, MAX_ERRORS, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Ruby: `file:line:in 'Foo#bar': message (Class)`, then `\tfrom file:line:in 'baz'`, newest first.
 * Before 3.4 the opening quote is a backtick and the class is missing in the name. Causes follow
 * in the same shape; 2.5 to 2.7 print to a terminal the other way round, numbered.
 */
export const ruby: StackParser = {
  language: "ruby",
  hints: [":in `", ":in '"],
  parse: parseRuby,
};

const FRAME = /^\s{0,10}(?:\d{1,6}: )?(?:from )?(.{1,1000}?):(\d{1,9}):in [`'](.{1,300}?)'$/;
const THROWN = /^(.{1,1000}?):(\d{1,9}):in [`'](.{1,300}?)': (.*)$/;
const CLASS = /^(.*?) ?\(([A-Z][\w:]{0,150})\)$/;

function parseRuby(lines: readonly string[]): Found | null {
  let chain: ErrorValue[] = [];
  let line = 0;
  for (let i = 0; i < lines.length; i++) {
    const thrown = THROWN.exec(lines[i]!);
    if (thrown === null) continue;
    const said = readMessage(lines, i, thrown[4]!);
    if (said === null) continue;
    const frames = [frameOf(thrown)];
    let end = said.end;
    for (; end < lines.length; end++) {
      const called = /^\s/.test(lines[end]!) ? FRAME.exec(lines[end]!) : null;
      if (called !== null) frames.push(frameOf(called));
      else if (!/^\s{1,10}\.{3} \d{1,9} levels/.test(lines[end]!)) break;
    }
    // The other way round: numbered frames stand above, oldest first.
    for (let up = i - 1; frames.length === 1 && up >= 0 && up > i - 300; up--) {
      const called = /^\s{1,10}\d{1,6}: from /.test(lines[up]!) ? FRAME.exec(lines[up]!) : null;
      if (called === null) break;
      frames.push(frameOf(called));
    }
    const error = errorValue(said.type, said.value, frames.reverse());
    // A cause follows its effect at once; anything between starts a new report.
    chain = chain.length > 0 && line === i && chain.length < MAX_ERRORS ? [error, ...chain] : [error];
    line = end;
    i = end - 1;
  }
  return chain.length === 0 ? null : { errors: chain, line };
}

function readMessage(
  lines: readonly string[],
  at: number,
  first: string,
): { type: string | null; value: string | null; end: number } | null {
  const typed = CLASS.exec(first);
  if (typed !== null) {
    let end = at + 1;
    // More lines of the message, error_highlight and did_you_mean among them.
    while (end < lines.length && end < at + 12 && !FRAME.test(lines[end]!) && !THROWN.test(lines[end]!)) end++;
    const goesOn = end < lines.length && FRAME.test(lines[end]!) && /^\s/.test(lines[end]!);
    return { type: typed[2]!, value: orNull(typed[1]), end: goesOn ? end : at + 1 };
  }
  // `message` in several lines carries the class at the end of its first; `unhandled exception` has none.
  return first.endsWith("unhandled exception") ? { type: "RuntimeError", value: null, end: at + 1 } : null;
}

function frameOf(match: RegExpExecArray): Frame {
  const file = match[1]!;
  return frame({
    function: match[3]!,
    filename: file,
    line: Number(match[2]),
    in_app:
      !/[\\/]gems[\\/]|[\\/]lib[\\/]ruby[\\/]|^<internal:|[\\/]rubygems[\\/]|[\\/]bin[\\/](?:rails|rake|bundle|puma|rspec)$/.test(
        file,
      ),
  });
}
