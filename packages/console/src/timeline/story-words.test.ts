import { AuditRow, DmStatus } from "@prunella/contract";
import { expect, it } from "vitest";
import { factsOf, lookOf, saysOf, SEAM_WORDS, STATUS_WORDS, textOf } from "./story-words.ts";

const row = (seam: string, details: object) =>
  AuditRow.parse({ seam, caller_session_id: "inv:1", source: "reasoning", details });
const asked = { probe: "fly", action: "restart_machine", target_id: "web", reason_from_reasoning: "It is down." };
const found = (change: object) =>
  row("probe.investigation_completed", {
    probe: "fly",
    category: "down",
    model: "none",
    input_tokens: 0,
    output_tokens: 0,
    cost_micros: 0,
    duration_ms: 5,
    summary: "It is down.",
    dm_status: "sent",
    fallback_reason: null,
    autofix_attempted: false,
    ...change,
  });

it("says of a fix what was asked and how it ended, with a shape for each end", () => {
  const refused = row("tool.probe_autofix_attempted", {
    ...asked,
    status: "rejected",
    rejection_reason: "budget_exhausted",
    rejection_detail: { message: "3 of 3 are used up." },
  });
  expect(saysOf(refused)).toBe("restart_machine of web, by the envelope fly: refused, the budget was used up");
  expect(textOf(refused)).toBe("It is down.");
  expect(factsOf(refused)).toEqual([["why", "3 of 3 are used up."]]);
  const done = {
    ...asked,
    status: "attempted",
    action_taken: "restart",
    action_canonical: "restart_unhealthy_machine",
    before_state: { state: "stopped" },
    after_state: { state: "started" },
    executor_duration_ms: 12,
  };
  const attempted = row("tool.probe_autofix_attempted", done);
  expect(saysOf(attempted)).toContain("done, and it is well");
  expect(factsOf(attempted)).toEqual([
    ["before", '{"state":"stopped"}'],
    ["after", '{"state":"started"}'],
    ["took", "12 ms"],
  ]);
  const failed = row("tool.probe_autofix_attempted", { ...done, status: "execution_failed" });
  expect([refused, attempted, failed].map((each) => lookOf(each).shape)).toEqual(["▲", "✓", "✕"]);
});

it("knows each way in which an investigation's message may have gone out, and that none has yet", () => {
  expect(DmStatus.options.map((status) => saysOf(found({ dm_status: status })))).toEqual(
    DmStatus.options.map((status) => STATUS_WORDS[status]),
  );
  expect(saysOf(found({ dm_status: null }))).toBe("no channel has answered yet");
});

it("tells what a model cost to the last millionth, and nothing of a model where none was asked", () => {
  const names = (change: object) => Object.fromEntries(factsOf(found(change)));
  expect(names({})).toEqual({ by: "no model", took: "5 ms", "fix attempted": "no" });
  expect(names({ model: "m", input_tokens: 10, output_tokens: 2, cost_micros: 1_200_003 })).toMatchObject({
    by: "m",
    tokens: "10 in, 2 out",
    cost: "1.200003",
  });
});

it("has words for every stream of the contract", () => {
  for (const option of AuditRow.options) {
    const [seam = ""] = [...option.shape.seam.values];
    expect(Object.keys(SEAM_WORDS)).toContain(seam);
  }
  const told = row("notification.email_dispatched", { kind: "escalation_opened", channel: "desk", state: "failed" });
  expect([saysOf(told), lookOf(told).shape]).toEqual(["escalation opened by desk: failed", "✕"]);
});
