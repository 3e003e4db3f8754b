import {
  compareTraces,
  explainTraces,
  isTest,
  readLine,
  wordsOf,
  type Explanation,
  type ReadLine,
  type ReadTrace,
} from "./compare-traces.ts";
import { mayJoin } from "./may-join.ts";
import type { Trace } from "./version.ts";

export type Ranked = { readonly fault: string; /** 0 (nothing shared) to 1 (the same). */ readonly score: number };

/** Plain data, to be kept or built again from the traces of stored faults, oldest first. */
export type SimilarityState = {
  readonly version: 1;
  readonly traces: readonly (readonly [fault: string, trace: Trace])[];
};

/** Which known fault is a new trace likest? A pure structure: no clock, no I/O, the same history gives the same answers. */
export type Similarity = {
  /** Remembers a trace of a fault. A fault may have several; the likest counts. */
  add(fault: string, trace: Trace): void;
  /** Faults that share a rare frame with the trace, likest first. Work is bounded whatever the index holds. */
  rank(trace: Trace, limit?: number): Ranked[];
  /** The fault that the trace belongs to (one of `candidates`, when given), or null when none is like it enough or may be it. */
  attach(trace: Trace, candidates?: readonly string[] | null, threshold?: number): Ranked | null;
  state(): SimilarityState;
};

/**
 * From here on two traces are one fault. Learnt on test failures of 350 known bugs of seven projects;
 * learnt on any six of them it judges the seventh as well (`npm run bench:grouping -- FILE --by-project`).
 */
export const THRESHOLD = 0.62;

/** Traces of one fault that are kept; more of them hardly ever add a caller. */
const PER_FAULT = 8;
/** Traces in all; the oldest go. About 1 KB each. */
const MAX_TRACES = 100_000;
/** Frames from the crash end by which candidates are found. */
const INDEXED = 3;
/** A frame or class in more traces than this finds nobody: it is no rare one. */
const MAX_POSTINGS = 512;
/** Letters of a word by which tests are found. */
const TELLING_WORD = 4;
/** Candidates that are compared in full. */
const MAX_CANDIDATES = 24;

type Entry = { fault: string; trace: Trace; read: ReadTrace; terms: readonly string[] };

