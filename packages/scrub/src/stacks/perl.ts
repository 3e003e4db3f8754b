import type { Frame } from "@prunella/contract";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Perl: `message at file.pl line 12.`, and with Carp lines of `\tmain::foo(1) called at file line 20`,
 * newest first. As in PHP a line names who was called and where from.
 */
export const perl: StackParser = { language: "perl", hints: [" line "], parse: parsePerl };

const DIED =
  /^(.{0,1200}?) at (\S{1,600}(?: \S{1,200}){0,4}?) line (\d{1,9})(?:, <\w{0,30}> (?:line|chunk) \d{1,12})?\.?$/;
const CALLED = /^\s{1,8}(?:eval \{\.\.\.\}|([\w:']{1,300})(?:\(.{0,1200}\))?) called at (.{1,600}?) line (\d{1,9})/;

function parsePerl(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i]!.includes(" line ") || /^\s/.test(lines[i]!) !== lines[i]!.startsWith(" at ")) continue;
    // A message that ends its own line is followed by ` at file line 3.` alone.
    const died = DIED.exec(lines[i]!);
    if (died === null || !isPerlFile(died[2]!)) continue;
    // A handler that confesses again prints its own stack below the first one.
    if (died[1]!.trim() === "" && CALLED.test(lines[i - 1] ?? "")) continue;
    const calls: { name: string | null; file: string; line: number }[] = [];
    let end = i + 1;
    for (; end < lines.length; end++) {
      const called = CALLED.exec(lines[end]!);
      if (called === null) break;
      calls.push({ name: called[1] ?? null, file: called[2]!, line: Number(called[3]) });
    }
    // A warning goes before the crash; only what has a stack, or stands last, ended the program.
    if (calls.length === 0 && lines.slice(end).some((line) => line.includes(" called at "))) continue;
    found = {
      errors: [errorValue("die", orNull(died[1]) ?? orNull(lines[i - 1]), framesOf(died[2]!, Number(died[3]), calls))],
      line: end,
    };
    i = end - 1;
  }
  return found;
}

function framesOf(
  file: string,
  line: number,
  calls: readonly { name: string | null; file: string; line: number }[],
): Frame[] {
  const frames: Frame[] = [];
  let place = { file, line };
  for (const [i, call] of calls.entries()) {
    // `eval {…}` is a block inside its function; a nameless one on top is the handler of `die` itself.
    if (call.name !== null && !(i === 0 && call.name.endsWith("__ANON__") && calls.length > 1))
      frames.push(frameOf(call.name, place));
    place = { file: call.file, line: call.line };
  }
  frames.push(frameOf(null, place));
  return frames.reverse();
}

function frameOf(name: string | null, { file, line }: { file: string; line: number }): Frame {
  const foreign =
    /[\\/](?:perl5?|site_perl|vendor_perl)[\\/]/.test(file) || /^(?:Carp|Try::Tiny|Moose|Test::\w+)::/.test(name ?? "");
  return frame({ function: name, filename: file, line, in_app: !foreign });
}

function isPerlFile(file: string): boolean {
  return /\.(?:p[lm]|t|cgi|psgi)$|^-e$|^\(eval \d{1,9}\)$|^(?:\.{0,2}\/)?(?:[\w.-]{1,80}\/){1,30}[\w-]{1,80}$/.test(
    file,
  );
}
