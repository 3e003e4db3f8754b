import type { Frame } from "@prunella/contract";
import { scrubString } from "../faces/scrub-text.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";
import { isDotnetMachinery } from "../stacks/dotnet.ts";
import { isGoLibrary, isGoMachinery } from "../stacks/go.ts";
import { isJvmMachinery } from "../stacks/java.ts";
import { isNativeLibrary, isNativeMachinery } from "../stacks/native-noise.ts";
import { isRustMachinery } from "../stacks/rust.ts";
import { isSdk } from "./v1-sdk.ts";
import { cleanClass, cleanFile, cleanFunction } from "./v1-names.ts";

/** Frames looked at per error; deeper ones only ever repeat. */
const MAX_LOOKED_AT = 250;
/** Longest cycle of calls that collapses (`a b c a b c` is one round). */
const MAX_CYCLE = 6;

type ReadFrame = DeepReadonly<Frame>;

/** True for `? · app.js`: such a frame names a place only together with what was said there. */
export function isNameless(line: string): boolean {
  return line.startsWith("? · ") || line.startsWith("<module> · ");
}

/** One line for each frame that counts, crash first, at most `max`; empty when none says anything. */
export function cleanFrames(frames: readonly ReadFrame[], max: number): string[] {
  const cleaned: string[] = [];
  for (const { line } of chooseFrames(frames)) {
    if (line === null) continue;
    cleaned.push(line);
    dropCycle(cleaned);
    if (cleaned.length >= max + MAX_CYCLE) break;
  }
  return cleaned.slice(0, max);
}

/** The functions that go round, in fixed order: where a stack was full when it overflowed is chance. */
export function recursion(frames: readonly ReadFrame[]): string[] {
  const times = new Map<string, number>();
  let looked = 0;
  for (const { line } of chooseFrames(frames)) {
    if (line !== null) times.set(line, (times.get(line) ?? 0) + 1);
    if (++looked >= 60) break;
  }
  return [...times]
    .filter(([, count]) => count > 1)
    .map(([line]) => line)
    .sort()
    .slice(0, MAX_CYCLE);
}

/**
 * A kernel's frames, crash first. Its parser knows the machinery, and libc's `write` and `poll` have
 * nothing to do with a kernel's. Symbols are one of a kind; whether files stand beside them depends on
 * who decoded the log.
 */
export function kernelFrames(frames: readonly ReadFrame[], max: number): string[] {
  const lines: string[] = [];
  for (let i = frames.length - 1; i >= 0 && lines.length < max; i--) {
    const { function: name, in_app } = frames[i]!;
    if (name !== null && in_app !== false) lines.push(cleanFunction(scrubString(name, ignore)));
  }
  return lines;
}

/** The frame where it crashed as a person would say it: own code first, never the machinery of failing. */
export function crashFrame(frames: readonly ReadFrame[]): ReadFrame | null {
  for (const { frame, line } of chooseFrames(frames)) if (line !== null) return frame;
  return null;
}

/**
 * Newest first: own code when there is some; else everything but the runtime, machinery and SDKs, which
 * never decide; else the standard packages of Go. Read one by one, for most stacks are deeper than anybody looks.
 */
function* chooseFrames(frames: readonly ReadFrame[]): Generator<Chosen> {
  const oldest = Math.max(0, frames.length - MAX_LOOKED_AT);
  let isOwn = false;
  for (const own of [true, false]) {
    if (isOwn) return;
    for (let i = frames.length - 1; i >= oldest; i--) {
      const frame = frames[i]!;
      if ((frame.in_app === true) !== own) continue;
      const { line, machinery } = lineOf(frame);
      if (machinery) continue;
      isOwn = own;
      yield { frame, line };
    }
  }
  for (let i = frames.length - 1; !isOwn && i >= oldest; i--) {
    const { line, machinery } = lineOf(frames[i]!);
    if (machinery && line !== null) yield { frame: frames[i]!, line };
  }
}

type Chosen = { frame: ReadFrame; line: string | null };
/** Machinery with a line speaks where nothing else does. */
type Line = { line: string | null; machinery: boolean };

/** The same frames come with every event of a fault. Only text that holds nothing to scrub is kept. */
const known = new Map<string, Line>();

function lineOf({ function: name, filename, module, column }: ReadFrame): Line {
  const place = name === null && column !== null && filename !== null && filename.endsWith(".rs") ? `:${column}` : "";
  // Names may hold anything, so only lengths keep two frames from looking like one.
  const key = `${name === null ? -1 : name.length} ${filename === null ? -1 : filename.length} ${name}${filename}${module}${place}`;
  const there = known.get(key);
  if (there !== undefined) return there;
  const safe = [name, filename, module].map((text) => (text === null ? null : scrubString(text, ignore)));
  const line = readLine(safe[0]!, safe[1]!, safe[2]!, place);
  if (safe[0] === name && safe[1] === filename && safe[2] === module && key.length <= 700) {
    if (known.size >= 8192) known.clear();
    known.set(key, line);
  }
  return line;
}

