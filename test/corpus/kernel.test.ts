import { describeFault, parseStack } from "@prunella/scrub";
import { expect, it } from "vitest";
import { eventOf } from "../../bench/grouping-event.ts";
import { groupTraces } from "../../bench/grouping-score.ts";
import { generateKernel } from "./kernel.ts";

const reports = generateKernel();

it("reads the kind of bug and the guilty function of a kernel report from every console", () => {
  const read = reports.map(({ group, text }, i) => {
    const kind = parseStack(text)?.errors.at(-1)?.type ?? "-";
    const found = `${kind} in ${describeFault(eventOf(text, i)).culprit.split(" · ")[0]}`;
    return found === group ? null : `${group}: read as ${found}`;
  });
  expect(read.filter((each) => each !== null)).toEqual([]);
});

it("groups the same kernel bug and no two different ones", () => {
  const { score, faults } = groupTraces(reports);
  console.warn(`kernel corpus: ${JSON.stringify(score)}`);
  expect([...faults.values()].filter((labels) => labels.size > 1)).toEqual([]);
  expect(score.pair_recall).toBeGreaterThanOrEqual(0.99);
  expect(score.rr1).toBeGreaterThanOrEqual(0.99);
});