export function createSimilarity(state?: SimilarityState, limits: { maxTraces?: number } = {}): Similarity {
  const maxTraces = limits.maxTraces ?? MAX_TRACES;
  const entries: Entry[] = [];
  /** Entries before this one were dropped. */
  let oldest = 0;
  let alive = 0;
  const perFault = new Map<string, number>();
  const postings = new Map<string, Entry[]>();
  const faultsOf = new Map<string, number>();

  const rarity = (line: string): number => 1 / (1 + 2 * Math.log2(Math.max(1, faultsOf.get(line) ?? 1)));

  function add(fault: string, trace: Trace): void {
    const before = perFault.get(fault) ?? 0;
    if (trace.frames.length === 0 || before >= PER_FAULT) return;
    perFault.set(fault, before + 1);
    const own = read(trace);
    const entry = { fault, trace, read: own, terms: termsOf(own) };
    entries.push(entry);
    alive++;
    for (const term of entry.terms) {
      const list = postings.get(term);
      if (list === undefined) postings.set(term, [entry]);
      else list.push(entry);
    }
    if (before === 0) for (const line of entry.read.lines) faultsOf.set(line.text, (faultsOf.get(line.text) ?? 0) + 1);
    while (alive > maxTraces) dropOldest();
  }

  function dropOldest(): void {
    const entry = entries[oldest++];
    if (entry === undefined) return;
    alive--;
    const left = (perFault.get(entry.fault) ?? 1) - 1;
    if (left === 0) perFault.delete(entry.fault);
    else perFault.set(entry.fault, left);
    for (const term of entry.terms) {
      const kept = postings.get(term)?.filter((each) => each !== entry) ?? [];
      if (kept.length === 0) postings.delete(term);
      else postings.set(term, kept);
    }
    if (left === 0)
      for (const line of entry.read.lines) {
        const count = (faultsOf.get(line.text) ?? 1) - 1;
        if (count <= 0) faultsOf.delete(line.text);
        else faultsOf.set(line.text, count);
      }
    if (oldest > 1024 && oldest * 2 > entries.length) {
      entries.splice(0, oldest);
      oldest = 0;
    }
  }

  function candidatesOf(trace: ReadTrace, among: ReadonlySet<string> | null): Entry[] {
    const shared = new Map<Entry, number>();
    for (const [i, term] of termsOf(trace).entries()) {
      const list = postings.get(term);
      if (list === undefined || (list.length > MAX_POSTINGS && i > 0)) continue;
      // What everybody has finds only its newest; terms stand in order of what they say, rare ones before.
      const weight = 1 / (1 + i) / Math.log2(2 + list.length);
      for (const entry of list.length > MAX_POSTINGS ? list.slice(-MAX_CANDIDATES) : list)
        if (among === null || among.has(entry.fault)) shared.set(entry, (shared.get(entry) ?? 0) + weight);
    }
    if (shared.size <= MAX_CANDIDATES) return [...shared.keys()];
    return [...shared]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MAX_CANDIDATES)
      .map(([entry]) => entry);
  }

  function score(trace: Trace, among: ReadonlySet<string> | null, joins = false): Map<string, number> {
    const best = new Map<string, number>();
    const own = read(trace);
    for (const entry of candidatesOf(own, among)) {
      if (joins && !mayJoin(own, entry.read)) continue;
      const value = compareTraces(own, entry.read, rarity);
      if (value > (best.get(entry.fault) ?? -1)) best.set(entry.fault, value);
    }
    return best;
  }

  function rank(trace: Trace, limit = 10): Ranked[] {
    return [...score(trace, null)]
      .map(([fault, value]) => ({ fault, score: value }))
      .sort((a, b) => b.score - a.score || (a.fault < b.fault ? -1 : 1))
      .slice(0, limit);
  }

  function attach(trace: Trace, candidates: readonly string[] | null = null, threshold = THRESHOLD): Ranked | null {
    let best: Ranked | null = null;
    for (const [fault, value] of score(trace, candidates === null ? null : new Set(candidates), true))
      if (best === null || value > best.score || (value === best.score && fault < best.fault))
        best = { fault, score: value };
    return best !== null && best.score >= threshold ? best : null;
  }

  for (const [fault, trace] of state?.traces ?? []) add(fault, trace);
  return {
    add,
    rank,
    attach,
    state: () => ({ version: 1, traces: entries.slice(oldest).map(({ fault, trace }) => [fault, trace] as const) }),
  };
}

/** Why two traces count as alike: which frames are the same or kin, and what else they share. */
export function explainSimilarity(a: Trace, b: Trace): Explanation {
  return explainTraces(read(a), read(b));
}

function read(trace: Trace): ReadTrace {
  return {
    type: trace.type,
    said: trace.said,
    words: wordsOf(trace.said),
    lines: trace.frames.slice(0, 6).map(readLine),
  };
}

/** The top frame says most, then its class or file, then the next ones. */
function termsOf({ lines }: ReadTrace): string[] {
  const terms = new Set<string>();
  for (let i = 0; i < Math.min(INDEXED, lines.length); i++) {
    const line: ReadLine = lines[i]!;
    terms.add(line.text);
    if (line.owner !== "") terms.add(`in ${line.owner}`);
    if (line.name !== "") terms.add(`called ${line.name}`);
  }
  // What is tested stands in the names of tests, whatever class they are in.
  const top = lines[0];
  if (top !== undefined && top.name !== "" && isTest(top.text))
    for (const word of top.words) if (word.length >= TELLING_WORD) terms.add(`word ${word}`);
  return [...terms];
}
