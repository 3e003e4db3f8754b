import { expect, it } from "vitest";
import { entryFacts } from "./entry-words.ts";

it("sums up an entry that it knows", () => {
  const entry = {
    v: 1,
    at: 5,
    type: "attempt_refused",
    trigger: "restart-x",
    fault: "f",
    refusal: "budget_exhausted",
    subject: { kind: "trigger", id: "restart-x" },
  };
  expect(entryFacts(entry)).toEqual({
    at: 5,
    type: "attempt_refused",
    words: "restart-x · budget exhausted · by trigger",
    fault: "f",
    escalation: null,
    actor: "trigger:restart-x",
  });
});

it("shows what it can of an entry from a newer server, and of no entry at all", () => {
  expect(entryFacts({ type: "brand_new", on: true })).toMatchObject({ at: null, type: "brand_new", words: "on" });
  for (const entry of [null, 7, "text", [], { type: 3 }]) expect(entryFacts(entry).words).toBe("");
});
