import { expect, it } from "vitest";
import { sprintMarkdown } from "./sprint-markdown.ts";
import { Sprint } from "./standing.ts";

const id = "0193f000-0000-7000-8000-000000000001";
const exact = (at: number): string => `minute ${at / 60_000}`;
const sprint = Sprint.parse({
  id,
  project_id: "default",
  trigger_id: "restart-shop",
  fault_id: id,
  fault_title: "Error: a\u202Eb\n# not a heading of ours",
  target: "program:shop",
  reason: "repeated",
  brief: {
    goal: "repair_cause",
    since: 0,
    counts: { escalations: 3, ineffective: 1, attempts: 4 },
    attempts: [{ id, at: 60_000, audit_log_id: 7, action: "restart", state: "failed", verification: null }],
    escalations: [],
    suspects: [{ release: "shop@2", why: "first seen in it" }],
  },
  opened_at: 120_000,
  closed_at: null,
  closed_by: null,
  close_reason: null,
  audit_log_id: 9,
});

it("writes a brief with its evidence and the indexes of its ledger entries", () => {
  const text = sprintMarkdown(sprint, exact);
  expect(text).toContain("3 escalations and 1 fixes that did not help, in 4 attempts. Ledger entry 9.");
  expect(text).toContain("- minute 1 restart: failed (ledger 7)");
  expect(text).toContain("## What people were asked\n\nNothing.");
  expect(text).toContain("- shop@2: first seen in it");
  expect(text).not.toContain("## Closed");
});

it("keeps what an outsider wrote in one line, without what turns the direction of writing around", () => {
  expect(sprintMarkdown(sprint, exact).split("\n")[0]).toBe("# Repair the cause: Error: a b # not a heading of ours");
});

it("says how it was closed", () => {
  const closed = { ...sprint, closed_at: 180_000, closed_by: null, close_reason: "the disk" };
  expect(sprintMarkdown(closed, exact)).toMatch(/## Closed\n\nminute 3 UTC: the disk$/);
});
