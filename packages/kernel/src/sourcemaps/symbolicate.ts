import { isIgnored, originalPositionFor, type TraceMap } from "@jridgewell/trace-mapping";
import type { ErrorValue, Event, Frame } from "@prunella/contract";

/** Lines shown before and after, as SDKs send for code that was not built. */
const CONTEXT_LINES = 5;
/** A source may itself be one long line. */
const MAX_LINE = 512;

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
      function: functionName(frame.function, calledHere),
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

/** `Cart.n` called as `charge` is `Cart.charge` no longer: the class was renamed too, so only what is known stays. */
function functionName(minified: string | null, called: string | null): string | null {
  if (called === null) return minified;
  return minified !== null && minified.split(/[.\s]/).at(-1) === called ? minified : called;
}

interface Place {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly name: string | null;
  readonly isForeign: boolean;
  readonly context: Pick<Frame, "context_line" | "pre_context" | "post_context">;
}

/** SDKs count lines and columns from 1, maps count columns from 0. */
function placeOf(frame: Frame, map: TraceMap | null): Place | null {
  if (map === null || frame.line === null || frame.line < 1 || frame.column === null) return null;
  const found = originalPositionFor(map, { line: frame.line, column: Math.max(0, frame.column - 1) });
  // A map may point at sources and lines that it does not have.
  if (typeof found.source !== "string" || found.source === "" || found.line < 1 || found.column < 0) return null;
  const { source, line, column, name } = found;
  return {
    source,
    line,
    column: column + 1,
    name: typeof name === "string" && name !== "" ? name.slice(0, MAX_LINE) : null,
    isForeign: /(?:^|\/)node_modules\//.test(source) || isIgnored(map, source),
    context: contextOf(map, source, line) ?? NO_CONTEXT,
  };
}

const NO_CONTEXT = { context_line: null, pre_context: [], post_context: [] };

function contextOf(map: TraceMap, source: string, line: number): Place["context"] | null {
  const content = map.sourcesContent?.[map.resolvedSources.indexOf(source)];
  if (typeof content !== "string") return null;
  const starts = lineStarts(map, source, content);
  const at = line - 1;
  if (at >= starts.length) return null;
  const lineAt = (index: number): string =>
    content
      .slice(
        starts[index] ?? 0,
        Math.min((starts[index] ?? 0) + MAX_LINE, (starts[index + 1] ?? content.length + 1) - 1),
      )
      .replace(/\r$/, "");
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
