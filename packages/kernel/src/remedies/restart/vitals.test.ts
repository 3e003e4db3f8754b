import { scrubText } from "@prunella/scrub";
import { expect, test } from "vitest";
import { createVitals } from "./vitals.ts";

const opened = () => createVitals({ clock: { now: () => 5 }, scrubText });
const said = (output: string) => ({ rss_bytes: 1, cpu: 0.5, output });

test("nothing is known of a program before its supervisor said anything", () => {
  expect(opened().of("a")).toBeNull();
  expect(opened().output("a")).toEqual({ lines: [], at: null });
});

test("the last twenty lines are kept, and the last report counts", () => {
  const vitals = opened();
  vitals.note("a", said("old\n"));
  vitals.note("a", said(Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join("")));
  const { lines } = vitals.output("a");
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, "line 10", "line 29"]);
  expect(vitals.of("a")).toEqual({ at: 5, rss_bytes: 1, cpu: 0.5 });
});

test("a secret in the output is not kept", () => {
  const vitals = opened();
  const secret = ["hunter2", "correct", "horse"].join("-");
  vitals.note("a", said(`start\npassword=${secret}\n`));
  const { lines } = vitals.output("a");
  expect(lines[0]).toBe("start");
  expect(lines.join(" ")).not.toContain(secret);
  expect(lines.join(" ")).toContain("REDACTED");
});

test("a long line is cut and says so", () => {
  const vitals = opened();
  vitals.note("a", said("x ".repeat(1_000)));
  expect(vitals.output("a").lines[0]).toMatch(/…$/);
  expect(vitals.output("a").lines[0]).toHaveLength(500);
});

test("what an ended run said is forgotten, and so is the oldest of very many", () => {
  const vitals = opened();
  for (let at = 0; at <= 1_000; at += 1) vitals.note(`run ${at}`, said(""));
  expect([vitals.of("run 0"), vitals.of("run 1") === null]).toEqual([null, false]);
  vitals.forget("run 1");
  expect(vitals.of("run 1")).toBeNull();
});
