import type { Frame } from "@prunella/contract";
import { isOwnScript } from "./javascript.ts";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Firefox and Safari: `name@url:line:column`, newest call first, without a class line of their
 * own; Hermes and JavaScriptCore (`name@address at index.bundle`) print the same. Opera before 11
 * has `Line 12 of linked script url: In function name`, each with its source line below.
 */
export const browser: StackParser = { language: "javascript", hints: ["@", " script "], parse: parseBrowser };

const FRAME =
  /^\s{0,20}(.{0,400}?)@((?:[a-z][a-z+.-]{1,20}:|\/|[A-Za-z]:[\\/]|[\w.-]{1,100}[./]).{0,1400}?):(\d{1,9})(?::(\d{1,9}))?$/;
/** Safari leaves the `@` out where a function has no name. */
const NAMELESS =
  /^\s{0,20}((?:https?|file|app|capacitor|webpack(?:-internal)?):\/\/[^\s@]{1,1400}?|[\w.-]{1,100}\.(?:bundle|jsbundle|hbc)):(\d{1,9})(?::(\d{1,9}))?$/;
const OPERA =
  /^\s{0,20}Line (\d{1,9}) of (?:linked|inline#\d{1,6}|function|eval) script (?:in )?(\S{1,1400}?)(?:: In function (\S{1,200}))?$/;
const NATIVE = /^\s{0,20}(.{0,200}?)@?\[native code\]$/;
const EVALUATED = /^\s*(?:eval code|global code|module code)\s*$/;
const BARE = /^\s*(?:eval code|global code|module code|[\w$.]{1,80})?\s*$/;
const CLASS = /^(?:Uncaught (?:exception: )?)?([A-Za-z_$][\w$.]{0,120}(?:Error|Exception|Rejection)): ?(.*)$/;

function parseBrowser(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    if (!mayBeFrame(lines[i]!) || readFrame(lines[i]!) === null) continue;
    const isOpera = OPERA.test(lines[i]!);
    const frames: Frame[] = [];
    const first = isOpera ? i : evaluatedAbove(lines, i);
    let end = first;
    for (; end < lines.length; end++) {
      const line = lines[end]!;
      const each = readFrame(line);
      if (each !== null) frames.push(each);
      else if (end < i) frames.push(frame({ function: orNull(line), in_app: EVALUATED.test(line) ? false : null }));
      // Opera's source lines stand below their places; two of them end the stack.
      else if (isOpera ? readFrame(lines[end - 1]!) === null : !BARE.test(line)) break;
    }
    // Opera's places without one function name say less than its source lines do as a message.
    if (
      frames.some((each) => each.filename !== null && (!isOpera || frames.some((other) => other.function !== null)))
    ) {
      ownByEvaluator(frames);
      const said = CLASS.exec(lines[first - 1]?.trim() ?? "");
      const value = said === null ? orNull(first === 1 ? lines[0] : undefined) : orNull(said[2]);
      found = { errors: [errorValue(said?.[1] ?? null, value, frames.reverse())], line: end };
    }
    i = end;
  }
  return found;
}

/** Where Safari's frames of evaluated text begin: names alone, down to `eval code`. */
function evaluatedAbove(lines: readonly string[], at: number): number {
  let first = at;
  let isEvaluated = false;
  for (let i = at - 1; i >= Math.max(0, at - 20) && BARE.test(lines[i]!) && lines[i]!.trim() !== ""; i--) {
    isEvaluated ||= EVALUATED.test(lines[i]!);
    first = i;
  }
  return isEvaluated ? first : at;
}

/** Evaluated text belongs to the script that evaluated it: the next one below. */
function ownByEvaluator(frames: Frame[]): void {
  for (let i = frames.length - 2; i >= 0; i--) {
    const each = frames[i]!;
    const below = frames.slice(i + 1).find((other) => other.filename !== null);
    if (each.filename !== null || each.in_app === false || below === undefined) continue;
    each.filename = below.filename;
    each.in_app = below.in_app;
  }
}

function mayBeFrame(line: string): boolean {
  return line.includes("@") || line.includes("://") || line.includes("bundle:");
}

function readFrame(line: string): Frame | null {
  const native = NATIVE.exec(line);
  if (native !== null) return frame({ function: orNull(native[1]), in_app: false });
  const place = NAMELESS.exec(line) ?? null;
  if (place !== null) return placed(null, place[1]!, place[2]!, place[3]);
  const opera = OPERA.exec(line);
  if (opera !== null) return placed(opera[3] ?? null, opera[2]!, opera[1]!, undefined);
  const match = FRAME.exec(line);
  if (match === null) return null;
  let name = match[1]!
    .replace(/^Error created at /, "")
    .replace(/\([^()]{0,200}\)$/, "")
    .replace(/^<anonymous function(?:: ([^>]{0,100}))?>$/, "$1");
  let url = match[2]!;
  // `obj["@fn"]@https://…`: the pattern stops at the first @, a quoted one belongs to the name.
  const quoted = /^([^@]{0,100}"[^"]{0,100}"\])@(.+)$/.exec(`${name}@${url}`);
  if (quoted !== null) [name, url] = [quoted[1]!, quoted[2]!];
  // `file.js line 26 > eval:2:96` runs in evaluated text of file.js.
  const script = url.replace(/ line \d{1,9} > (?:eval|Function).*$/, "");
  // The top level of evaluated text is nobody's function.
  const isNobodys = script !== url && name === "";
  url = script;
  // Mail addresses and image digests have no place behind them, but a script or bundle has an ending or a scheme.
  if (!/[/.]/.test(url)) return null;
  const each = placed(orNull(name), url, match[3]!, match[4]);
  return isNobodys ? { ...each, in_app: false } : each;
}

function placed(name: string | null, url: string, line: string, column: string | undefined): Frame {
  return frame({
    function: name,
    filename: url,
    line: Number(line),
    column: column === undefined ? null : Number(column),
    in_app: isOwnScript(url),
  });
}
