import type { Frame } from "@prunella/contract";
import type { DeepReadonly } from "./scrubbed.ts";

type Frames = readonly DeepReadonly<Frame>[];

/** Lists of frames of one generation, some five kilobytes each; two are kept. */
const MAX_LISTS = 512;
/** Longer lists are those of endless recursion. */
const MAX_FRAMES = 64;

export interface FramesMemo {
  /** The remembered list that equals this one in every character, or undefined. */
  find(frames: Frames): Frames | undefined;
  /** Remembers a list in which nothing was found. */
  add(frames: Frames): void;
}

/**
 * Lists of frames in which nothing was found. Every event of a fault brings the same ones, sources
 * and all, and comparing them costs a tenth of looking each text up. Holds clean frames alone.
 */
export function createFramesMemo(): FramesMemo {
  let young = new Map<string, Frames>();
  let old = new Map<string, Frames>();
  return {
    find(frames) {
      const key = keyOf(frames);
      if (key === null) return undefined;
      const known = young.get(key) ?? old.get(key);
      return known !== undefined && sameFrames(known, frames) ? known : undefined;
    },
    add(frames) {
      const key = keyOf(frames);
      if (key === null) return;
      if (young.size >= MAX_LISTS) {
        old = young;
        young = new Map();
      }
      young.set(copy(key), frames.length === 0 ? frames : frozen(copy(frames)));
    },
  };
}

/** What tells most stacks apart at a glance: how long, and where it crashed. */
function keyOf(frames: Frames): string | null {
  const top = frames.at(-1);
  if (top === undefined || frames.length > MAX_FRAMES) return null;
  const key = `${frames.length} ${top.line} ${top.column} ${top.function} ${top.filename}`;
  return key.length > 600 ? null : key;
}

function sameFrames(a: Frames, b: Frames): boolean {
  for (let i = 0; i < a.length; i++) if (!sameFrame(a[i]!, b[i]!)) return false;
  return a.length === b.length;
}

function sameFrame(a: DeepReadonly<Frame>, b: DeepReadonly<Frame>): boolean {
  return (
    a.line === b.line &&
    a.column === b.column &&
    a.in_app === b.in_app &&
    a.function === b.function &&
    a.filename === b.filename &&
    a.module === b.module &&
    a.context_line === b.context_line &&
    sameLines(a.pre_context, b.pre_context) &&
    sameLines(a.post_context, b.post_context)
  );
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Text of its own: a piece of a longer text would keep the whole of it in memory. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function frozen(frames: Frames): Frames {
  for (const frame of frames) {
    Object.freeze(frame.pre_context);
    Object.freeze(frame.post_context);
    Object.freeze(frame);
  }
  return Object.freeze(frames);
}
