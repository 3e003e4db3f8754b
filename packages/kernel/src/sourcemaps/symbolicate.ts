import { isIgnored, originalPositionFor, type TraceMap } from "@jridgewell/trace-mapping";
import type { ErrorValue, Event, Frame } from "@prunella/contract";
import { enclosingFunction } from "./enclosing-function.ts";

/** Lines shown before and after, as SDKs send for code that was not built. */
const CONTEXT_LINES = 5;
/** A source may itself be one long line. */
const MAX_LINE = 512;
/** A function this far into a source is not looked for: one event may ask for hundreds. */
const MAX_SCAN = 200_000;

/**
 * The event with each frame of a built file where it was written: function, file, line, column and the
 * source around it. What no map knows stays as it came. Pure; `mapFor` says which map a file has.
 */
export function symbolicate(event: Event, mapFor: (filename: string) => TraceMap | null): Event {
  let isChanged = false;
  const errors = event.errors.map((error): ErrorValue => {
    const frames = mapFrames(error.frames, mapFor);
    if (frames === error.frames) return error;
    isChanged = true;
    return { ...error, frames };
  });
  return isChanged ? { ...event, errors } : event;
}

function mapFrames(frames: Frame[], mapFor: (filename: string) => TraceMap | null): Frame[] {
  let isChanged = false;
  // The name that stands where the frame before it calls: what minifiers renamed is found there.
  let called: string | null = null;
  const mapped = frames.map((frame) => {
    const calledHere = called;
    called = null;
    const place = frame.filename === null ? null : placeOf(frame, mapFor(frame.filename));
    if (place === null) return frame;
    isChanged = true;
    called = place.name;
    return {
      ...frame,
      function: functionName(frame.function, calledHere, place),
      // Names the built file, which is no longer spoken of.
      module: null,
      filename: place.source,
      line: place.line,
      column: place.column,
      in_app: place.isForeign ? false : frame.in_app,
      ...place.context,
    };
  });
  return isChanged ? mapped : frames;
}

/**
 * What the caller called; else what the source around the place says. A name that a minifier made up is
 * worse than none: it changes with every build and would split the fault.
 */
function functionName(built: string | null, called: string | null, { enclosing, content }: Place): string | null {
  const name = built?.split(/[.\s]/).at(-1) ?? null;
  if (called !== null) return name === called ? built : called;
  const around = enclosing();
  if (around !== null) return around.split(".").at(-1) === name ? built : around;
  return content === null || (name !== null && name.length > 2 && content.includes(name)) ? built : null;
}

interface Place {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly name: string | null;
  readonly isForeign: boolean;
  /** Of the function around it, as the source says; null when it does not. */
  readonly enclosing: () => string | null;
  readonly content: string | null;
  readonly context: Pick<Frame, "context_line" | "pre_context" | "post_context">;
}

/** SDKs count lines and columns from 1, maps count columns from 0. */
function placeOf(frame: Frame, map: TraceMap | null): Place | null {
  if (map === null || frame.line === null || frame.line < 1 || frame.column === null) return null;
  const found = originalPositionFor(map, { line: frame.line, column: Math.max(0, frame.column - 1) });
  // A map may point at sources and lines that it does not have.
  if (typeof found.source !== "string" || found.source === "" || found.line < 1 || found.column < 0) return null;
  const { source, line, column, name } = found;
  const content = map.sourcesContent?.[map.resolvedSources.indexOf(source)] ?? null;
  const starts = content === null ? [] : lineStarts(map, source, content);
  const start = starts[line - 1];
  return {
    source,
    line,
    column: column + 1,
    name: typeof name === "string" && name !== "" ? name.slice(0, MAX_LINE) : null,
    isForeign: /(?:^|\/)node_modules\//.test(source) || isIgnored(map, source),
    enclosing: () =>
      content === null || start === undefined ? null : enclosingOf(map, source, content, start + column),
    content,
    context: content === null || start === undefined ? NO_CONTEXT : contextOf(content, starts, line - 1),
  };
}

const NO_CONTEXT = { context_line: null, pre_context: [], post_context: [] };

function contextOf(content: string, starts: readonly number[], at: number): Place["context"] {
  const lineAt = (index: number): string => {
    const start = starts[index] ?? 0;
    const end = (starts[index + 1] ?? content.length + 1) - 1;
    return content.slice(start, Math.min(end, start + MAX_LINE)).replace(/\r$/, "");
  };
  const range = (from: number, to: number): string[] => {
    const lines: string[] = [];
    for (let index = Math.max(0, from); index < Math.min(to, starts.length); index += 1) lines.push(lineAt(index));
    return lines;
  };
  return {
    context_line: lineAt(at),
    pre_context: range(at - CONTEXT_LINES, at),
    post_context: range(at + 1, at + 1 + CONTEXT_LINES),
  };
}

/** One crash comes a thousand times: what was found once is remembered with its map. */
const ENCLOSING = new WeakMap<TraceMap, Map<string, string | null>>();
const MAX_REMEMBERED = 1_000;

function enclosingOf(map: TraceMap, source: string, content: string, offset: number): string | null {
  if (offset > MAX_SCAN) return null;
  let ofMap = ENCLOSING.get(map);
  if (ofMap === undefined) ENCLOSING.set(map, (ofMap = new Map()));
  const key = `${offset} ${source}`;
  const known = ofMap.get(key);
  if (known !== undefined) return known;
  if (ofMap.size >= MAX_REMEMBERED) ofMap.clear();
  const found = enclosingFunction(content, offset);
  ofMap.set(key, found);
  return found;
}

/** Where each line of a source begins; goes with its map. */
const STARTS = new WeakMap<TraceMap, Map<string, readonly number[]>>();

function lineStarts(map: TraceMap, source: string, content: string): readonly number[] {
  let ofMap = STARTS.get(map);
  if (ofMap === undefined) STARTS.set(map, (ofMap = new Map()));
  let starts = ofMap.get(source);
  if (starts === undefined) {
    const found = [0];
    for (let at = content.indexOf("\n"); at !== -1; at = content.indexOf("\n", at + 1)) found.push(at + 1);
    ofMap.set(source, (starts = found));
  }
  return starts;
}
