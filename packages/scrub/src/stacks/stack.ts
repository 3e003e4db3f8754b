import type { ErrorValue, Frame } from "@prunella/contract";

export type Language =
  | "javascript"
  | "python"
  | "java"
  | "go"
  | "rust"
  | "ruby"
  | "php"
  | "dotnet"
  | "elixir"
  | "dart"
  | "native"
  | "kernel"
  | "perl"
  | "lua"
  | "swift"
  | "tcl"
  | "zig"
  | "crystal"
  | "julia"
  | "nim"
  | "haskell";

export type ParsedStack = {
  language: Language;
  /** Oldest cause first, the thrown error last; frames oldest call first. */
  errors: ErrorValue[];
};

/** `line` is where the crash ends, so that the later of two languages wins. */
export type Found = {
  errors: ErrorValue[];
  line: number;
  /** True for last words that any language's crash may end in (`Aborted (core dumped)`): they never outdo its stack. */
  follows?: boolean;
};

/** One file per language implements this. */
export type StackParser = {
  readonly language: Language;
  /** One of these stands in every text of this language; without one the parser is not asked. */
  readonly hints: readonly string[];
  /** The last crash in the text (the first, where later ones only follow from it). Null: none. */
  parse(lines: readonly string[]): Found | null;
};

/** Lines longer than this are cut before a pattern sees them, so no pattern is slow. */
export const MAX_LINE = 2048;
/** Lines of one report that are looked at. */
export const MAX_LINES = 4000;
/** Causes of one error that are kept. */
export const MAX_ERRORS = 20;
/** Frames of one error that are kept: the crash end. */
export const MAX_FRAMES = 250;

/** Texts have no source around their frames; one empty list serves all, and nobody may add to it. */
export const NO_LINES: string[] = [];
Object.freeze(NO_LINES);

/** Every frame is written out, so that all have one shape and are cheap. */
export function frame(values: Partial<Frame>): Frame {
  return {
    function: values.function ?? null,
    module: values.module ?? null,
    filename: values.filename ?? null,
    line: values.line ?? null,
    column: values.column ?? null,
    in_app: values.in_app ?? null,
    context_line: values.context_line ?? null,
    pre_context: NO_LINES,
    post_context: NO_LINES,
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

/** The empty string says nothing. */
export function orNull(text: string | undefined): string | null {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === "" ? null : trimmed;
}
