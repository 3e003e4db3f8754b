import type { ErrorValue, Frame } from "@prunella/contract";

export type ParsedStack = {
  language: "javascript" | "python";
  /** Oldest cause first, the thrown error last; frames oldest call first. */
  errors: ErrorValue[];
};

/** One file per language implements this. */
export type StackParser = {
  readonly language: ParsedStack["language"];
  /** The last crash in the text; `line` is where it ends, so that the later of two languages wins. Null: none. */
  parse(lines: readonly string[]): { errors: ErrorValue[]; line: number } | null;
};

/** Lines longer than this are cut before a pattern sees them, so no pattern is slow. */
export const MAX_LINE = 2048;
/** Lines of one report that are looked at, from its end. */
export const MAX_LINES = 4000;
/** Causes of one error that are kept. */
export const MAX_ERRORS = 20;
/** Frames of one error that are kept: the crash end. */
export const MAX_FRAMES = 250;

export function frame(values: Partial<Frame>): Frame {
  return {
    function: null,
    module: null,
    filename: null,
    line: null,
    column: null,
    in_app: null,
    context_line: null,
    pre_context: [],
    post_context: [],
    ...values,
  };
}

export function errorValue(
  type: string | null,
  value: string | null,
  frames: Frame[],
  module: string | null = null,
): ErrorValue {
  return { type, value, module, handled: null, mechanism: null, frames: frames.slice(-MAX_FRAMES) };
}
