import type { Frame } from "@prunella/contract";
import { scrubString } from "../faces/scrub-text.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";

/** Frames looked at per error; deeper ones only ever repeat. */
const MAX_LOOKED_AT = 250;
/** Frames of one error that count, from the crash end. */
const TOP = 8;
/** Longest cycle of calls that collapses (`a b c a b c` is one round). */
const MAX_CYCLE = 4;
/** With so many lines, no later cycle reaches back into the ones that count. */
const ENOUGH = TOP + MAX_CYCLE;

/** True for `? · app.js`: such a frame names a place only together with what was said there. */
export function isNameless(line: string): boolean {
  return line.startsWith("? · ") || line.startsWith("<module> · ");
}

/** `function · file` of the frames that count, crash first; empty when none says anything. */
export function cleanFrames(frames: readonly DeepReadonly<Frame>[]): string[] {
  const chosen = chooseFrames(frames);
  const cleaned: string[] = [];
  for (let i = chosen.length - 1; i >= 0; i--) {
    const line = cleanFrame(chosen[i]!);
    if (line === null) continue;
    cleaned.push(line);
    dropCycle(cleaned);
    if (cleaned.length >= ENOUGH) break;
  }
  return cleaned.slice(0, TOP);
}

/** Own code when there is some; else everything but the runtime and SDKs, which never decide. */
function chooseFrames(frames: readonly DeepReadonly<Frame>[]): DeepReadonly<Frame>[] {
  const recent = frames.slice(-MAX_LOOKED_AT).filter((each) => !isSdk(each));
  const own = recent.filter((each) => each.in_app === true);
  return own.length > 0 ? own : recent.filter((each) => !isRuntime(each));
}

function isSdk({ filename, module }: DeepReadonly<Frame>): boolean {
  return (
    (filename !== null &&
      /[\\/]node_modules[\\/](?:\.pnpm[\\/])?@sentry(?:-internal)?[\\/+]|[\\/]sentry_sdk[\\/]/.test(filename)) ||
    (module !== null && /^(?:@sentry[./]|sentry_sdk(?:\.|$))/.test(module))
  );
}

function isRuntime({ filename }: DeepReadonly<Frame>): boolean {
  return filename !== null && /^(?:node:|internal\/|native$|<anonymous>$|<frozen |ext:|bun:|deno:)/.test(filename);
}

function cleanFrame({ function: name, filename, module }: DeepReadonly<Frame>): string | null {
  const file =
    filename === null
      ? module === null
        ? ""
        : remembered(files, module, (text) => text.slice(0, 200))
      : remembered(files, filename, cleanFile);
  const call = name === null ? "?" : remembered(functions, name, cleanFunction);
  return call === "?" && file === "" ? null : `${call} · ${file}`;
}

/** The same frames come with every event of a fault. Only text that holds nothing to scrub is kept. */
const files = new Map<string, string>();
const functions = new Map<string, string>();

function remembered(memory: Map<string, string>, raw: string, clean: (text: string) => string): string {
  const there = memory.get(raw);
  if (there !== undefined) return there;
  const safe = scrubString(raw, ignore);
  const cleaned = clean(safe).replace(/\s+/g, " ");
  if (safe === raw && raw.length <= 300) {
    if (memory.size >= 4096) memory.clear();
    memory.set(raw, cleaned);
  }
  return cleaned;
}

/** Without how it was called: `async Object.foo [as bar]` is `foo`; nameless ones are `?`. */
function cleanFunction(name: string): string {
  let short = name.slice(0, 300).replace(/\s+/g, " ").trim();
  short = short.replace(/^(?:(?:async|new|bound|get|set) )+/, "").replace(/ \[as [^\]]{0,200}\]$/, "");
  short = short.replace(
    /^(?:(?:Object|Module|Function|exports|module\.exports|null|undefined|global|globalThis|Window)\.)+/,
    "",
  );
  // Bundlers and minifiers number equal names: `foo$1`, `foo$$2`.
  short = short.replace(/\$+\d{1,4}$/, "");
  if (
    short === "" ||
    /(?:^|\.)(?:\?|<anonymous>|\(anonymous\)|anonymous|<computed>|<lambda>|<listcomp>|<dictcomp>|<setcomp>|<genexpr>)$/.test(
      short,
    )
  ) {
    const scope = /^(.+?)\.(?:<locals>\.)?<(?:lambda|listcomp|dictcomp|setcomp|genexpr)>$/.exec(short);
    return scope === null ? "?" : `${scope[1]!}.?`;
  }
  return short;
}

/** The last part of the path, without query, build hash or version. */
function cleanFile(filename: string): string {
  let file = filename.slice(-600).replace(/[?#].*$/, "");
  file = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  // `main.3f2a9c1b.js`, `chunk-8FA2K1QZ.mjs`, `index-BqT4x9_k.js`: a hash has a digit; a word may not.
  file = file.replace(
    /[.\-_~](?=[A-Za-z_]{0,39}\d)(?:[0-9a-f]{6,40}|[A-Z0-9]{8,10}|(?=[a-z0-9_]{0,12}[A-Z])[A-Za-z0-9_]{8,12}|[A-Za-z0-9]{20,40})(?=\.[A-Za-z]{1,5}(?:\.[A-Za-z]{1,5})?$)/,
    "",
  );
  // `app-1.4.2.js`
  file = file.replace(/[-_.@]v?\d{1,6}(?:\.\d{1,6}){1,3}(?=\.[A-Za-z]{1,5}$)/, "");
  return file.slice(0, 200);
}

/** Recursion: what just repeated, alone or as a cycle of up to four calls, counts once. */
function dropCycle(lines: string[]): void {
  for (let length = 1; length <= MAX_CYCLE; length++) {
    const from = lines.length - 2 * length;
    if (from < 0) return;
    let equal = true;
    for (let i = 0; equal && i < length; i++) equal = lines[from + i] === lines[from + length + i];
    if (equal) {
      lines.length -= length;
      return;
    }
  }
}

function ignore(): void {}
