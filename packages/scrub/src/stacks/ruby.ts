import type { ErrorValue, Frame } from "@prunella/contract";
import { errorValue, frame, MAX_ERRORS, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Ruby: `file:line:in 'Foo#bar': message (Class)`, then `\tfrom file:line:in 'baz'`, newest first.
 * Before 3.4 the opening quote is a backtick and the class is missing in the name. Causes follow
 * in the same shape; 2.5 to 2.7 print to a terminal the other way round, numbered. Rails and other
 * loggers write `Class (message):`, then frames without `from`, then `Causes:` in the same shape.
 */
export const ruby: StackParser = {
  language: "ruby",
  hints: [":in `", ":in '", ".erb:", ".haml:", ".slim:"],
  parse: parseRuby,
};

/** Exported for what Ruby prints of its own crash. */
export const FRAME = /^\s{0,10}(?:\d{1,6}: )?(?:from )?(.{1,1000}?):(\d{1,9}):in [`'](.{1,300}?)'$/;
const THROWN = /^(.{1,1000}?):(\d{1,9}):in [`'](.{1,300}?)': (.*)$/;
const CLASS = /^(.*?) ?\(([A-Z][\w:]{0,150})\)$/;
/** `ActionView::Template::Error (undefined local …):`, maybe behind words of a job runner; a message of several lines closes on a later one. */
const LOGGED = /^(?:\s{0,4}|.{0,400}?(?:ms|\)|\]): )((?:[A-Z]\w{0,80}::){0,8}[A-Z]\w{0,80}) \((.{0,1500})$/;
/** `RuntimeError: message`, maybe behind words of a job runner. */
const NAMED =
  /^(?:.{0,200}[\s:])?((?:[A-Z]\w{0,80}::){0,8}[A-Z]\w{0,80}(?:Error|Exception|Invalid|NotFound|Timeout|Failed|Rejected|Interrupt|Exit)): ?(.*)$/;
/** Rails names no function for the top level of a template. */
const TEMPLATE = /^([\w./@-]{1,600}\.(?:erb|haml|slim|rb|builder|jbuilder|rake)):(\d{1,9})$/;
/** Lines between the class and the first frame: the message goes on, and a template's source is shown. */
const MAX_HEAD = 24;

function parseRuby(lines: readonly string[]): Found | null {
  let chain: ErrorValue[] = [];
  let line = 0;
  for (let i = 0; i < lines.length; i++) {
    const thrown = THROWN.exec(lines[i]!);
    if (thrown === null) {
      const logged = isLoggedFrame(lines[i]!) ? readLogged(lines, i, line) : null;
      if (logged === null) continue;
      if (logged.error === null) {
        // Frames that nobody said anything above are not read again.
        i = logged.end - 1;
        continue;
      }
      // What Rails lists under `Causes:` follows its effect.
      if (logged.isCause && chain.length === 0) chain = logged.effect === null ? [] : [logged.effect];
      chain =
        logged.isCause && chain.length > 0 && chain.length < MAX_ERRORS ? [logged.error, ...chain] : [logged.error];
      line = logged.end;
      i = logged.end - 1;
      continue;
    }
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
    const error = errorValue(said.type, said.value, withoutCore(frames).reverse());
    // A cause follows its effect at once; anything between starts a new report.
    chain = chain.length > 0 && line === i && chain.length < MAX_ERRORS ? [error, ...chain] : [error];
    line = end;
    i = end - 1;
  }
  return chain.length === 0 ? null : { errors: chain, line };
}

function isLoggedFrame(line: string): boolean {
  return line.includes(":in ") ? FRAME.test(bareFrame(line)) : line.startsWith("app/") && TEMPLATE.test(line);
}

/** Rails' own formatter and job runners may leave a level or a bullet before a frame. */
function bareFrame(line: string): string {
  return line.replace(/^\s{0,12}(?:(?:WARN|ERROR|FATAL|INFO): |[↳*#-] )?/, "");
}

/** A stack without `from`, and the class above it. */
function readLogged(
  lines: readonly string[],
  at: number,
  oldest: number,
): { error: ErrorValue | null; end: number; isCause: boolean; effect: ErrorValue | null } {
  const frames: Frame[] = [];
  let end = at;
  for (; end < lines.length && end < at + 400; end++) {
    const called = FRAME.exec(bareFrame(lines[end]!));
    const nameless = called === null ? TEMPLATE.exec(bareFrame(lines[end]!)) : null;
    if (called !== null) frames.push(frameOf(called));
    else if (nameless !== null) frames.push(frame({ filename: nameless[1]!, line: Number(nameless[2]), in_app: true }));
    else break;
  }
  let head: { type: string; value: string | null; at: number } | null = null;
  for (let i = at - 1; i >= Math.max(oldest, at - MAX_HEAD) && head === null; i--) {
    // Frames the other way round: what was thrown stands below them.
    if (lines[i]!.startsWith("Traceback (most recent call last)")) break;
    // RSpec names the example, shows its line, and says below what was expected.
    if (/^\s{2,10}Failure\/Error: /.test(lines[i]!)) {
      const said = lines
        .slice(i + 1, at)
        .map((each) => each.trim())
        .filter((each) => each !== "");
      head = { type: "Failure", value: said.join(" ") || lines[i]!.trim(), at: i };
      break;
    }
    const logged = LOGGED.exec(lines[i]!);
    const shown = /#<((?:[A-Z]\w{0,80}::){0,8}[A-Z]\w{0,80}): (.{0,1500})>$/.exec(lines[i]!);
    const named = logged === null ? (shown ?? NAMED.exec(lines[i]!.trim())) : null;
    if (logged !== null) {
      const said = [logged[2]!, ...lines.slice(i + 1, at)].join("\n");
      // The bracket that closes the message ends a line, with a colon or without.
      const close = said.search(/\):?\s*(?:\n|$)/);
      if (close >= 0) head = { type: logged[1]!, value: said.slice(0, close), at: i };
    } else if (i === at - 1 && CLASS.test(lines[i]!)) {
      // Ruby's Logger: `message (Class)`.
      const [, value, type] = CLASS.exec(lines[i]!)!;
      head = { type: type!, value: value!.replace(/^Error reached top of middleware stack: /, ""), at: i };
    } else if (named !== null) head = { type: named[1]!, value: named[2]!, at: i };
  }
  if (head === null) return { error: null, end, isCause: false, effect: null };
  const isCause = lines.slice(Math.max(oldest, head.at - 3), head.at).some((each) => /^\s*Causes:\s*$/.test(each));
  const error = errorValue(head.type, orNull(head.value ?? ""), withoutCore(frames).reverse());
  return { error, end, isCause, effect: isCause ? effectAbove(lines, oldest, head.at) : null };
}

/** Rails shows one stack below an error and its causes, so the error itself has none. */
function effectAbove(lines: readonly string[], oldest: number, cause: number): ErrorValue | null {
  for (let i = cause - 1; i >= Math.max(oldest, cause - MAX_HEAD); i--) {
    const logged = LOGGED.exec(lines[i]!);
    if (logged !== null) return errorValue(logged[1]!, orNull(logged[2]!.replace(/\):?\s*$/, "")), []);
  }
  return null;
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

/** Ruby's own classes, as names carry them since 3.4. */
const CORE =
  /^(?:Kernel|BasicObject|Array|Hash|Integer|Float|String|Symbol|Enumerable|Enumerator|Range|Proc|Method|Class|Module|Thread|Fiber|Mutex|Monitor|IO|File|Dir|Struct|Set|NilClass|Comparable|Process|Time|Random|Rational|Complex|Regexp|MatchData|ObjectSpace|Marshal)[#.]/;
const BUILT_IN =
  /^(?:[A-Z][a-z]{2,10}|each\w{0,14}|map|flat_map|collect|select|filter\w{0,5}|reject|times|loop|upto|downto|step|fetch|call|tap|then|yield_self|inject|reduce|sum|sort\w{0,4}|(?:min|max|group|sort)_by|find\w{0,6}|detect|any\?|all\?|none\?|zip|transform_\w{1,8}|instance_(?:eval|exec)|class_(?:eval|exec)|module_eval|(?:public_)?send|__send__|require\w{0,9}|load|synchronize|open|catch|throw|new|initialize|[-+*/%<>=!\]~^&|[]{1,3}|to_\w{1,4}|sleep|join|pop|shift|dig|sub|gsub|match\??|raise|exit|abort|eval|binding|method_missing)$/;

/** A method that Ruby itself has in C stands at the place of its caller, and is nobody's own. Newest first. */
export function withoutCore(frames: Frame[]): Frame[] {
  for (const [i, each] of frames.entries()) {
    const caller = frames[i + 1];
    const name = each.function ?? "";
    const isThere = caller !== undefined && caller.filename === each.filename && caller.line === each.line;
    if (CORE.test(name) || (isThere && BUILT_IN.test(name))) each.in_app = false;
  }
  return frames;
}

export function frameOf(match: RegExpExecArray): Frame {
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
