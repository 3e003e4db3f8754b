import { scrubJson, type Scrubbed } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { rows } from "../store/rows.ts";
import { createWriter } from "../store/writer.ts";
import type { BrokerVerdict } from "./call.ts";
import { PATIENCE_MS } from "./asking.ts";
import { ADA, admit, ALL, callOf, install, manifestOf, trust } from "./plugin-fixture.ts";

const BO = { kind: "person", id: "bo" } as const;

describe.each(ENGINES)("what a plugin may do only when a person says so, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const manifest = manifestOf({
      limits: { calls: 20 },
      listens: [{ event: "fault.new", uses: ["github:branch:delete"], reason: "Tidies." }],
    });
    await install(kernel, "one", manifest);
    await trust(kernel, [
      ...ALL,
      { scope: "github:branch:delete", resources: ["*"] },
      { scope: "events:receive", resources: ["fault.new"] },
    ]);
    const admitted = await admit(kernel, "event:fault.new");
    if (admitted.kind !== "admitted") throw new Error(`it is ${JSON.stringify(admitted)}`);
    await kernel.plugins.invocations.begin(admitted.invocationId, null);
    const ends = new AbortController();
    const times: string[] = [];
    const ask = (resource = "octo/shop", preview = '{"repo":"octo/shop","branch":"old"}'): Promise<BrokerVerdict> =>
      kernel.plugins.authorize(
        callOf(admitted.invocationId, {
          method: "github.branch.delete",
          access: "write",
          scope: "github:branch:delete",
          resource,
          preview,
        }),
        { signal: ends.signal, begins: () => void times.push("begins"), ends: () => void times.push("ends") },
      );
    const questions = async () => (await kernel.escalations.list("open")).escalations;
    const history = async () => (await kernel.plugins.history("default", "greeter", 1))[0];
    return {
      ...store,
      clock,
      kernel,
      invocation: admitted.invocationId,
      ends,
      times,
      ask,
      questions,
      history,
      /** Once so many stand open. */
      async asked(count = 1) {
        await expect.poll(async () => (await questions()).length, { timeout: 20_000 }).toBe(count);
        return questions();
      },
      async decide(id: string, decision: string) {
        const decided = kernel.escalations.decide(id, decision, BO);
        await kernel.settle();
        return decided;
      },
      async [Symbol.asyncDispose]() {
        const problems = await verifyRows(store.engine);
        await kernel.close();
        await store[Symbol.asyncDispose]();
        expect(problems).toEqual([]);
      },
    };
  }

  test("waits for a person, is shown to them as it is, and goes on with a permit that serves once", async () => {
    await using all = await begin();
    const verdict = all.ask();
    const [question] = await all.asked();
    expect(question).toMatchObject({
      target: "plugin:greeter",
      options: [{ name: "allow_once" }, { name: "refuse" }],
      args: {
        method: "github.branch.delete",
        resource: "octo/shop",
        invocation: all.invocation,
        preview: '{"repo":"octo/shop","branch":"old"}',
      },
    });
    expect(await all.history()).toMatchObject({ state: "parked" });
    expect(all.times).toEqual(["begins"]);
    await all.decide(question?.id ?? "", "allow_once");
    const allowed = await verdict;
    if (allowed.kind !== "allowed" || allowed.permit === null) throw new Error(JSON.stringify(allowed));
    expect(all.times).toEqual(["begins", "ends"]);
    expect(await all.history()).toMatchObject({ state: "running" });
    await allowed.done(true);
    const { attempts } = await all.kernel.attempts.list({ limit: 10 });
    expect(attempts.map(({ state, subject, because }) => [state, subject, because.kind])).toEqual([
      ["succeeded", BO, "escalation"],
    ]);
    // The same once more is another question.
    const again = all.ask();
    const [other] = await all.asked();
    await all.decide(other?.id ?? "", "refuse");
    expect(await again).toMatchObject({
      kind: "needs_approval",
      escalationId: other?.id,
      detail: expect.stringContaining("said no"),
    });
  });

  test("is refused what a person said yes to when it was disabled or revoked meanwhile", async () => {
    await using all = await begin();
    const verdict = all.ask();
    const [question] = await all.asked();
    await all.kernel.plugins.revoke("default", "greeter", ["github:branch:delete"], ADA);
    await all.decide(question?.id ?? "", "allow_once");
    expect(await verdict).toMatchObject({
      kind: "denied",
      refusal: "not_granted",
      detail: expect.stringContaining("not trusted with github:branch:delete"),
    });
    // Whoever asked has heard it: there is nothing left that an answer could change.
    expect(await all.questions()).toEqual([]);
  });

  test("ends without a yes when nobody answers in time, or nobody waits any more, and the question is closed", async () => {
    await using all = await begin();
    const late = all.ask();
    await all.asked();
    // Whoever asks begins to wait a moment after the question stands.
    await expect.poll(() => all.times, { timeout: 20_000 }).toEqual(["begins"]);
    for (let at = 0; at <= PATIENCE_MS; at += 60_000) all.clock.advance(60_000);
    expect(await late).toMatchObject({ kind: "needs_approval" });
    expect(await all.questions()).toEqual([]);
    const given = all.ask();
    await all.asked();
    all.ends.abort(new Error("it was cancelled"));
    expect(await given).toMatchObject({ kind: "needs_approval" });
    expect(await all.questions()).toEqual([]);
    const { attempts } = await all.kernel.attempts.list({ limit: 10 });
    expect(attempts).toEqual([]);
  });

  test("has five questions open at most, and a call beyond them is told so at once", async () => {
    await using all = await begin();
    const waiting = ["a", "b", "c", "d", "e"].map((name) => all.ask(`octo/${name}`));
    await all.asked(5);
    expect(await all.ask("octo/f")).toMatchObject({ kind: "needs_approval", escalationId: null });
    all.ends.abort(new Error("enough"));
    await Promise.all(waiting);
  });

  test("loses its question with the server that waited for the answer", async () => {
    await using all = await begin();
    const verdict = all.ask().catch(() => undefined);
    const [question] = await all.asked();
    const other = await openKernel(all.engine, all.clock);
    await all.kernel.close();
    all.clock.advance(31_000);
    await other.settle();
    await expect
      .poll(async () => (all.clock.advance(5_000), (await other.escalations.list("open")).escalations.length))
      .toBe(0);
    expect((await other.plugins.history("default", "greeter", 1))[0]).toMatchObject({ state: "failed" });
    await expect(other.escalations.decide(question?.id ?? "", "allow_once", BO)).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
    await other.close();
    await verdict;
  });

  test("begins a command that wants a yes once somebody gave it, and what it does then asks nobody again", async () => {
    await using all = await begin();
    const plugin = await all.kernel.plugins.find("greeter");
    const park = () =>
      all.kernel.plugins.invocations.admit({
        projectId: "default",
        plugin,
        command: "tidy",
        via: "api",
        by: ADA,
        isConfirmed: false,
        bindings: {},
        asks: { argumentsDigest: "0".repeat(64), preview: '{"branch":"old"}', kept: null },
      });
    const parked = await park();
    if (parked.kind !== "parked") throw new Error(JSON.stringify(parked));
    const [question] = await all.asked();
    expect(question?.args).toMatchObject({ command: "tidy", risk: "destructive", preview: '{"branch":"old"}' });
    expect(await all.history()).toMatchObject({ state: "parked" });
    const { invocations } = all.kernel.plugins;
    const confirmed = invocations.confirmed(parked.invocationId, parked.escalationId, all.ends.signal);
    await all.decide(parked.escalationId, "allow_once");
    expect(await confirmed).toBeNull();
    expect(await invocations.begin(parked.invocationId, null)).toBeNull();
    const call = callOf(parked.invocationId, { access: "write", scope: "github:branch:delete", resource: "octo/shop" });
    expect(await all.kernel.plugins.authorize(call)).toMatchObject({ kind: "allowed" });
    const second = await park();
    if (second.kind !== "parked") throw new Error(JSON.stringify(second));
    const refused = invocations.confirmed(second.invocationId, second.escalationId, all.ends.signal);
    await all.decide(second.escalationId, "refuse");
    expect(await refused).toMatchObject({ refusal: null, detail: "A person was asked, and said no." });
  });

  test("is taken over once by another server when its own is dead, with its question, arguments and time", async () => {
    await using all = await begin();
    const plugin = await all.kernel.plugins.find("greeter");
    const asked = { projectId: "default", plugin, command: "tidy", via: "api", by: ADA, isConfirmed: false } as const;
    const park = (kept: Scrubbed<unknown> | null) =>
      all.kernel.plugins.invocations.admit({
        ...asked,
        bindings: { "event.repo": "octo/shop" },
        asks: { argumentsDigest: "0".repeat(64), preview: "{}", kept },
      });
    const [parked, lost] = [await park(scrubJson({ branch: "old" }).value), await park(null)];
    if (parked.kind !== "parked" || lost.kind !== "parked") throw new Error(JSON.stringify([parked, lost]));
    const elsewhere = { place: "elsewhere" };
    const other = await openKernel(all.engine, all.clock, undefined, undefined, undefined, elsewhere);
    // Its server lives: nobody takes it from there.
    expect(await other.plugins.invocations.adopt()).toEqual([]);
    const { invocations } = all.kernel.plugins;
    const { invocationId, escalationId } = parked;
    const given = new AbortController().signal;
    const closing = new AbortController();
    const before = invocations.confirmed(invocationId, escalationId, given, closing.signal);
    closing.abort();
    expect(await before).toBe("left");
    await all.kernel.close();
    const stateOf = async (id: string) =>
      (await other.plugins.history("default", "greeter", 5)).find((one) => one.id === id)?.state;
    await expect
      .poll(async () => (all.clock.advance(5_000), await other.settle(), stateOf(lost.invocationId)), {
        timeout: 20_000,
      })
      .toBe("failed");
    const taken = await Promise.all([other.plugins.invocations.adopt(), other.plugins.invocations.adopt()]);
    expect(taken.flat()).toEqual([
      {
        invocationId,
        escalation: escalationId,
        projectId: "default",
        pluginId: plugin.plugin_id,
        command: "tidy",
        via: "api",
        by: ADA,
        arguments: { branch: "old" },
        bindings: { "event.repo": "octo/shop" },
      },
    ]);
    const confirmed = other.plugins.invocations.confirmed(invocationId, escalationId, given);
    await other.escalations.decide(escalationId, "allow_once", BO);
    await other.settle();
    expect(await confirmed).toBeNull();
    expect(await other.plugins.invocations.begin(invocationId, null)).toBeNull();
    expect((await other.escalations.list("open")).escalations).toEqual([]);
    await other.close();
  });

  test("is left by a server that was taken for dead when another has taken it over, whatever is answered", async () => {
    await using all = await begin();
    const plugin = await all.kernel.plugins.find("greeter");
    const asked = { projectId: "default", plugin, command: "tidy", via: "api", by: ADA, isConfirmed: false } as const;
    const { invocations } = all.kernel.plugins;
    const parked = await invocations.admit({
      ...asked,
      bindings: {},
      asks: { argumentsDigest: "0".repeat(64), preview: "{}", kept: scrubJson({}).value },
    });
    if (parked.kind !== "parked") throw new Error(JSON.stringify(parked));
    const writer = createWriter(all.engine);
    await writer.run(
      (tx) => rows(tx.db)`update plugin_invocation set node_id = 'another' where state = 'parked' returning 1`,
    );
    await writer.close();
    const confirmed = invocations.confirmed(parked.invocationId, parked.escalationId, new AbortController().signal);
    await all.decide(parked.escalationId, "refuse");
    expect(await confirmed).toBe("left");
    expect(await all.history()).toMatchObject({ state: "parked", ended_at: null });
  });

  test("is approved before its question by nobody, for what it will ask is not known", async () => {
    await using all = await begin();
    await expect(
      all.kernel.approvals.give(
        {
          id: null,
          projectId: "default",
          triggerId: null,
          action: "plugin_call",
          target: "plugin:greeter",
          reason: "in advance",
          forMs: null,
        },
        BO,
      ),
    ).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });
});
