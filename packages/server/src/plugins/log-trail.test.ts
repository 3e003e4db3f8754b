import { scrubText } from "@prunella/scrub";
import { expect, test } from "vitest";
import { createLogTrail } from "./log-trail.ts";

const long = ["eyJhbGciOiJIUzI1NiJ9", `eyJ${"a1B2".repeat(205)}`, "c3D4".repeat(11)].join(".");
const secret = ["gh", "p_", "Zq8".repeat(12)].join("");

test("no half of a secret is shown, wherever the border falls and however much of the line goes", () => {
  const shown: string[] = [];
  for (let before = 0; before < 30; before += 1) {
    const trail = createLogTrail(scrubText);
    // Most of the line is taken out, so that what stood at the border of what is kept comes into sight.
    trail.add({ text: `${long}${" x".repeat(before)} ${secret}` });
    shown.push(...trail.lines());
  }
  expect(shown.join("\n")).not.toContain("Zq8Zq8");
});

test("keeps the last 200 lines, each with its first 240 characters", () => {
  const trail = createLogTrail(scrubText);
  for (let at = 0; at < 250; at += 1) trail.add({ text: `line ${at} ${"x ".repeat(1_000)}` });
  expect(trail.lines()).toHaveLength(200);
  expect(trail.lines()[0]).toMatch(/^line 50 /);
  expect(trail.lines().every((line) => line.length === 240)).toBe(true);
});
