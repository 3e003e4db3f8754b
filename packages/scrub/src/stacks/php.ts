import type { ErrorValue, Frame } from "@prunella/contract";
import { withoutMonolog } from "./monolog.ts";
import { errorValue, frame, MAX_ERRORS, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * PHP: `Fatal error: Uncaught Class: message in file:line`, `Stack trace:`, `#0 file(line): fn()`,
 * newest first, `{main}`; `Next Class: …` continues with the exception that wrapped it. A frame
 * names who was called and where from, so the place of the throw belongs to the function of #0.
 */
export const php: StackParser = {
  language: "php",
  hints: ["Stack trace:", "PHP ", " on line ", "[object] ("],
  parse: parsePhp,
};

/** The message may say `in` too; what follows the last one is a path. */
const HEADER =
  /^(?:(?:PHP )?(?:Fatal error|Recoverable fatal error|Warning): {1,3})?(?:Uncaught |Next |\[\w{1,40}\] )?(?:exception )?'?([A-Z_][\w\\]{0,200})'?(?:: | with message ')(.*?)'? in ((?:\/|[A-Za-z]:[\\/]|[a-z]{2,12}:\/\/|\[REDACTED).{0,1000}?|[^\s:]{1,400}):(\d{1,9})$/;
const PLAIN =
  /^(?:PHP )?(Fatal error|Parse error|Recoverable fatal error|Warning|Notice|Deprecated): {1,3}(.*?) in (.{1,1000}?) on line (\d{1,9})$/;
const FRAME = /^#\d{1,6} (?:(.{1,1000}?)\((\d{1,9})\)|\[internal function\]): (.{1,1500})$/;

function parsePhp(printed: readonly string[]): Found | null {
  const lines = withoutMonolog(printed);
  let errors: ErrorValue[] = [];
  let line = 0;
  for (let i = 0; i < lines.length; i++) {
    const at = lines[i]!.trim();
    if (at === "Stack trace:" || at === "PHP Stack trace:") {
      const header = headerAbove(lines, i);
      const { calls, end } = readCalls(lines, i + 1);
      if (header === null) continue;
      const error = errorValue(header.type, header.value, framesOf(header, calls));
      errors = header.next && errors.length < MAX_ERRORS ? [...errors, error] : [error];
      line = end;
      i = end - 1;
      continue;
    }
    const plain = PLAIN.exec(at);
    if (plain === null || plain[2]!.startsWith("Uncaught ")) continue;
    errors = [errorValue(plain[1]!, orNull(plain[2]), [place(plain[3]!, Number(plain[4]), null)])];
    line = i + 1;
  }
  return errors.length === 0 ? null : { errors, line: line + printed.length - lines.length };
}

type Header = { type: string; value: string | null; file: string; line: number; next: boolean };

function headerAbove(lines: readonly string[], at: number): Header | null {
  // A message may have several lines; together they end in the place.
  let said = "";
  for (let i = at - 1; i >= 0 && i >= at - 12; i--) {
    said = said === "" ? lines[i]!.trim() : `${lines[i]!.trim()} ${said}`;
    const match = HEADER.exec(said);
    if (match === null) continue;
    return {
      type: match[1]!.slice(match[1]!.lastIndexOf("\\") + 1),
      value: orNull(match[2]),
      file: match[3]!,
      line: Number(match[4]),
      next: said.startsWith("Next "),
    };
  }
  return null;
}

type Call = { file: string | null; line: number | null; name: string };

function readCalls(lines: readonly string[], from: number): { calls: Call[]; end: number } {
  const calls: Call[] = [];
  let end = from;
  for (; end < lines.length; end++) {
    const match = FRAME.exec(lines[end]!.trim());
    if (match === null) break;
    calls.push({
      file: match[1] ?? null,
      line: match[2] === undefined ? null : Number(match[2]),
      name: match[3]!.replace(/\(.*$/s, "").replace(/^(?:require|include)(?:_once)?$/, ""),
    });
  }
  while (end < lines.length && /^\s*(?:#\d{1,6} \{main\}|thrown in .*)$/.test(lines[end]!)) end++;
  return { calls, end };
}

function framesOf(header: Header, calls: readonly Call[]): Frame[] {
  const frames: Frame[] = [];
  let file: string | null = header.file;
  let line: number | null = header.line;
  for (const [i, call] of calls.entries()) {
    const each = place(file, line, call.name);
    // What PHP itself throws stands at the place that called it.
    if (i === 0 && call.file === file && call.line === line) each.in_app = false;
    frames.push(each);
    ({ file, line } = call);
  }
  frames.push(place(file, line, null));
  return frames.reverse();
}

function place(file: string | null, line: number | null, name: string | null): Frame {
  return frame({
    // A file's own top level has no name.
    function: name === "" ? null : name,
    filename: file,
    line,
    in_app: file !== null && !/[\\/]vendor[\\/]|^phar:\/\//.test(file),
  });
}
