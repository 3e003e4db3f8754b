import { AutofixResult, FixEnvelope } from "@prunella/contract";
import { scrubEvent, scrubJson, scrubText, type Scrubber } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock, timePasses } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { createHalls } from "./fixing-fixture.ts";

describe.each(ENGINES)("an autofix, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const begin = async () => {
    const store = await open();
    const halls = createHalls();
    const clock = testClock();
    let isBroken = false;
    const scrubber: Pick<Scrubber, "scrubEvent" | "scrubJson" | "scrubText"> = {
      scrubEvent,
      scrubJson,
      scrubText(text) {
        if (isBroken) throw new Error("nothing can be scrubbed, so nothing can be written");
        return scrubText(text);
      },
    };
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, scrubber, { fixing: halls.fixing });
    halls.add("machine:south/m1");
    halls.turn(true);
    const ask = async (given: Partial<Parameters<typeof kernel.envelopes.autofix>[0]> = {}) => {
      const result = await kernel.envelopes.autofix({
        projectId: "default",
        subject: { kind: "person", id: "operator" },
        source: "operator",
        probe: "halls",
        action: "mend",
        target: "m1",
        reason: "it is dark",
        callerSessionId: null,
        ...given,
      });
      return AutofixResult.parse(result);
    };
    return {
      store,
      halls,
      clock,
      kernel,
      ask,
      breakScrubber: (isNow: boolean) => void (isBroken = isNow),
      work: (kind: string) => store.engine.reader.selectFrom("work").selectAll().where("kind", "=", kind).execute(),
      attempts: async () => (await kernel.attempts.list({ limit: 50 })).attempts,
      rows: async () => (await kernel.timeline.list({ limit: 50 })).events.map(({ row }) => row),
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  };

  test("finds the target in whichever part has it, mends it, and tells before and after", async () => {
    await using all = await begin();
    const result = await all.ask({ callerSessionId: "story-1" });
    expect(result).toMatchObject({
      status: "attempted",
      action_taken: "mend",
      action_canonical: "mend_machine",
      before_state: { state: "broken" },
      after_state: { state: "well" },
    });
    expect(all.halls.looked().slice(0, 2)).toEqual(["machine:north/m1", "machine:south/m1"]);
    const [attempt, ...others] = await all.attempts();
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ target: "machine:south/m1", state: "succeeded", because: { kind: "call" } });
    expect(await all.rows()).toMatchObject([
      {
        seam: "tool.probe_autofix_attempted",
        caller_session_id: "story-1",
        details: { status: "attempted", target_id: "m1", halls_app: "north", reason_from_reasoning: "it is dark" },
      },
    ]);
    expect((await all.kernel.timeline.read(attempt?.id ?? "")).sessions).toEqual(["story-1"]);
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("is refused for what is wrong with it: a structure, one row a call, no effect and no throw", async () => {
    await using all = await begin();
    const { halls } = all;
    const nothing = () => undefined;
    const cases: readonly [string, Parameters<typeof all.ask>[0], () => void][] = [
      ["unknown_probe", { probe: "nobody" }, nothing],
      ["unknown_probe", { probe: "\uff28alls; drop table" }, nothing],
      ["envelope_disabled", {}, () => halls.turn(false)],
      ["action_not_in_envelope", { action: "destroy_machine" }, () => halls.turn(true)],
      ["action_not_in_envelope", { action: "\uff2dend' --" }, nothing],
      ["action_not_in_envelope", { probe: "watcher" }, () => halls.fixing.switches.turn("watcher", true)],
      ["unknown_remedy", { action: "file_issue" }, nothing],
      ["unknown_remedy", { action: "propose_fix" }, nothing],
      ["target_id_invalid", { target: "../m1" }, nothing],
      ["target_id_invalid", { target: "m\u0456" }, nothing],
      ["target_id_invalid", { target: "m1\u0301" }, nothing],
      ["target_id_invalid", { target: "x".repeat(65) }, nothing],
      ["target_not_found", { target: "m2" }, nothing],
      ["target_is_moving", {}, () => halls.add("machine:south/m1", "moving")],
      ["target_already_healthy", {}, () => halls.add("machine:south/m1", "well")],
      ["halls_token_unset", {}, () => halls.unsetToken()],
    ];
    const answers: unknown[] = [];
    for (const [, given, prepare] of cases) {
      prepare();
      const result = await all.ask(given);
      answers.push(result.status === "rejected" ? result.rejection_reason : result.status);
      all.clock.advance(1_000);
    }
    const reasons = cases.map(([reason]) => reason);
    expect(answers).toEqual(reasons);
    expect(halls.acts()).toBe(0);
    expect((await all.attempts()).map(({ refusal, count }) => [refusal, count]).toReversed()).toEqual(
      reasons.map((reason) => [reason, 1]),
    );
    expect((await all.rows()).toReversed()).toMatchObject(
      reasons.map((reason) => ({ details: { status: "rejected", rejection_reason: reason } })),
    );
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("says which switch would change it, and looks at nothing while it is off", async () => {
    await using all = await begin();
    all.halls.turn(false);
    expect(await all.ask()).toMatchObject({
      rejection_detail: { enable_env: "PRUNELLA_AUTOFIX_HALLS_ENABLED", fix_name: "mend_machine" },
    });
    expect(all.halls.looked()).toEqual([]);
  });

  test("gives each call a row of its own, also the same refusal again", async () => {
    await using all = await begin();
    all.halls.turn(false);
    for (const _ of [1, 2, 3]) await all.ask();
    expect(await all.attempts()).toHaveLength(3);
    expect(await all.rows()).toHaveLength(3);
  });

  test("fails with a structure when it does not help", async () => {
    await using all = await begin();
    all.halls.breakForGood("machine:south/m1");
    expect(await all.ask()).toMatchObject({ status: "execution_failed", after_state: { state: "broken" } });
    expect(await all.rows()).toMatchObject([{ details: { status: "execution_failed" } }]);
  });

  test("is refused at redeeming when its switch is flipped after the permit, and nothing acts", async () => {
    await using all = await begin();
    const { promise: permitted, resolve } = Promise.withResolvers<void>();
    const stop = all.kernel.notices.subscribe(({ topic }) => {
      if (topic !== "attempts") return;
      all.halls.turn(false);
      resolve();
    });
    const asked = all.ask();
    await permitted;
    // At once: nobody waits for the permit's time to be over.
    expect(await asked).toMatchObject({
      status: "rejected",
      rejection_reason: "envelope_disabled",
      rejection_detail: { enable_env: "PRUNELLA_AUTOFIX_HALLS_ENABLED", fix_name: "mend_machine" },
    });
    expect(await all.rows()).toMatchObject([{ details: { rejection_reason: "envelope_disabled" } }]);
    stop();
    expect(all.halls.acts()).toBe(0);
    expect((await all.attempts())[0]).toMatchObject({ state: "expired" });
  });

  test("does not carry out what the envelope said otherwise when it was permitted", async () => {
    await using all = await begin();
    const changed = FixEnvelope.parse({
      probe: "halls",
      actions: [{ do: "mend_machine", targets: ["machine:south/*"], timeout: "1s" }],
    });
    const stop = all.kernel.notices.subscribe(({ topic }) => topic === "attempts" && all.halls.configure([changed]));
    expect(await all.ask()).toMatchObject({ status: "execution_failed" });
    stop();
    expect(all.halls.acts()).toBe(0);
  });

  test("is carried out by the envelope that was asked for, never by one that is off and lists the same", async () => {
    await using all = await begin();
    const listing = (probe: string, target: string) =>
      FixEnvelope.parse({
        probe,
        token: `env:TOKEN_OF_${probe.toUpperCase()}`,
        actions: [{ do: "mend_machine", targets: [target] }],
      });
    all.halls.configure([listing("old", "machine:south/*"), listing("halls", "machine:south/m1")]);
    expect(await all.ask()).toMatchObject({ status: "attempted", after_state: { state: "well" } });
    expect(all.halls.tokens).toEqual(["env:TOKEN_OF_HALLS"]);
  });

  test("has its one row also when the process that waited for it has gone", async () => {
    await using all = await begin();
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    all.halls.whileMending(() => {
      begun.resolve();
      return held.promise;
    });
    const secret = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].join("");
    const asked = all.ask({ callerSessionId: "story-2", reason: `dark ${secret}` });
    await timePasses(all.clock, 5, begun.promise);
    expect(JSON.stringify(await all.store.engine.reader.selectFrom("work").selectAll().execute())).not.toContain(
      secret,
    );
    // For the one that waits time stands still, as for a process that has gone.
    const later = testClock(all.clock.now() + 400_000);
    await using other = await openKernel(await all.store.again(), later, 5_000, undefined, undefined, {
      fixing: all.halls.fixing,
      place: "elsewhere",
    });
    // It is looked again when the attempt has been given up.
    await expect
      .poll(
        async () => {
          later.advance(5_000);
          await other.settle();
          return (await other.timeline.list({ limit: 50 })).events.map(({ row }) => row);
        },
        { timeout: 20_000 },
      )
      .toMatchObject([
        { caller_session_id: "story-2", details: { status: "execution_failed", before_state: { state: "broken" } } },
      ]);
    held.resolve();
    await timePasses(all.clock, 400_000, asked);
    expect(await all.rows()).toHaveLength(1);
  });

  test("is answered in time while its action takes an hour, and its one row tells how that ended", async () => {
    await using all = await begin();
    all.halls.configure([
      FixEnvelope.parse({
        probe: "halls",
        actions: [{ do: "mend_machine", targets: ["machine:south/*"], timeout: "1h" }],
      }),
    ]);
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    all.halls.whileMending(() => {
      begun.resolve();
      return held.promise;
    });
    using _ = { [Symbol.dispose]: () => held.resolve() };
    const asked = all.ask();
    await timePasses(all.clock, 5, begun.promise);
    all.clock.advance(45_000);
    expect(await timePasses(all.clock, 1_000, asked)).toMatchObject({
      status: "attempted",
      under_way: true,
      before_state: { state: "broken" },
      after_state: null,
      executor_duration_ms: null,
    });
    // Longer than whoever reports nothing has elsewhere, and each time that somebody looks.
    for (let at = 0; at < 4; at += 1) {
      all.clock.advance(60_000);
      await expect
        .poll(async () => {
          // Whoever looks now and then may just have been about to say when.
          all.clock.advance(5);
          return ((await all.work("lost_autofix_row"))[0]?.due_at ?? 0) > all.clock.now();
        })
        .toBe(true);
    }
    expect(await all.attempts()).toMatchObject([{ state: "running" }]);
    expect(await all.rows()).toEqual([]);
    held.resolve();
    await all.kernel.settle();
    all.clock.advance(5_000);
    await all.kernel.settle();
    expect(await all.rows()).toMatchObject([
      { details: { status: "attempted", after_state: { state: "well" }, executor_duration_ms: expect.any(Number) } },
    ]);
    all.clock.advance(400_000);
    await all.kernel.settle();
    expect(await all.rows()).toHaveLength(1);
  });

  test("means the remedy that lists the target, where its envelope calls several by one name", async () => {
    await using all = await begin();
    all.halls.configure([
      FixEnvelope.parse({
        probe: "halls",
        actions: [
          { do: "command", as: "fix_it", targets: ["service:shop"], command: ["true"] },
          { do: "mend_machine", as: "fix_it", targets: ["machine:south/m1"] },
        ],
      }),
    ]);
    expect(await all.ask({ action: "fix_it" })).toMatchObject({
      status: "attempted",
      action_taken: "fix_it",
      action_canonical: "mend_machine",
    });
  });

  test("writes no secret of a session or of what a provider says, also not while it waits", async () => {
    await using all = await begin();
    const secret = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].join("");
    all.halls.say(`token ${secret}`);
    const written: string[] = [];
    all.halls.whileMending(async () => {
      written.push(JSON.stringify(await all.store.engine.reader.selectFrom("work").selectAll().execute()));
    });
    const { caller_session_id: session } = await all.ask({ callerSessionId: secret });
    expect(session).toMatch(/^autofix:/);
    expect(await all.rows()).toMatchObject([{ caller_session_id: session, details: { status: "attempted" } }]);
    written.push(JSON.stringify(await all.rows()));
    expect(written[0]).toContain("lost_autofix_row");
    expect(written.filter((text) => text.includes(secret))).toEqual([]);
  });

  test("says what was done also when its row cannot be written, which is there later", async () => {
    await using all = await begin();
    all.halls.whileMending(() => {
      all.halls.say("more than a row takes ".repeat(100));
      all.breakScrubber(true);
    });
    expect(await all.ask()).toMatchObject({ status: "attempted", action_taken: "mend", after_state: null });
    expect(await all.rows()).toEqual([]);
    all.breakScrubber(false);
    all.clock.advance(400_000);
    await all.kernel.settle();
    expect(await all.rows()).toMatchObject([{ details: { status: "attempted", after_state: null } }]);
  });

  test("keeps no secret of a reason, a target or a probe's name", async () => {
    await using all = await begin();
    const secret = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].join("");
    await all.ask({ reason: `because ${secret}`, target: `${secret}!`, probe: `${secret}!`, action: `${secret}!` });
    for (const table of ["audit_event", "self_heal_attempts", "ledger"] as const)
      expect(JSON.stringify(await all.store.engine.reader.selectFrom(table).selectAll().execute())).not.toContain(
        secret,
      );
  });

  test("asks with the grant of a caller, for what its table lists and nothing else", async () => {
    await using all = await begin();
    const key = "k".repeat(32);
    const grant = {
      id: "caller-bot",
      project_id: "default",
      actions: ["mend_machine"],
      targets: ["machine:south/m1"],
      budgets: [{ scope: "target", max: 1, window_ms: 60_000 } as const],
      ceilings: [],
      expires_at: null,
    };
    await all.kernel.callers.set([{ grant, key }]);
    const size = (await all.kernel.ledger.head()).size;
    await all.kernel.callers.set([{ grant, key }]);
    expect((await all.kernel.ledger.head()).size).toBe(size);
    const asked = { probe: "halls", action: "mend", target: "m1", reason: "dark", callerSessionId: null };
    const call = (given: Partial<typeof asked> = {}) =>
      all.kernel.envelopes.autofixWithKey(key, { ...asked, ...given });
    all.halls.add("machine:south/m9");
    expect(await call({ target: "m9" })).toMatchObject({ rejection_reason: "not_granted" });
    await expect(all.kernel.envelopes.autofixWithKey("guessed", asked)).rejects.toMatchObject({
      code: "PRUNELLA_SIGN_IN_REQUIRED",
    });
    expect(await call()).toMatchObject({ status: "attempted" });
    all.halls.add("machine:south/m1");
    expect(await call()).toMatchObject({ rejection_reason: "budget_exhausted" });
    await all.kernel.callers.set([]);
    expect(await call()).toMatchObject({ rejection_reason: "not_granted" });
    expect(all.halls.acts()).toBe(0);
  });

  test("stays off when its switch is turned off while somebody turns it on", async () => {
    await using all = await begin();
    all.halls.turn(false);
    const answers = await Promise.all([
      all.kernel.envelopes.turn("halls", true),
      all.kernel.envelopes.turn("halls", false),
    ]);
    expect(answers.map(({ on }) => on)).toEqual([false, false]);
    expect(await all.kernel.envelopes.list()).toMatchObject([{ is_on: false }, {}]);
    expect(await all.kernel.envelopes.turn("halls", true)).toMatchObject({ on: true });
  });

  test("stands in the ledger when its switch is turned, with who did", async () => {
    await using all = await begin();
    await all.kernel.envelopes.turn("halls", false, { kind: "person", id: "p1" });
    expect(await all.ask()).toMatchObject({ rejection_reason: "envelope_disabled" });
    const { size } = await all.kernel.ledger.head();
    const entries = await all.kernel.ledger.entries(0, size);
    expect(entries.filter(({ entry }) => entry.includes("envelope_switched"))).toHaveLength(1);
    await expect(all.kernel.envelopes.turn("nobody", true)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    expect(await all.kernel.envelopes.list()).toMatchObject([
      {
        probe: "halls",
        is_on: false,
        observes_only: false,
        actions: [{ name: "mend_machine", aliases: ["fix_it", "mend"] }],
      },
      { probe: "watcher", observes_only: true, actions: [] },
    ]);
  });

  test("lists what could be done to its targets and stands outside, which is refused", async () => {
    await using all = await begin();
    const [halls, watcher] = await all.kernel.envelopes.list();
    expect(halls?.outside).toEqual(["clear", "command", "http_call", "wake"]);
    for (const action of halls?.outside ?? [])
      expect(await all.ask({ action })).toMatchObject({ rejection_reason: "action_not_in_envelope" });
    expect(watcher?.outside).toEqual([]);
  });
});
