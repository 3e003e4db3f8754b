import { expect, it } from "vitest";
import { judgeByProject } from "../../bench/grouping-projects.ts";
import type { LabelledText } from "../../bench/grouping-score.ts";

/** Each bug of a project shows in two tests of one class. */
function failures(project: string, message: (bug: number) => string): LabelledText[] {
  return [1, 2, 3, 4].flatMap((bug) =>
    ["Left", "Right"].map((side) => ({
      group: `${project}-${bug}`,
      text: [
        `java.lang.IllegalStateException: ${message(bug)}`,
        `\tat ${project.toLowerCase()}.Tool${bug}Test.testFixedWidthPad${side}(Tool${bug}Test.java:4)`,
      ].join("\n"),
    })),
  );
}

it("judges each project by what the others taught", () => {
  const lines = ["Ant", "Bee", "Mole"].flatMap((project) =>
    failures(project, (bug) => `tool ${"abcd"[bug - 1]} broke`),
  );
  const judged = judgeByProject([...lines, { group: "Tiny-1", text: "too few to say anything" }]);
  expect(judged.map(({ project, traces }) => [project, traces])).toEqual([
    ["Ant", 8],
    ["Bee", 8],
    ["Mole", 8],
  ]);
  for (const each of judged) expect([each.b3_precision, each.b3_f > 0]).toEqual([1, true]);
});

it("takes the field project over the label", () => {
  const lines = failures("Ant", () => "broke").map((each) => ({
    ...each,
    group: each.group.replace("-", ""),
    project: "x",
  }));
  expect(judgeByProject(lines).map(({ project }) => project)).toEqual(["x"]);
});
