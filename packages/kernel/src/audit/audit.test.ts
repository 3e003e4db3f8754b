import { AuditRow } from "@prunella/contract";
import { scrubText } from "@prunella/scrub";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { createIds } from "../ids.ts";
import { createCore } from "../core.ts";
import { addAudit, type NewAudit } from "./audit.ts";
import { createTimeline } from "./timeline.ts";

const attempted: NewAudit = {
  projectId: "default",
  about: "0192f000-0000-7000-8000-000000000001",
  seam: "tool.probe_autofix_attempted",
  caller_session_id: "mcp:somebody",
  source: "reasoning",
  details: {
    probe: "lamp",
    action: "light",
    target_id: "hall",
    reason_from_reasoning: "dark for 15 min",
    status: "rejected",
    rejection_reason: "envelope_disabled",
    rejection_detail: { enable_env: "PRUNELLA_AUTOFIX_LAMP_ENABLED", fix_name: "switch_on" },
  },
};

describe("the schema of audit rows", () => {
  const samples = join(import.meta.dirname, "../../../../../shared/data/originals/autofix-audit-rows.jsonl");
  it.skipIf(!existsSync(samples))("takes the rows that the original wrote", () => {
    const rows = readFileSync(samples, "utf8").trim().split("\n");
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(AuditRow.safeParse(JSON.parse(row)).error).toBeUndefined();
  });

  it("takes an app of any provider, and no other word that nobody knows", () => {
    const withKey = (key: string) =>
      AuditRow.safeParse({
        seam: attempted.seam,
        caller_session_id: "a",
        source: "reasoning",
        details: { ...attempted.details, [key]: "kora" },
      }).success;
    expect(withKey("lamps_app")).toBe(true);
    expect(withKey("lamps_token")).toBe(false);
  });
});

describe.each(ENGINES)("audit rows on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const begin = async () => {
    const store = await open();
    const clock = testClock();
    const newId = createIds(clock, testRng());
    const log = { info() {}, warn() {} };
    const core = createCore({ engine: store.engine, clock, rng: testRng(), log, newId });
    const { writer } = core;
    return {
      db: store.engine.reader,
      timeline: createTimeline(core),
      add: (given: Partial<NewAudit> = {}) =>
        writer.run(async (tx) => {
          clock.advance(1_000);
          // One field of a row is changed at a time, so the union cannot follow.
          addAudit(tx, { newId, scrubText }, clock.now(), Object.assign({}, attempted, given));
        }),
      async [Symbol.asyncDispose]() {
        await writer.close();
        await core.notices.close();
        await store[Symbol.asyncDispose]();
      },
    };
  };

  test("are kept as they were given, after the scrubber", async () => {
    await using all = await begin();
    const secret = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].join("");
    await all.add({
      details: Object.assign({}, attempted.details, { reason_from_reasoning: `the token ${secret} went` }),
    });
    const stored = await all.db.selectFrom("audit_event").selectAll().executeTakeFirstOrThrow();
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.parse(stored.details)).toMatchObject({
      probe: "lamp",
      reason_from_reasoning: expect.stringMatching(/^the token .+ went$/),
    });
  });

  test("are found by their session and by the attempt that one of them is about", async () => {
    await using all = await begin();
    await all.add({ about: null, seam: "probe.wake_requested", source: "probe", details: { probe: "lamp" } });
    await all.add();
    await all.add({ caller_session_id: "another", about: null });
    const story = await all.timeline.read("mcp:somebody");
    expect(story.events.map(({ row }) => row.seam)).toEqual(["probe.wake_requested", "tool.probe_autofix_attempted"]);
    expect(await all.timeline.read(attempted.about ?? "")).toEqual(story);
    expect((await all.timeline.read("mcp:somebody", ["shop"])).events).toEqual([]);
    expect((await all.timeline.read("nobody")).sessions).toEqual([]);
  });

  test("come newest first, in pages", async () => {
    await using all = await begin();
    for (const id of ["a", "b", "c"]) await all.add({ caller_session_id: id });
    const first = await all.timeline.list({ limit: 2 });
    expect(first.events.map(({ row }) => row.caller_session_id)).toEqual(["c", "b"]);
    const rest = await all.timeline.list({ limit: 2, before: first.next ?? "" });
    expect(rest).toMatchObject({ events: [{ row: { caller_session_id: "a" } }], next: null });
  });

  test("are refused whole when they say what no row says", async () => {
    await using all = await begin();
    const details = Object.assign({}, attempted.details, { lamps_token: "x" });
    await expect(all.add({ details })).rejects.toThrow();
    expect((await all.timeline.read("mcp:somebody")).events).toEqual([]);
  });
});
