import { LedgerEntry, type EnvelopeStage } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { lampTrigger } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { createWriter } from "../store/writer.ts";
import { createHalls } from "./fixing-fixture.ts";

const TARGET = "machine:south/m1";
const STAGES: readonly EnvelopeStage[] = ["observe", "propose", "approve", "auto"];

describe.each(ENGINES)("how far an envelope is trusted, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** An envelope that nobody moved yet, its switch on, and a trigger that asks for what it lists. */
  async function begin(stage: EnvelopeStage = "propose") {
    const store = await open();
    const halls = createHalls();
    const clock = testClock();
    halls.configure(halls.fixing.envelopes().map((one) => ({ ...one, begins_at: "propose" as const })));
    halls.turn(true);
    halls.add(TARGET, "well");
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, { fixing: halls.fixing });
    const move = (way: "promote" | "demote") =>
      kernel.envelopes.move({ projectId: "default", probe: "halls", move: way, reason: "we watched it" });
    const steps = STAGES.indexOf(stage) - STAGES.indexOf("propose");
    for (let at = 0; at < Math.abs(steps); at += 1) await move(steps > 0 ? "promote" : "demote");
    await kernel.triggers.register(
      lampTrigger("hall", {
        condition: { target: TARGET },
        remedies: [{ action: "mend_machine", args: {}, timeout_ms: 60_000 }],
        budgets: [{ scope: "trigger", max: 10, window_ms: 3_600_000 }],
        backoff: { base_ms: 30_000, max_ms: 30_000 },
        envelope: { ...lampTrigger("hall").envelope, actions: ["mend_machine"], targets: [TARGET] },
      }),
    );
    return {
      kernel,
      clock,
      halls,
      move,
      engine: store.engine,
      async fail() {
        halls.add(TARGET, "broken");
        await kernel.report("default", [
          aCrash(TARGET, { source: "probe", level: "error", at: clock.now(), trust: "local" }),
        ]);
        await kernel.settle();
        return (await kernel.attempts.list({ limit: 1 })).attempts[0];
      },
      async pass(ms: number) {
        clock.advance(ms);
        await kernel.settle();
      },
      /** As when another process has just moved it. */
      async is(stage: EnvelopeStage) {
        const writer = createWriter(store.engine);
        await writer.run((tx) => tx.db.updateTable("envelope_stage").set({ stage }).execute());
        await writer.close();
      },
      autofix: () =>
        kernel.envelopes.autofix({
          projectId: "default",
          subject: { kind: "person", id: "operator" },
          source: "operator",
          probe: "halls",
          action: "mend",
          target: "m1",
          reason: "by hand",
          callerSessionId: null,
        }),
      envelope: async () => (await kernel.envelopes.list()).find(({ probe }) => probe === "halls"),
      asked: async () => (await kernel.escalations.list("open")).escalations,
      told: async () =>
        (await store.engine.reader.selectFrom("notify_outbox").select("kind").execute()).map(({ kind }) => kind),
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("is propose at first: a person is asked, and no answer of theirs does it", async () => {
    await using all = await begin();
    expect(await all.fail()).toMatchObject({ state: "refused", refusal: "proposed" });
    const { now } = (await all.kernel.triggers.show("default", "light-hall")).trigger;
    expect(now.envelope).toEqual({ probe: "halls", is_on: true, stage: "propose" });
    all.halls.turn(false);
    const { triggers } = await all.kernel.triggers.list();
    expect(triggers[0]?.now.envelope).toEqual({ probe: "halls", is_on: false, stage: "propose" });
    const [asked] = await all.asked();
    expect(asked).toMatchObject({ reason: "proposed", default_decision: "leave_as_is" });
    expect(asked?.options.map(({ effect }) => effect)).toEqual(["leave"]);
    const acting = all.kernel.escalations.decide(asked?.id ?? "", "mend_machine_once", {
      kind: "person",
      id: "operator",
    });
    await expect(acting).rejects.toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
    expect(all.halls.acts()).toBe(0);
  });

  test("observes: what it would have done is written down, and nobody is asked", async () => {
    await using all = await begin("observe");
    expect(await all.fail()).toMatchObject({
      state: "refused",
      refusal: "observed",
      refusal_detail: `It would have been permitted to mend_machine ${TARGET}; the envelope halls only observes.`,
    });
    expect(await all.asked()).toEqual([]);
    expect(all.halls.acts()).toBe(0);
  });

  test("asks for an approval, and acts by it", async () => {
    await using all = await begin("approve");
    expect(await all.fail()).toMatchObject({ state: "refused", refusal: "awaiting_approval" });
    const [asked] = await all.asked();
    await all.kernel.escalations.decide(asked?.id ?? "", "mend_machine_once", { kind: "person", id: "operator" });
    await all.kernel.settle();
    expect(all.halls.acts()).toBe(1);
    await all.pass(2_000);
    expect((await all.envelope())?.record).toMatchObject({ held: 1, not_held: 0 });
  });

  test("lets no answer act that was asked for before it only proposed", async () => {
    await using all = await begin("approve");
    await all.fail();
    const [asked] = await all.asked();
    await all.is("propose");
    await all.kernel.escalations.decide(asked?.id ?? "", "mend_machine_once", { kind: "person", id: "operator" });
    await all.kernel.settle();
    expect(all.halls.acts()).toBe(0);
    expect((await all.kernel.attempts.list({ limit: 1 })).attempts).toMatchObject([{ refusal: "proposed" }]);
  });

  test.each([
    ["promote", "propose", "approve", ["act", "leave"]],
    ["demote", "approve", "propose", ["leave"]],
  ] as const)(
    "asks anew as it is now when a person says %s, though nothing fails again",
    async (way, from, to, effects) => {
      await using all = await begin(from);
      await all.fail();
      const [before] = await all.asked();
      await all.move(way);
      await all.kernel.settle();
      const open = await all.asked();
      expect(open).toHaveLength(1);
      expect(open[0]?.id).not.toBe(before?.id);
      expect([open[0]?.reason, open[0]?.options.map(({ effect }) => effect)]).toEqual([
        to === "approve" ? "awaiting_approval" : "proposed",
        effects,
      ]);
      const all_ = (await all.kernel.escalations.list("all")).escalations;
      expect(all_.find(({ id }) => id === before?.id)).toMatchObject({ status: "expired", decision: "leave_as_is" });
      expect(all.halls.acts()).toBe(0);
      expect(await verifyRows(all.engine)).toEqual([]);
    },
  );

  test("leaves what is asked as it is where an answer does as much as before", async () => {
    await using all = await begin("approve");
    await all.fail();
    const before = (await all.asked()).map(({ id }) => id);
    await all.move("promote");
    await all.kernel.settle();
    expect((await all.asked()).map(({ id }) => id)).toEqual(before);
    expect(all.halls.acts()).toBe(0);
  });

  test("asks another question with the next failure once no answer would do anything, and the same one until then", async () => {
    await using all = await begin("approve");
    await all.fail();
    const [first] = await all.asked();
    all.clock.advance(60_000);
    await all.fail();
    expect(await all.asked()).toMatchObject([{ id: first?.id, failures_since: 1 }]);
    await all.is("propose");
    all.clock.advance(60_000);
    await all.fail();
    const [second, ...more] = await all.asked();
    expect(more).toEqual([]);
    expect(second).toMatchObject({ reason: "proposed", failures_since: 0 });
    expect(second?.options.map(({ effect }) => effect)).toEqual(["leave"]);
  });

  test("offers no answer that would do nothing after what did not help took its trust away", async () => {
    await using all = await begin("approve");
    await all.fail();
    const [asked] = await all.asked();
    await all.kernel.escalations.decide(asked?.id ?? "", "mend_machine_once", { kind: "person", id: "operator" });
    await all.kernel.settle();
    all.halls.add(TARGET, "broken");
    await all.pass(2_000);
    expect(await all.envelope()).toMatchObject({ stage: "propose" });
    const [open] = await all.asked();
    expect([open?.reason, open?.options.map(({ effect }) => effect)]).toEqual(["ineffective", ["leave"]]);
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("uses up no approval for a question that offers no such answer, and asks it all the same", async () => {
    await using all = await begin();
    all.halls.add(TARGET, "broken");
    const yes = { projectId: "default", triggerId: null, action: "mend_machine", target: TARGET, reason: "go on" };
    await all.kernel.approvals.give({ ...yes, id: null, forMs: null });
    expect(await all.fail()).toMatchObject({ state: "refused", refusal: "proposed" });
    expect(await all.asked()).toHaveLength(1);
    expect(await all.kernel.approvals.list(true)).toMatchObject([{ status: "waiting" }]);
    expect(all.halls.acts()).toBe(0);
  });

  test("acts by itself at last, is trusted less at once when that did not help, and people are told", async () => {
    await using all = await begin("auto");
    expect(await all.fail()).toMatchObject({ state: "succeeded" });
    await all.pass(2_000);
    expect(await all.envelope()).toMatchObject({ stage: "auto", record: { held: 1, not_held: 0 } });
    all.clock.advance(60_000);
    await all.fail();
    // It fails again before the quiet watch is over.
    all.halls.add(TARGET, "broken");
    await all.pass(2_000);
    const envelope = await all.envelope();
    expect(envelope).toMatchObject({ stage: "approve", record: { held: 1, not_held: 1 }, moved: { reason: null } });
    expect(envelope?.record.at_least).toBeCloseTo(0.0945, 3);
    expect(await all.told()).toContain("envelope_demoted");
    const acts = all.halls.acts();
    all.clock.advance(60_000);
    await all.fail();
    expect(all.halls.acts()).toBe(acts);
    expect(await verifyRows(all.engine)).toEqual([]);
    const { size } = await all.kernel.ledger.head();
    const entries = (await all.kernel.ledger.entries(0, size)).map(({ entry }) => LedgerEntry.parse(JSON.parse(entry)));
    expect(entries.filter(({ type }) => type === "envelope_stage_changed")).toMatchObject([
      { from: "propose", to: "approve", attempt: null, by: { kind: "person" } },
      { from: "approve", to: "auto", attempt: null },
      { from: "auto", to: "approve", attempt: expect.any(String), held: 1, not_held: 1, by: { kind: "system" } },
    ]);
  });

  test("is moved by a person alone, one stage at a time, and no further than there are", async () => {
    await using all = await begin();
    const given = { projectId: "default", probe: "halls", move: "promote", reason: "it held" } as const;
    await expect(all.kernel.envelopes.move(given, { kind: "grant", id: "bot" })).rejects.toMatchObject({
      code: "PRUNELLA_ROLE_REQUIRED",
      detail: "Only a person says how far an envelope is trusted.",
    });
    expect(await all.envelope()).toMatchObject({ stage: "propose", moved: null, record: { at_least: null } });
    expect(await all.move("promote")).toMatchObject({ stage: "approve", moved: { reason: "we watched it" } });
    expect(await all.move("promote")).toMatchObject({ stage: "auto" });
    await expect(all.move("promote")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: "The envelope halls is at auto, which is the last stage.",
    });
    for (const stage of ["approve", "propose", "observe"]) expect(await all.move("demote")).toMatchObject({ stage });
    await expect(all.move("demote")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: "The envelope halls is at observe, which is the first stage.",
    });
    await expect(all.kernel.envelopes.move({ ...given, probe: "hals" })).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
      detail: expect.stringContaining("halls"),
    });
  });

  test("never holds back what a person asks for by hand, nor takes it for a recurrence", async () => {
    await using all = await begin("observe");
    all.halls.add(TARGET, "broken");
    expect(await all.autofix()).toMatchObject({ status: "attempted" });
    expect(await all.envelope()).toMatchObject({ stage: "observe" });
  });

  test.each([
    ["observe", ["leave"]],
    ["propose", ["leave"]],
    ["approve", ["act", "leave"]],
    ["auto", ["act", "leave"]],
  ] as const)("asks after a fix by hand that failed at %s for what an answer can do then", async (stage, effects) => {
    await using all = await begin(stage);
    all.halls.add(TARGET, "broken");
    all.halls.breakForGood(TARGET);
    expect(await all.autofix()).toMatchObject({ status: "execution_failed" });
    await all.kernel.settle();
    const asked = await all.asked();
    expect(asked.map(({ options }) => options.map(({ effect }) => effect))).toEqual([effects]);
    // What somebody asked for by hand is their own: it costs the envelope a part of its record, and no trust.
    expect(await all.envelope()).toMatchObject({ stage, record: { held: 0, not_held: 1 } });
  });

  test("is read again when a permit is redeemed", async () => {
    await using all = await begin("auto");
    await all.fail();
    all.halls.add(TARGET, "broken");
    await all.pass(2_000);
    expect(await all.envelope()).toMatchObject({ stage: "approve" });
    await all.move("promote");
    // The second of a row waits.
    expect(await all.fail()).toMatchObject({ state: "permitted" });
    const acts = all.halls.acts();
    await all.move("demote");
    await all.pass(31_000);
    expect(all.halls.acts()).toBe(acts);
    expect((await all.kernel.attempts.list({ limit: 1 })).attempts).toMatchObject([{ state: "expired" }]);
  });
});
