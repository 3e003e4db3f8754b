import { type Actor, FixEnvelope, RestartPolicy } from "@prunella/contract";
import { NOWHERE } from "../access/sessions.ts";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { createHalls } from "../envelopes/fixing-fixture.ts";
import { createIds } from "../ids.ts";
import { createWriter } from "../store/writer.ts";
import { PLAIN } from "./asker.ts";
import { decide } from "./decide.ts";

const HOUR_MS = 3_600_000;
const ALICE = { kind: "person", id: "alice" } as const;
const BOB = { kind: "person", id: "bob" } as const;
const policy = RestartPolicy.parse({ budget: { max: 0, window_ms: 60_000 }, debounce: { count: 1, window_ms: 1_000 } });

describe.each(ENGINES)("an approval, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** A program that no policy may restart: each of its crashes is a question. */
  async function begin() {
    const store = await open();
    const clock = testClock();
    const halls = createHalls();
    const kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { fixing: halls.fixing });
    const announce = (pid: number) => kernel.supervised.announce({ projectId: "default", name: "shop", pid, policy });
    const newId = createIds(clock, testRng(55));
    const { runId } = await announce(1);
    return {
      store,
      clock,
      halls,
      kernel,
      runId,
      announce,
      newId,
      async crash(run = runId) {
        await kernel.supervised.crash(run, (name) => aCrash(name));
        await kernel.settle();
      },
      /** Its supervisor does what was permitted. */
      async restart() {
        const told = await kernel.supervised.next(runId, null);
        if (told.kind !== "restart") throw new Error(`a crash was answered ${told.kind}`);
        await kernel.redeemer(told.permit_id, told.fence);
        await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
      },
      give: (given: object = {}, by: Actor = ALICE) =>
        kernel.approvals.give(
          {
            id: null,
            projectId: "default",
            triggerId: null,
            action: "restart",
            target: "program:shop",
            reason: "the deploy may stumble",
            forMs: null,
            ...given,
          },
          by,
        ),
      open: async () => (await kernel.escalations.list("open")).escalations,
      newest: async () => (await kernel.attempts.list({ limit: 1 })).attempts[0],
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("is kept when it comes before its question, answers it once, and says so when it is given again", async () => {
    await using all = await begin();
    const id = all.newId();
    const given = await all.give({ id });
    expect(await all.give({ id })).toEqual(given);
    expect(given).toMatchObject({ status: "waiting", args: { run: all.runId }, expires_at: all.clock.now() + HOUR_MS });
    await all.crash();
    const [used] = await all.kernel.approvals.list(true);
    expect(used).toMatchObject({ id, status: "used", ended_by: ALICE });
    const [question] = (await all.kernel.escalations.list("all")).escalations;
    expect(question).toMatchObject({
      id: used?.escalation_id,
      status: "decided",
      decision: "restart_once",
      decided_by: ALICE,
      note: "the deploy may stumble",
    });
    expect(await all.newest()).toMatchObject({ state: "permitted", subject: ALICE, because: { id: question?.id } });
    // A click that is replayed, also after it served.
    await expect(all.give({ id })).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: `This approval is used already, by alice at 2026-11-21 08:00:00 UTC, for the question ${question?.id}.`,
    });
    await expect(all.kernel.escalations.decide(question?.id ?? "", "leave_stopped", BOB)).rejects.toMatchObject({
      detail: "This escalation is decided already: restart_once, by alice at 2026-11-21 08:00:00 UTC.",
    });
    await all.restart();
    await all.crash();
    expect(await all.open()).toHaveLength(1);
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("that no question came for is over, and answers none that comes later", async () => {
    await using all = await begin();
    const id = all.newId();
    await all.give({ id, forMs: 60_000 });
    all.clock.advance(60_000);
    await all.kernel.settle();
    expect(await all.kernel.approvals.list(true)).toMatchObject([
      { status: "expired", ended_by: { kind: "default" }, escalation_id: null },
    ]);
    await all.crash();
    expect(await all.open()).toHaveLength(1);
    await expect(all.give({ id })).rejects.toMatchObject({
      detail: "This approval is expired already, by default at 2026-11-21 08:01:00 UTC.",
    });
    await expect(all.kernel.approvals.withdraw(id, BOB)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("whose time is over is in nobody's way, also where nothing has ended it yet", async () => {
    await using all = await begin();
    const first = await all.give({ forMs: 60_000 });
    await expect(all.give()).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    all.clock.advance(60_000);
    const second = await all.give();
    const found = await all.kernel.approvals.list(true);
    expect(found.find(({ id }) => id === first.id)).toMatchObject({ status: "expired", ended_by: { kind: "default" } });
    expect(found.find(({ id }) => id === second.id)).toMatchObject({ status: "waiting" });
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("is for exactly what would be done when it was given, and for nobody's own question", async () => {
    await using all = await begin();
    const first = await all.give();
    await expect(all.give({}, BOB)).rejects.toMatchObject({
      detail: "An approval of it waits already, by alice, until 2026-11-21 09:00:00 UTC.",
    });
    // Another run of the same name is another thing.
    const { runId } = await all.announce(2);
    await all.crash(runId);
    expect(await all.open()).toMatchObject([{ args: { run: runId } }]);
    expect(await all.kernel.approvals.list(false)).toMatchObject([{ id: first.id, args: { run: all.runId } }]);
    await all.kernel.approvals.withdraw(first.id, BOB);
    expect(await all.kernel.approvals.list(false)).toEqual([]);
    // The question that stands is answered at once.
    expect(await all.give({}, BOB)).toMatchObject({ status: "used", args: { run: runId } });
    await all.kernel.settle();
    expect(await all.newest()).toMatchObject({ state: "permitted", subject: BOB });
    for (const [wrong, code] of [
      [{ action: "work" }, "PRUNELLA_REQUEST_INVALID"],
      [{ target: "program:nothing" }, "PRUNELLA_NOT_FOUND"],
      [{ triggerId: "nobody" }, "PRUNELLA_NOT_FOUND"],
      [{ forMs: 25 * HOUR_MS }, "PRUNELLA_REQUEST_INVALID"],
    ] as const)
      await expect(all.give(wrong)).rejects.toMatchObject({ code });
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("answers nothing once its giver was removed or may not decide any more, and the question stands", async () => {
    await using all = await begin();
    const { access } = all.kernel;
    const add = async (name: string) => {
      const given = { name, email: null, role: "operator", project: null, by: ALICE } as const;
      const { person, code } = await access.addPerson(given);
      await access.acceptInvitation(code, NOWHERE);
      return { kind: "person", id: person.id } as const;
    };
    const [ida, eva] = [await add("ida"), await add("eva")];
    await all.give({ triggerId: null }, ida);
    await access.setRole(ida.id, { project: null, role: "viewer", by: ALICE });
    await all.crash();
    const [question] = await all.open();
    expect(question).toMatchObject({ status: "open" });
    expect(await all.kernel.approvals.list(true)).toMatchObject([{ status: "waiting" }]);
    await all.kernel.approvals.withdraw((await all.kernel.approvals.list(false))[0]?.id ?? "", ALICE);
    await access.removePerson(eva.id, ALICE);
    expect(await all.give({}, eva)).toMatchObject({ status: "waiting" });
    expect(await all.open()).toHaveLength(1);
    // Whoever may still say so is heard.
    expect(await all.give({ triggerId: "restart-shop" }, ALICE)).toMatchObject({ status: "used" });
  });

  test("of a question is for what the question showed, in the envelope that it showed", async () => {
    await using all = await begin();
    all.halls.add("machine:south/m1");
    all.halls.breakForGood("machine:south/m1");
    const of = (probe: string, timeout: string) =>
      FixEnvelope.parse({
        probe,
        token: `env:TOKEN_OF_${probe.toUpperCase()}`,
        // Below it no answer does anything.
        begins_at: "approve",
        actions: [{ do: "mend_machine", targets: ["machine:south/m1"], timeout }],
      });
    all.halls.configure([of("halls", "1s")]);
    all.halls.turn(true);
    const asked = { probe: "halls", action: "mend", target: "m1", reason: "dark", callerSessionId: null } as const;
    const subject = { kind: "person", id: "operator" } as const;
    await all.kernel.envelopes.autofix({ ...asked, projectId: "default", subject, source: "operator" });
    const [question] = await all.open();
    expect(question).toMatchObject({ asker: "mend_machine", args: { envelope: "halls" } });
    // Edited between the question and its answer.
    all.halls.configure([of("halls", "2s")]);
    expect(await all.kernel.escalations.decide(question?.id ?? "", "mend_machine_once", ALICE)).toMatchObject({
      verdict: "refused",
      refusal: "approval_expired",
      detail: expect.stringContaining("is not what was approved"),
    });
    expect(all.halls.acts()).toBe(1);
    // It is asked about anew as it is now; another envelope that lists the same comes first in the file and is off.
    all.halls.configure([of("old", "2s"), of("halls", "2s")]);
    const [again] = await all.open();
    expect(again?.args).not.toEqual(question?.args);
    expect(await all.kernel.escalations.decide(again?.id ?? "", "mend_machine_once", ALICE)).toMatchObject({
      verdict: "permitted",
    });
    await all.kernel.settle();
    expect(all.halls.tokens).toEqual(["env:TOKEN_OF_HALLS", "env:TOKEN_OF_HALLS"]);
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("of a question may hold for less than a quarter of an hour, and never for more", async () => {
    await using all = await begin();
    await all.crash();
    const [question] = await all.open();
    const escalationId = question?.id ?? "";
    const answer = (decision: string, forMs: number) =>
      all.kernel.escalations.decide(escalationId, decision, ALICE, { forMs });
    await expect(answer("restart_once", 900_001)).rejects.toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
    await expect(answer("leave_stopped", 60_000)).rejects.toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
    // Answered a minute and a second ago, while whoever asks the gate was down.
    const choice = { name: "restart_once", effect: "act", label: "", promise: "", done: "" } as const;
    const askers = new Map([["restart", { ...PLAIN, choices: [choice] }]]);
    const writer = createWriter(all.store.engine);
    const said = { newId: all.newId, askers, escalationId, decision: "restart_once", by: ALICE, forMs: 60_000 };
    await writer.run((tx) => decide(tx, { ...said, now: all.clock.now() - 61_000 }));
    await writer.close();
    await all.kernel.settle();
    expect(await all.newest()).toMatchObject({ state: "refused", refusal: "approval_expired" });
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });
});
