import { SEEDS, WrittenTrigger } from "@prunella/contract";
import { expect, test } from "vitest";
import { judge, type Seen } from "./condition.ts";

const { condition } = WrittenTrigger.parse(SEEDS["seed-bus-bridge-import-failed"]("program:bus"));
const crash = (errorClass: string, template: string): Seen => ({
  fault_id: "f",
  root_id: "f",
  source: "crash",
  target: "program:bus",
  level: "fatal",
  environment: "",
  release: "",
  origin: "",
  error_class: errorClass,
  template,
  isNew: true,
  isRegressed: false,
});

// As Node 26 and Python 3.11 crashed, and grouping kept it.
test.each([
  ["Error", "Cannot find module <value> Require stack: - <path>/b.cjs"],
  ["Error", "Cannot find module <value> imported from <path>/c.mjs"],
  ["Error", "Cannot find package <value> imported from <path>/a.mjs"],
  ["ModuleNotFoundError", "No module named <value>"],
  ["ImportError", "cannot import name <value> from <value> (<path>/os.py)"],
])("the seed of failed imports knows %s: %s", (errorClass, template) => {
  expect(judge(condition, crash(errorClass, template))).toBe(true);
});

test.each([
  ["Error", "The queue cannot find module <value>"],
  ["TypeError", "Cannot find module <value> Require stack: - <path>/b.cjs"],
  ["Error", "Cannot find a free port"],
])("the seed of failed imports leaves %s: %s alone", (errorClass, template) => {
  expect(judge(condition, crash(errorClass, template))).toBe(false);
});
