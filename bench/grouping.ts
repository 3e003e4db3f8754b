import { readFileSync } from "node:fs";
import { basename } from "node:path";
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

Options: --faults prints each fault of several labels; --help`;

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
  const { score, faults } = groupTraces(lines);
  if (args.includes("--faults"))
    for (const [fault, labels] of faults) if (labels.size > 1) console.log(fault, [...labels].join(" "));
  console.log(JSON.stringify({ file: basename(file), ...score }));
}

function readLine(line: string, at: number): LabelledText {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("group" in value) || !("text" in value))
    throw new Error(`line ${at + 1} has no {group, text}`);
  const { group, text } = value;
  return { group: String(group), text: typeof text === "string" ? text : JSON.stringify(text) };
}
