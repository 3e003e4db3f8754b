import type { Trace } from "./v2.ts";

/**
 * Which known fault is a new trace likest? Frames (and what is said, and the class) are terms with a
 * weight of their rarity among the faults, as in TraceSim (Vasiliev et al., 2020), and of their place,
 * as in ReBucket (Dang et al., 2012): the crash end counts most. A pure structure: no clock, no I/O;
 * its state is the list of traces added, as plain data, so that it can be built again from what is stored.
 */
export type Similarity = {
  /** Remembers the trace that stands for a fault. A fault may have several; the likest counts. */
  add(fault: string, trace: Trace): void;
  /** Faults that share a rare term with the trace, likest first; at most `limit`. */
  rank(trace: Trace, limit?: number): Ranked[];
  /** The fault the trace belongs to, or null when none is like it enough. Over-merging is the worse failure. */
  attach(trace: Trace, candidates?: readonly string[] | null, threshold?: number): Ranked | null;
  /** Which terms two traces share and how much each says, for the "why". */
  explain(a: Trace, b: Trace): Explanation;
  state(): SimilarityState;
};

export type Ranked = { readonly fault: string; /** 0 (nothing shared) to 1 (the same). */ readonly score: number };
export type SimilarityState = { readonly version: 1; readonly traces: readonly (readonly [fault: string, trace: Trace])[] };
