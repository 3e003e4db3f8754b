import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { judgeByProject } from "./grouping-projects.ts";
import { groupTraces, type LabelledText } from "./grouping-score.ts";

const HELP = `npm run bench:grouping -- FILE.jsonl

Groups every line of a file as the server would and compares with the labels.

FILE.jsonl  one JSON object a line, {"group": label, "text": text}; text is a stack, a crash log, or
            a Sentry event as JSON. Other fields are ignored.

The last line printed is JSON:
  traces, groups      lines, and different labels
  b3_precision, b3_recall, b3_f
                      B-cubed: for each trace, the share of its fault that has its label, and the share
                      of its label that is in its fault; the means, and their harmonic mean
  pair_precision, pair_recall
                      over all pairs of traces: of those in one fault, how many have one label; of
                      those with one label, how many are in one fault
  rr1                 for each trace that is not the first of its label, in the order of the file:
                      whether the fault ranked first among those seen so far is one of its label (the
                      label of a fault is that of its first trace). A known strict key ranks first,
                      then similarity, without its threshold; no candidate at all counts as wrong
  traces_per_cpu_s    traces by seconds of processor time (user and system) for scrub, parse, keys and
                      similarity, the best pass of up to forty (two seconds)

Options:
  --faults      prints each fault of several labels
  --by-project  learns the threshold on all projects but one and judges it on that one, each in turn;
                a project is the field "project", or a label without its last part (Chart of Chart-17).
                Prints a line for each, and last their means; shipped_b3_f is what the threshold in use gives
  --help`;

const args = process.argv.slice(2);
const file = args.find((each) => !each.startsWith("--"));
if (args.includes("--help") || file === undefined) {
  console.log(HELP);
  process.exitCode = args.includes("--help") ? 0 : 1;
} else {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(readLine);
  if (args.includes("--by-project")) printProjects(file, lines);
  else printScore(file, lines);
}

function printProjects(path: string, lines: readonly LabelledText[]): void {
  const judged = judgeByProject(lines);
  for (const each of judged) console.log(JSON.stringify(each));
  const mean = (of: (each: (typeof judged)[number]) => number): number =>
    Math.round((judged.reduce((sum, each) => sum + of(each), 0) / judged.length) * 10_000) / 10_000;
  console.log(
    JSON.stringify({
      file: basename(path),
      projects: judged.length,
      b3_precision: mean((each) => each.b3_precision),
      b3_recall: mean((each) => each.b3_recall),
      b3_f: mean((each) => each.b3_f),
      rr1: mean((each) => each.rr1),
      shipped_b3_f: mean((each) => each.shipped_b3_f),
    }),
  );
}

function printScore(path: string, lines: readonly LabelledText[]): void {
  const { score, faults } = groupTraces(lines);
  if (args.includes("--faults"))
    for (const [fault, labels] of faults) if (labels.size > 1) console.log(fault, [...labels].join(" "));
  console.log(JSON.stringify({ file: basename(path), ...score }));
}

function readLine(line: string, at: number): LabelledText {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("group" in value) || !("text" in value))
    throw new Error(`line ${at + 1} has no {group, text}`);
  const { group, text } = value;
  const project = "project" in value && typeof value.project === "string" ? value.project : null;
  return { group: String(group), text: typeof text === "string" ? text : JSON.stringify(text), project };
}
