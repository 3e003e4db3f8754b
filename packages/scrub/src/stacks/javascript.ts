import type { ErrorValue, Frame } from "@prunella/contract";
import { errorValue, frame, MAX_ERRORS, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * V8 stacks as Node, Deno, Chrome and Bun print them: `Type: message` and lines of `    at …`,
 * newest call first. An uncaught error has the place and the source line in front, causes and
 * members of an AggregateError stand nested behind, as `[cause]: …` and `[errors]: [ … ]`.
 */
export const javascript: StackParser = { language: "javascript", hints: ["at ", "^"], parse: parseJavascript };

type Block = { header: Header; frames: Frame[]; nested: boolean; start: number; end: number };
type Header = { type: string | null; value: string | null; place: Frame | null };

/** Behind the last frame Node opens the error's own properties (` {`) or goes on in a list (`,`). */
const AT = /^\s*at (\S.*?)(?: \{|,)?$/;
const CLASS =
  /^(?:(?:error: )?Uncaught (?:\(in promise\) )?|\(node:\d+\) )?([A-Za-z_$][\w$.]{0,120})(?: \[([\w-]{1,80})\])?(?:: (.*))?$/;
/** The same behind anything: `⨯ TypeError: …`, `Failed to start: Error: …`. The first class of a line is the error's. */
const LATER_CLASS =
  /(?:^|[^\w$.@/\\-])((?:[A-Za-z_$][\w$]{0,80}\.){0,4}(?:[A-Z][\w$]{0,100})?(?:Error|Exception))(?: \[([\w-]{1,80})\])?: (.*)$/;
/** Words of whoever caught the error last; a class behind them is the error's own. */
const CAUGHT = /^(?:Unhandled\w{0,30}|[uU]ncaught\w{0,20}|unhandled\w{0,20}|Exception)$/;
const NESTED = /^\s*(?:\[(?:cause|errors|error|suppressed)\]|cause|errors|reason):? ?\[?\s*/;

function parseJavascript(lines: readonly string[]): Found | null {
  const blocks: Block[] = [];
  let headerFrom = 0;
  for (let i = 0; i < lines.length; i++) {
    if (!isFrameLine(lines[i]!)) continue;
    const header = findHeader(lines, headerFrom, i);
    const frames: Frame[] = [];
    let end = i;
    for (; end < lines.length; end++) {
      const at = AT.exec(lines[end]!);
      if (at !== null) {
        const parsed = parseFrame(at[1]!);
        if (parsed !== null) frames.push(parsed);
      } else if (!/^\s*\.\.\. \d+ (?:lines|more)/.test(lines[end]!)) break;
    }
    // Edge says only `eval code` of evaluated text; it belongs to the script below, which evaluated it.
    for (let at = frames.length - 2; at >= 0; at--)
      if (frames[at]!.filename === "eval code") {
        frames[at]!.filename = frames[at + 1]!.filename;
        // The top level of evaluated text is nobody's function.
        frames[at]!.in_app =
          frames[at]!.function === "eval code" ? false : isOwnScript(frames[at]!.filename ?? "eval at ");
      }
    frames.reverse();
    // Node adds where an error was emitted; what it is and where it was made stands above.
    const before = blocks.at(-1);
    if (before !== undefined && header.value.value?.startsWith("Emitted 'error' event") === true) before.end = end;
    else blocks.push({ header: header.value, frames, nested: header.nested, start: i, end });
    headerFrom = end;
    i = end - 1;
  }
  const place = thrownWithoutStack(lines, headerFrom);
  if (place !== null) return place;
  if (blocks.length === 0) return null;
  const last = Math.max(
    0,
    blocks.findLastIndex((block) => !block.nested),
  );
  const chain = blocks.slice(last, last + MAX_ERRORS);
  const outer = chain[0]!.nested ? stacklessAbove(lines, chain[0]!.start) : null;
  const errors = chain.map(({ header, frames }) => {
    // A SyntaxError's frames are all Node's own; the place in front is what broke.
    const own =
      header.place !== null && frames.every((each) => each.in_app === false) ? [...frames, header.place] : frames;
    return errorValue(header.type, header.value, own);
  });
  if (outer !== null) errors.unshift(outer);
  return { errors: errors.reverse(), line: chain[chain.length - 1]!.end };
}

/** `[AggregateError: All promises were rejected] {` has no frames of its own; what it holds stands nested below. */
function stacklessAbove(lines: readonly string[], start: number): ErrorValue | null {
  for (let i = start - 1; i >= Math.max(0, start - 30); i--) {
    const match = /^(?:Uncaught )?\[?([A-Za-z_$][\w$.]{0,120})(?: \[[\w-]{1,80}\])?(?:: (.*?))?\]? \{$/.exec(lines[i]!);
    if (match !== null && looksLikeClass(match[1]!)) return errorValue(match[1]!, orNull(match[2]), []);
  }
  return null;
}

function isFrameLine(line: string): boolean {
  const at = AT.exec(line);
  return at !== null && parseFrame(at[1]!) !== null;
}

/** The class line stands above the frames, behind it maybe more lines of the message. */
function findHeader(lines: readonly string[], from: number, firstFrame: number): { value: Header; nested: boolean } {
  const oldest = Math.max(from, firstFrame - 30);
  // Deno shows the source line and a caret between the class and the frames.
  const last = isCaret(lines[firstFrame - 1]) && firstFrame - 3 >= oldest ? firstFrame - 3 : firstFrame - 1;
  const goesOn = last === firstFrame - 1 ? firstFrame : last + 1;
  let fallback = -1;
  let later = -1;
  for (let i = last; i >= oldest; i--) {
    const line = lines[i]!;
    if (isCaret(line)) break;
    // Members of an AggregateError stand indented in their list.
    const nested =
      NESTED.test(line) ||
      /^\s*\[errors\]: \[$/.test(lines[i - 1] ?? "") ||
      (from > 0 && /^\s/.test(line) && !/^\s?[^\w\s]/.test(line));
    const bare = line.replace(NESTED, "").trim();
    let match = CLASS.exec(bare);
    if (match !== null && !looksLikeClass(match[1]!)) match = null;
    // Directly above the frames stands the error's own line, whatever is in front of its class.
    if (match === null && i === last) match = LATER_CLASS.exec(bare);
    if (match !== null) {
      const panic = match[1] === "Error" && match[3] === undefined ? panicAbove(lines, oldest, i) : null;
      return { value: panic ?? readHeader(match, lines, from, i, goesOn), nested };
    }
    if (later < 0 && LATER_CLASS.test(bare)) later = i;
    if (fallback < 0 && bare !== "") fallback = i;
  }
  const match = later < 0 ? null : LATER_CLASS.exec(lines[later]!.replace(NESTED, "").trim());
  if (match !== null) return { value: readHeader(match, lines, from, later, goesOn), nested: false };
  // A test runner names the test, says what was wrong, and shows the source above the frames.
  const test = lines.slice(oldest, firstFrame).findLastIndex((each) => /^\s{0,4}● \S/.test(each));
  const below = test < 0 ? undefined : lines.slice(oldest + test + 1, firstFrame).find((each) => each.trim() !== "");
  const line = below?.trim() ?? (fallback < 0 ? null : lines[fallback]!.trim());
  return { value: { type: null, value: line, place: null }, nested: false };
}

/** A panic of Rust in WebAssembly: its hook prints what was said, `Stack:`, and an error made for its frames. */
function panicAbove(lines: readonly string[], oldest: number, error: number): Header | null {
  const stack = lines.findLastIndex((line, i) => i < error && i >= error - 3 && line.trim() === "Stack:");
  const at = lines.findLastIndex((line, i) => i < stack && i >= oldest && /\bpanicked at /.test(line));
  if (stack < 0 || at < 0) return null;
  const said = lines
    .slice(at + 1, stack)
    .join("\n")
    .trim();
  return { type: "panic", value: said === "" ? lines[at]!.trim() : said, place: null };
}

/** `quay.wasm.quay::moor::h1a2b…`: the module in front is the file's. */
const WASM = /^[\w-]{1,100}\.wasm\.(?=\S)/;
const WASM_MACHINERY =
  /^(?:imports\.wbg\.|__wbg_|console_error_panic_hook::|core::|std::|alloc::|rust_|__rust_|wasm_bindgen)/;

function isCaret(line: string | undefined): boolean {
  return line !== undefined && /^\s*\^+\s*$/.test(line);
}

function readHeader(
  match: RegExpExecArray,
  lines: readonly string[],
  from: number,
  at: number,
  firstFrame: number,
): Header {
  // Of a DOMException its name is the class: `DOMException [AbortError]: …`.
  let type = match[1] === "DOMException" && match[2] !== undefined ? match[2] : match[1]!;
  let first = match[3] ?? "";
  for (let round = 0; round < 3 && CAUGHT.test(type); round++) {
    const inner = CLASS.exec(first) ?? LATER_CLASS.exec(first);
    if (inner === null || !/(?:Error|Exception)$/.test(inner[1]!)) break;
    [type, first] = [inner[1]!, inner[3] ?? ""];
  }
  const value = [first, ...lines.slice(at + 1, firstFrame)].join("\n").trim();
  const said = /The promise rejected with the reason "([\s\S]*)"\.?$/.exec(value)?.[1] ?? value;
  return { type, value: said === "" ? null : said, place: placeAbove(lines, from, at) };
}

function looksLikeClass(name: string): boolean {
  return (
    /(?:Error|Exception|Rejection|Warning|Failure|Fault|Abort|Timeout)\d?$/.test(name) ||
    /^(?:[a-z_$][\w$]*\.)*[A-Z][A-Za-z0-9_$]*[a-z][A-Za-z0-9_$]*$/.test(name)
  );
}

const PLACE = /^((?:file:\/\/|node:|[A-Za-z]:[\\/]|\.{0,2}[\\/])[^:]{1,500}):(\d{1,9})$/;

/** `/srv/app.js:12`, the source line and a caret, as Node prints them before an uncaught error. */
function placeAbove(lines: readonly string[], from: number, header: number): Frame | null {
  for (let i = header - 1; i >= Math.max(from, header - 6); i--) {
    const match = PLACE.exec(lines[i]!);
    if (match === null) continue;
    const filename = stripScheme(match[1]!);
    return frame({
      filename,
      line: Number(match[2]),
      in_app: isOwnScript(filename),
      context_line: lines[i + 1] === "" ? null : (lines[i + 1] ?? null),
    });
  }
  return null;
}

/** `throw "text"` has no stack: the place, the source line, the caret, then what was thrown. */
function thrownWithoutStack(lines: readonly string[], from: number): Found | null {
  for (let i = lines.length - 1; i >= from; i--) {
    if (!/^\s*\^+\s*$/.test(lines[i]!)) continue;
    let at = i + 1;
    while (at < lines.length && lines[at]!.trim() === "") at++;
    const place = placeAbove(lines, from, i + 1);
    if (at >= lines.length || place === null) return null;
    const thrown = lines[at]!.trim();
    const match = /^\[?([A-Za-z_$][\w$.]{0,120})(?: \[[\w-]{1,80}\])?: (.*?)\]?(?: \{)?$/.exec(thrown);
    const typed = match !== null && looksLikeClass(match[1]!);
    const frames = place.in_app === true ? [place] : [];
    return { errors: [errorValue(typed ? match[1]! : null, typed ? match[2]! : thrown, frames)], line: at };
  }
  return null;
}

function parseFrame(text: string): Frame | null {
  // A JVM frame, `a.b.C.m(C.java:12)`, has neither the blank nor two numbers. React Native leaves the blank out.
  const named = text.includes(" (")
    ? /^(.{0,400}?) \((.{0,1500})\)$/.exec(text)
    : /^([^\s(]{1,200})\(([^()]{1,1400}:\d{1,9}:\d{1,9})\)$/.exec(text);
  const place = named === null ? text.replace(/^async /, "") : named[2]!;
  const name = named === null ? null : named[1]!.replace(/^async /, "").replace(WASM, "");
  if (place === "native" || place === "<anonymous>" || /^index \d+$/.test(place)) {
    return named === null
      ? null
      : frame({ function: name, filename: place.startsWith("index") ? null : place, in_app: false });
  }
  // `eval at f (eval at g (file:1:2)), <anonymous>:3:4`: evaluated text has no place of its own; it belongs to who evaluated it.
  if (place.startsWith("eval at ")) {
    const site = /\(([^()\s]{1,600}):(\d{1,9}):(\d{1,9})\)/.exec(place);
    if (site !== null && site[1] !== "<anonymous>") {
      const filename = stripScheme(site[1]!);
      return frame({
        function: name,
        filename,
        line: Number(site[2]),
        in_app: name !== "eval" && isOwnScript(filename),
      });
    }
  }
  const wasm = /^wasm:\/\/.{1,600}?:wasm-function\[\d{1,9}\]:0x[0-9a-f]{1,16}$/.test(place);
  if (wasm && name !== null) return frame({ function: name, in_app: !WASM_MACHINERY.test(name) });
  const position = /^(.{1,1400}?):(\d{1,9}):(\d{1,9})$/.exec(place) ?? /^(.{1,1400}?):(\d{1,9})$/.exec(place);
  if (position === null) return null;
  const filename = stripScheme(position[1]!);
  // Rust and Swift print `at file:line:column` below a frame.
  if (/\.(?:rs|swift|dart|go|c|cc|cpp)$/.test(filename)) return null;
  if (named === null && /\s/.test(filename) && !/^(?:\/|[A-Za-z]:[\\/])/.test(filename)) return null;
  return frame({
    function: name === "" ? null : name,
    filename,
    line: Number(position[2]),
    column: position[3] === undefined ? null : Number(position[3]),
    in_app: isOwnScript(filename) && !(name !== null && WASM_MACHINERY.test(name)),
  });
}

function stripScheme(filename: string): string {
  const path = filename.replace(/^file:\/\/(?=\/)/, "");
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}

/** Neither the runtime nor a dependency. */
export function isOwnScript(filename: string): boolean {
  return (
    !/^(?:node:|internal\/|ext:|bun:|deno:|native$|<anonymous>|eval at )/.test(filename) &&
    !/[\\/]node_modules[\\/]/.test(filename)
  );
}
