import type { Event } from "@prunella/contract";
import { createSimilarity, fingerprintAndTrace, THRESHOLD } from "@prunella/scrub";
import { eventOf } from "./grouping-event.ts";

export type LabelledText = { group: string; text: string; project?: string | null };

type GroupingScore = {
  traces: number;
  groups: number;
  b3_precision: number;
  b3_recall: number;
  b3_f: number;
  pair_precision: number;
  pair_recall: number;
  rr1: number;
  traces_per_cpu_s: number;
};

/** Passes over the file until so many seconds of processor time have gone, or so many passes; the best one is the speed. */
const SECONDS = 2;
const PASSES = 40;

/** Groups every line as the server would: strict key, else similarity above its threshold, else a new fault. */
export function groupTraces(lines: readonly LabelledText[]): {
  score: GroupingScore;
  faults: Map<string, Set<string>>;
} {
  const events = lines.map(({ text }, i) => eventOf(text, i));
  let best = Infinity;
  let first: { assigned: string[]; ranked: (string | null)[] } | undefined;
  for (let pass = 0, spent = 0; pass < PASSES && spent < SECONDS; pass++) {
    const before = process.cpuUsage();
    const assigned = assign(events, false).assigned;
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1e6;
    best = Math.min(best, (user + system) / 1e6);
    first ??= { assigned, ranked: assign(events, true).ranked };
  }
  const { assigned, ranked } = first!;
  const faults = new Map<string, Set<string>>();
  for (const [i, fault] of assigned.entries()) faults.set(fault, (faults.get(fault) ?? new Set()).add(lines[i]!.group));
  const labels = lines.map(({ group }) => group);
  return {
    score: {
      traces: lines.length,
      groups: new Set(labels).size,
      ...agreement(assigned, labels),
      rr1: rr1(assigned, ranked, labels),
      traces_per_cpu_s: Math.round(lines.length / best),
    },
    faults,
  };
}

/** The fault of each event; with `ranking` also the one ranked first before it was placed. */
export function assign(
  events: readonly Event[],
  ranking: boolean,
  threshold = THRESHOLD,
): { assigned: string[]; ranked: (string | null)[] } {
  const known = new Map<string, string>();
  const similarity = createSimilarity();
  const assigned: string[] = [];
  const ranked: (string | null)[] = [];
  for (const [i, event] of events.entries()) {
    const { fingerprints, trace } = fingerprintAndTrace(event);
    let fault = known.get(fingerprints.strict);
    if (ranking) ranked.push(fault ?? similarity.rank(trace, 1)[0]?.fault ?? null);
    if (fault === undefined) {
      fault = similarity.attach(trace, null, threshold)?.fault ?? `fault ${i}`;
      known.set(fingerprints.strict, fault);
      similarity.add(fault, trace);
    }
    assigned.push(fault);
  }
  return { assigned, ranked };
}

export type Agreement = Omit<GroupingScore, "traces" | "groups" | "rr1" | "traces_per_cpu_s">;

export function agreement(assigned: readonly string[], labels: readonly string[]): Agreement {
  const both = count(assigned.map((fault, i) => `${fault}\n${labels[i]}`));
  const faults = count(assigned);
  const groups = count(labels);
  let precision = 0;
  let recall = 0;
  for (const [i, fault] of assigned.entries()) {
    const shared = both.get(`${fault}\n${labels[i]}`)!;
    precision += shared / faults.get(fault)! / assigned.length;
    recall += shared / groups.get(labels[i]!)! / assigned.length;
  }
  const pairs = (counts: Map<string, number>): number =>
    [...counts.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  return {
    b3_precision: round(precision),
    b3_recall: round(recall),
    b3_f: round(precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)),
    pair_precision: round(pairs(faults) === 0 ? 1 : pairs(both) / pairs(faults)),
    pair_recall: round(pairs(groups) === 0 ? 1 : pairs(both) / pairs(groups)),
  };
}

export function rr1(
  assigned: readonly string[],
  ranked: readonly (string | null)[],
  labels: readonly string[],
): number {
  const labelOf = new Map<string, string>();
  const seen = new Set<string>();
  let asked = 0;
  let right = 0;
  for (const [i, label] of labels.entries()) {
    if (seen.has(label)) {
      asked++;
      const first = ranked[i];
      if (first != null && labelOf.get(first) === label) right++;
    }
    seen.add(label);
    if (!labelOf.has(assigned[i]!)) labelOf.set(assigned[i]!, label);
  }
  return asked === 0 ? 1 : round(right / asked);
}

function count(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