function readLine(name: string | null, path: string | null, module: string | null, place: string): Line {
  const filename = path === null ? null : path.replace(/[?#].{0,600}$/, "");
  const family = familyOf(name, filename, module);
  if (isSdk(name, filename, module)) return { line: null, machinery: true };
  if (isMachinery(family, name, filename, module)) {
    const spare = family === "go" && name !== null && isGoLibrary(name);
    return { line: spare ? cleanFunction(name) : null, machinery: true };
  }
  const call = name === null ? "?" : cleanFunction(name).replace(/\s+/g, " ");
  if (family === "jvm" || family === "dotnet") {
    if (/^access\$\d{1,5}$/.test(name ?? "")) return { line: null, machinery: true };
    return {
      line: module === null ? (call === "?" ? null : call) : owned(cleanClass(module), call).replace(ASYNC_STATE, ""),
      machinery: false,
    };
  }
  const file =
    filename === null ? (module === null ? "" : module.slice(0, 200)) : cleanFile(filename).replace(/\s+/g, " ");
  if (call === "?") {
    // An address inside a program or library: the offset moves, and the rest says nothing.
    const names = family === "native" ? /\.(?:c|cc|cpp|cxx|h|hh|hpp|m|mm|rs|swift|go|s|S)$/.test(file) : file !== "";
    // Without a backtrace Rust names a file, a line and a column. Lines move with every change above; columns of two places differ.
    return { line: names ? `? · ${file}${place}` : null, machinery: false };
  }
  // A qualified name is enough; the file of inlined or generic code depends on the build.
  const qualified =
    family === "go" || (family === "native" && (!/\.(?:c|cc|cpp|cxx|h|hpp|m|mm)$/.test(file) || call.includes("::")));
  return { line: qualified ? call : `${call} · ${file}`, machinery: false };
}

/** `Shop.Feed.pull` of a frame in `Shop.Feed` names its module already; SDKs write the module as the BEAM does, `Elixir.Shop.Feed`. */
export function owned(module: string, call: string): string {
  const owner = module.startsWith("Elixir.") ? module.slice(7) : module;
  return owner === "" || call.startsWith(`${owner}.`) ? call : `${owner}.${call}`;
}

/** C# runs an async method as the `MoveNext` of a class of its own. */
const ASYNC_STATE = /\.MoveNext$/;

type Family = "jvm" | "dotnet" | "go" | "native" | "script";

function familyOf(name: string | null, filename: string | null, module: string | null): Family {
  const dot = filename === null ? -1 : filename.lastIndexOf(".");
  const ending = dot < 0 ? "" : filename!.slice(dot + 1, dot + 10);
  if (/^(?:java|kt|kts|scala|groovy|clj|cljc)$/.test(ending)) return module === null ? "script" : "jvm";
  if (/^(?:cs|fs|vb|razor)$/.test(ending)) return module === null ? "script" : "dotnet";
  if (ending === "go") return "go";
  if (/^(?:rs|c|cc|cpp|cxx|c\+\+|h|hh|hpp|m|mm|s|S|so|dylib|dll|exe|DLL|swift|inc|0|\d{1,3})$/.test(ending))
    return "native";
  if (filename === null && module !== null && /^[\w$]+(?:[.$+][\w$<>`]+)+$/.test(module))
    return isDotnetMachinery(`${module}.`) ? "dotnet" : "jvm";
  if (
    /^(?:js|mjs|cjs|ts|tsx|jsx|py|rb|php|lua|pl|pm|ex|exs|erl|dart|vue|svelte|erb|haml|slim|jbuilder|builder|rake|rabl)$/.test(
      ending,
    )
  )
    return "script";
  if (name !== null && /^(?:main|[\w.-]+\/[\w./-]+)\.[(\w]/.test(name) && filename === null) return "go";
  return filename === null || !/[./\\]/.test(filename) || /^\/|^[A-Za-z]:\\|^[\w./-]+$/.test(filename)
    ? "native"
    : "script";
}

function isMachinery(family: Family, name: string | null, filename: string | null, module: string | null): boolean {
  if (family === "jvm")
    return (
      module !== null &&
      (isJvmMachinery(module) || /^(?:GeneratedMethodAccessor|GeneratedConstructorAccessor)/.test(module))
    );
  if (family === "dotnet") return module !== null && isDotnetMachinery(`${module}.`);
  if (family === "go") return name !== null && isGoMachinery(name);
  if (family === "native") {
    if (filename !== null && /^(?:native$|node:|internal\/|<)/.test(filename)) return true;
    return (
      (name !== null && (isNativeMachinery(name) || (name !== "main" && isRustMachinery(name)))) ||
      (filename !== null && isNativeLibrary(filename))
    );
  }
  return (
    filename !== null &&
    /^(?:node:|internal\/|native$|<anonymous>$|<frozen |<internal:|ext:|bun:|deno:|dart:|\[native code\]|chrome-extension:|moz-extension:|safari-(?:web-)?extension:)/.test(
      filename,
    )
  );
}

/** Recursion: what just repeated, alone or as a cycle of calls, counts once. */
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
