import type { Event } from "@prunella/contract";
import { THRESHOLD } from "@prunella/scrub";
import { eventOf } from "./grouping-event.ts";
import { agreement, assign, rr1, type Agreement, type LabelledText } from "./grouping-score.ts";

/** Thresholds that are tried on the other projects. */
const TRIED = [0.5, 0.54, 0.58, 0.62, 0.66, 0.7, 0.74, 0.78, 0.82];
/** What is joined must be right this often; among those the best F is learnt. */
const PRECISION = 0.95;
/** Fewer traces than this say nothing of a project. */
const FEWEST = 5;

type Judged = {
  project: string;
  traces: number;
  learnt: number;
  b3_precision: number;
  b3_recall: number;
  b3_f: number;
  rr1: number;
  shipped_b3_f: number;
};

type Project = { name: string; events: Event[]; labels: string[]; tried: Map<number, Agreement> };

/**
 * The threshold is learnt on all projects but one and judged on that one, each in turn: bugs of one
 * project look alike, so that a share of its bugs held back would flatter what was learnt on the rest.
 */
export function judgeByProject(lines: readonly LabelledText[]): Judged[] {
  const projects = readProjects(lines);
  return projects.map((held) => {
    const learnt = learn(projects.filter((each) => each !== held));
    const { assigned, ranked } = assign(held.events, true, learnt);
    const { b3_precision, b3_recall, b3_f } = agreement(assigned, held.labels);
    return {
      project: held.name,
      traces: held.events.length,
      learnt,
      b3_precision,
      b3_recall,
      b3_f,
      rr1: rr1(assigned, ranked, held.labels),
      shipped_b3_f: agreement(assign(held.events, false, THRESHOLD).assigned, held.labels).b3_f,
    };
  });
}

/** `Chart-17` is a bug of Chart; a field `project` says it outright. */
function readProjects(lines: readonly LabelledText[]): Project[] {
  const projects = new Map<string, Project>();
  for (const [i, { group, text, project }] of lines.entries()) {
    const name = project ?? group.replace(/[-_:#][^-_:#]*$/, "");
    const one = projects.get(name) ?? { name, events: [], labels: [], tried: new Map<number, Agreement>() };
    projects.set(name, one);
    one.events.push(eventOf(text, i));
    one.labels.push(group);
  }
  const kept = [...projects.values()].filter(({ events }) => events.length >= FEWEST);
  for (const { events, labels, tried } of kept)
    for (const threshold of TRIED) tried.set(threshold, agreement(assign(events, false, threshold).assigned, labels));
  return kept;
}

/** Each trace of the others counts once, whatever project it is of. */
function learn(others: readonly Project[]): number {
  const scores = TRIED.map((threshold) => {
    let traces = 0;
    let precision = 0;
    let recall = 0;
    for (const { events, tried } of others) {
      const score = tried.get(threshold);
      traces += events.length;
      precision += (score?.b3_precision ?? 0) * events.length;
      recall += (score?.b3_recall ?? 0) * events.length;
    }
    return { threshold, precision: precision / traces, f: (2 * precision * recall) / (precision + recall) / traces };
  });
  const right = scores.filter(({ precision }) => precision >= PRECISION);
  if (right.length === 0) return TRIED.at(-1) ?? THRESHOLD;
  return right.reduce((best, each) => (each.f >= best.f ? each : best)).threshold;
}
