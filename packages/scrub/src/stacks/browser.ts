import type { Frame } from "@prunella/contract";
import { isOwnScript } from "./javascript.ts";
import { errorValue, frame, orNull, type Found, type StackParser } from "./stack.ts";

/**
 * Firefox and Safari: `name@url:line:column`, newest call first, without a class line of their
 * own; Hermes and JavaScriptCore (`name@address at index.bundle`) print the same.
 */
export const browser: StackParser = { language: "javascript", hints: ["@"], parse: parseBrowser };

const FRAME =
  /^\s{0,20}(.{0,400}?)@((?:[a-z][a-z+.-]{1,20}:|\/|[A-Za-z]:[\\/]|[\w.-]{1,100}[./]).{0,1400}?):(\d{1,9})(?::(\d{1,9}))?$/;
const NATIVE = /^\s{0,20}(.{0,200}?)@?\[native code\]$/;
const CLASS = /^(?:Uncaught (?:exception: )?)?([A-Za-z_$][\w$.]{0,120}(?:Error|Exception|Rejection)): ?(.*)$/;

function parseBrowser(lines: readonly string[]): Found | null {
  let found: Found | null = null;
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i]!.includes("@") || readFrame(lines[i]!) === null) continue;
    const frames: Frame[] = [];
    let end = i;
    for (; end < lines.length; end++) {
      const each = readFrame(lines[end]!);
      if (each !== null) frames.push(each);
      else if (!/^\s*(?:eval code|global code|module code|[\w$.]{1,80})?\s*$/.test(lines[end]!)) break;
    }
    if (frames.some((each) => each.filename !== null)) {
      const said = CLASS.exec(lines[i - 1]?.trim() ?? "");
      const value = said === null ? orNull(i === 1 ? lines[0] : undefined) : orNull(said[2]);
      found = { errors: [errorValue(said?.[1] ?? null, value, frames.reverse())], line: end };
    }
    i = end;
  }
  return found;
}

function readFrame(line: string): Frame | null {
  const native = NATIVE.exec(line);
  if (native !== null) return frame({ function: orNull(native[1]), in_app: false });
  const match = FRAME.exec(line);
  if (match === null) return null;
  let name = match[1]!.replace(/\([^()]{0,200}\)$/, "").replace(/^<anonymous function(?:: ([^>]{0,100}))?>$/, "$1");
  let url = match[2]!;
  // `obj["@fn"]@https://…`: the pattern stops at the first @, a quoted one belongs to the name.
  const quoted = /^([^@]{0,100}"[^"]{0,100}"\])@(.+)$/.exec(`${name}@${url}`);
  if (quoted !== null) [name, url] = [quoted[1]!, quoted[2]!];
  // `file.js line 26 > eval:2:96` runs in evaluated text of file.js.
  url = url.replace(/ line \d{1,9} > (?:eval|Function).*$/, "");
  // Mail addresses and image digests have no place behind them, but a script or bundle has an ending or a scheme.
  if (!/[/.]/.test(url)) return null;
  return frame({
    function: orNull(name),
    filename: url,
    line: Number(match[3]),
    column: match[4] === undefined ? null : Number(match[4]),
    in_app: isOwnScript(url),
  });
}
