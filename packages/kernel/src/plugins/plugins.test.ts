import type { LedgerEntry } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { Permit } from "../gate/permit.ts";
import { readEntries } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { createWriter } from "../store/writer.ts";
import { decodeEntry } from "../ledger/entry.ts";
import { ADA, admit, ALL, callOf, digestOf, install, manifestOf, run, trust } from "./plugin-fixture.ts";

const HOUR = 3_600_000;

describe.each(ENGINES)("plugins on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    return {
      ...store,
      clock,
      kernel,
      /** As another server would have left it. */
      async change(work: (tx: Tx) => Promise<unknown>) {
        const writer = createWriter(store.engine);
        await writer.run(async (tx) => void (await work(tx)));
        await writer.close();
      },
      async entries(): Promise<LedgerEntry[]> {
        const all = await readEntries(store.engine.reader, 0, 10_000);
        return all.flatMap(({ entry }) => {
          const decoded = decodeEntry(Buffer.from(entry));
          return decoded.kind === "entry" ? [decoded.entry] : [];
        });
      },
      async types(): Promise<string[]> {
        return (await this.entries()).map(({ type }) => type).filter((type) => type.startsWith("plugin_"));
      },
      async [Symbol.asyncDispose]() {
        // Whatever a test did, rows and ledger say the same, and no law is broken.
        const problems = await verifyRows(store.engine);
        await kernel.close();
        await store[Symbol.asyncDispose]();
        expect(problems).toEqual([]);
      },
    };
  }

  const effect = { access: "write", scope: "net:write", resource: "POST api.example.com/v1/users" } as const;

  test("grants nothing by being installed, and says which command would", async () => {
    await using all = await begin();
    const { change, detail } = await install(all.kernel);
    expect([change, detail.plugin.standing]).toEqual(["installed", "waiting"]);
    expect(detail.asked.map(({ scope, granted, required }) => [scope, granted, required])).toEqual([
      ["capability:state:write", null, true],
      ["github:branch:delete", null, false],
      ["github:issue:read", null, false],
      ["net:read", null, true],
      ["net:write", null, true],
    ]);
    expect(await admit(all.kernel)).toMatchObject({
      kind: "blocked",
      refusal: "not_granted",
      mend: "prunella plugin trust greeter --required",
    });
    // Blocked: that it failed, and never that it was invoked; the second of the hour is a sum.
    await admit(all.kernel);
    expect(await all.types()).toEqual(["plugin_changed", "plugin_failed"]);
  });

  test("runs what was granted, exactly, and shows what was used and refused", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    const { authorize } = all.kernel.plugins;
    expect(await authorize(callOf(id))).toEqual({ kind: "allowed", permit: null });
    expect(await authorize(callOf(id, { resource: "GET api.example.com/v2/" }))).toMatchObject({
      refusal: "not_declared",
      mend: null,
    });
    expect(await authorize(callOf(id, { scope: "fs:read", resource: "workspace" }))).toMatchObject({
      refusal: "not_declared",
    });
    expect(await authorize(callOf(id, { digest: digestOf("two") }))).toMatchObject({ refusal: "artifact_changed" });
    await all.kernel.plugins.invocations.end(id, { kind: "completed" });
    expect(await authorize(callOf(id))).toMatchObject({ kind: "expired" });
    const { asked, invocations } = await all.kernel.plugins.read("default", "greeter");
    expect(asked.find(({ scope }) => scope === "net:read")).toMatchObject({ used: 1, refused: 2, missing: [] });
    expect(invocations[0]).toMatchObject({
      state: "completed",
      via: "cli",
      by: ADA,
      calls: [
        { scope: "fs:read", allowed: 0, refused: 1, systems: [] },
        { scope: "net:read", allowed: 1, refused: 2, systems: ["api.example.com"] },
      ],
    });
    expect((await all.types()).slice(-2)).toEqual(["plugin_invoked", "plugin_completed"]);
  });

  test("says of each run how it began and ended, page by page, and of a plugin that is gone what the ledger has", async () => {
    await using all = await begin();
    await install(all.kernel);
    await admit(all.kernel);
    await trust(all.kernel);
    for (const how of ["completed", "failed"] as const) {
      const id = await run(all.kernel);
      await all.kernel.plugins.invocations.end(
        id,
        how === "completed" ? { kind: how } : { kind: how, reason: "failed", detail: "It broke." },
      );
    }
    const { steps, next } = await all.kernel.plugins.steps(0, 100);
    expect(next).toBeNull();
    expect(
      steps.map(({ entry, command, name, version, detail }) => [entry.type, command, name, version, detail]),
    ).toEqual([
      ["plugin_failed", "hi", "greeter", "0.1.0", expect.stringContaining("which nobody granted")],
      ["plugin_invoked", "hi", "greeter", "0.1.0", null],
      ["plugin_completed", "hi", "greeter", "0.1.0", null],
      ["plugin_invoked", "hi", "greeter", "0.1.0", "It broke."],
      ["plugin_failed", "hi", "greeter", "0.1.0", "It broke."],
    ]);
    const indexes: number[] = [];
    for (let from: number | null = 0; from !== null;) {
      const page: Awaited<ReturnType<typeof all.kernel.plugins.steps>> = await all.kernel.plugins.steps(from, 2);
      indexes.push(...page.steps.map(({ index }) => index));
      from = page.next;
    }
    expect(indexes).toEqual(steps.map(({ index }) => index));
    await all.kernel.plugins.remove("greeter", ADA);
    const gone = (await all.kernel.plugins.steps(0, 100)).steps;
    expect(gone.map(({ command, name, version, digest }) => [command, name, version, digest])).toEqual(
      steps.map(({ digest }) => ["hi", null, null, digest]),
    );
  });

  test("refuses a command what it does not list, and names the grant that is missing", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const quiet = await run(all.kernel, "quiet");
    expect(await all.kernel.plugins.authorize(callOf(quiet))).toMatchObject({ refusal: "not_used" });
    const hi = await run(all.kernel, "hi", { bindings: { "event.repo": "octo/shop" } });
    const call = callOf(hi, { scope: "github:issue:read", resource: "octo/shop" });
    expect(await all.kernel.plugins.authorize(call)).toMatchObject({
      refusal: "not_granted",
      mend: "prunella plugin trust greeter --scope github:issue:read --resource '$event.repo'",
    });
    await trust(all.kernel, [{ scope: "github:issue:read", resources: ["$event.repo"] }]);
    expect(await all.kernel.plugins.authorize(call)).toMatchObject({ kind: "allowed" });
    expect(await all.kernel.plugins.authorize({ ...call, resource: "octo/other" })).toMatchObject({
      refusal: "not_declared",
    });
  });

  test("takes a secret out of what it keeps of a run before that is cut, so that no half of one stays", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const { invocations } = all.kernel.plugins;
    const secret = ["gh", "p_", "Zq8".repeat(12)].join("");
    const across = (most: number) => `${"a b ".repeat((most - 12) / 4)}${secret}`;
    const id = await run(all.kernel);
    await invocations.progress(id, across(300));
    const [running] = await all.kernel.plugins.history("default", "greeter", 1);
    await invocations.end(id, { kind: "failed", reason: "failed", detail: across(2_000) });
    const [ended] = await all.kernel.plugins.history("default", "greeter", 1);
    for (const [kept, most] of [
      [running?.progress, 300],
      [ended?.detail, 2_000],
    ] as const) {
      expect(kept?.length).toBeLessThanOrEqual(most);
      expect(kept).not.toContain(secret.slice(0, 8));
    }
  });

  test("lets an effect through the gate with a permit that serves once, and keeps what came of it", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    // At once, so that the second permit is minted before the first effect is done.
    const verdicts = await Promise.all([
      all.kernel.plugins.authorize(callOf(id, effect)),
      all.kernel.plugins.authorize(callOf(id, effect)),
    ]);
    for (const [nth, verdict] of verdicts.entries()) {
      if (verdict.kind !== "allowed" || verdict.permit === null) throw new Error(JSON.stringify(verdict));
      expect(Permit.use(verdict.permit)).toMatchObject({
        action: "plugin_call",
        target: "plugin:greeter",
        args: { scope: "net:write", invocation: id },
      });
      await verdict.done(nth === 0);
    }
    const { attempts } = await all.kernel.attempts.list({ limit: 10 });
    // Both of one moment, so their order says nothing.
    const came = attempts.map(({ state, subject, verification }) => [state, subject.kind, verification]);
    expect(came.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ["failed", "grant", null],
      ["succeeded", "grant", "held"],
    ]);
    expect((await all.kernel.escalations.list("all")).escalations).toEqual([]);
  });

  test.each([
    ["stays under way as long as its run does, and is what came of it then", "reports"],
    ["is given up a minute after its run ended without a word of it", "ends"],
  ] as const)("has an effect that takes minutes, which %s", async (_, how) => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel, "hi", { timeoutMs: HOUR });
    const verdict = await all.kernel.plugins.authorize(callOf(id, effect));
    if (verdict.kind !== "allowed" || verdict.permit === null) throw new Error(JSON.stringify(verdict));
    const state = async () => {
      await all.kernel.settle();
      return (await all.kernel.attempts.list({ limit: 1 })).attempts[0]?.state;
    };
    for (let minute = 0; minute < 5; minute += 1) {
      all.clock.advance(61_000);
      expect(await state()).toBe("running");
    }
    // What it asks for meanwhile is within its time.
    expect(await all.kernel.plugins.authorize(callOf(id))).toMatchObject({ kind: "allowed" });
    if (how === "reports") await verdict.done(true);
    else await all.kernel.plugins.invocations.end(id, { kind: "failed", reason: "failed", detail: "It broke." });
    all.clock.advance(61_000);
    expect(await state()).toBe(how === "reports" ? "succeeded" : "abandoned");
  });

  test("stops with the next call when it is disabled, whatever it is trusted with, and after an update too", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    await all.kernel.plugins.switch("greeter", false, "It greets too much.", "default", ADA);
    for (const call of [callOf(id), callOf(id, effect)])
      expect(await all.kernel.plugins.authorize(call)).toMatchObject({
        refusal: "plugin_disabled",
        mend: "prunella plugin enable greeter",
      });
    await install(all.kernel, "two");
    await trust(all.kernel);
    expect((await all.kernel.plugins.list("default"))[0]).toMatchObject({
      standing: "disabled",
      disabled: { reason: "It greets too much." },
    });
    expect(await admit(all.kernel)).toMatchObject({ kind: "blocked", refusal: "plugin_disabled" });
    await all.kernel.plugins.remove("greeter", ADA);
    await install(all.kernel, "two");
    expect((await all.kernel.plugins.list("default"))[0]?.standing).toBe("disabled");
    await all.kernel.plugins.switch("greeter", true, "", "default", ADA);
    expect((await all.kernel.plugins.list("default"))[0]?.standing).toBe("waiting");
  });

  test("lets nobody redeem what was permitted before it was disabled", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    const plugin = await all.kernel.plugins.find("greeter");
    // As another node's gate would have left it: permitted, and not begun.
    const permits = () => all.engine.reader.selectFrom("permit").selectAll().execute();
    const verdict = await all.kernel.plugins.authorize(callOf(id, effect));
    expect(verdict.kind).toBe("allowed");
    await all.kernel.plugins.switch("greeter", false, "Off.", "default", ADA);
    const [permit] = await permits();
    await expect(all.kernel.redeemer(permit?.permit_id ?? "", permit?.fence ?? 0)).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
    expect(
      await all.engine.reader
        .selectFrom("grant_policy")
        .select("revoked_at")
        .where("grant_id", "=", `plugin-${plugin.plugin_id}`)
        .execute(),
    ).toEqual([{ revoked_at: all.clock.now() }]);
  });

  test("has no trust in another version, and its old trust again when it is rolled back", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const running = await run(all.kernel);
    expect((await install(all.kernel, "two")).detail.plugin.standing).toBe("waiting");
    expect(await admit(all.kernel)).toMatchObject({
      refusal: "not_granted",
      detail: expect.stringMatching(/nobody granted to this version/),
    });
    // What runs goes on with what only reads; an effect of a version that was replaced does not.
    expect(await all.kernel.plugins.authorize(callOf(running))).toMatchObject({ kind: "allowed" });
    expect(await all.kernel.plugins.authorize(callOf(running, effect))).toMatchObject({ refusal: "not_granted" });
    expect((await all.kernel.plugins.rollBack("greeter", null, "default", ADA)).plugin).toMatchObject({
      standing: "ready",
      digest: digestOf("one"),
    });
    expect(await all.kernel.plugins.authorize(callOf(running, effect))).toMatchObject({ kind: "allowed" });
    expect(await all.types()).toContain("plugin_changed");
  });

  test("gives a plugin of the same name from elsewhere no trust, and asks which one is meant", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const { detail } = await install(all.kernel, "one", manifestOf(), { kind: "path", path: "/home/eve/greeter" });
    expect(detail.plugin.standing).toBe("waiting");
    await expect(all.kernel.plugins.find("greeter")).rejects.toMatchObject({
      code: "PRUNELLA_AMBIGUOUS",
      hint: expect.stringContaining("--from"),
    });
    expect((await all.kernel.plugins.find("greeter", "/srv/greeter")).origin).toBe("path /srv/greeter");
    await expect(install(all.kernel, "x", manifestOf({ name: "welcomer" }))).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
  });

  test("is trusted until the end of a grant, and takes back by scope", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel, ALL, all.clock.now() + HOUR);
    const id = await run(all.kernel);
    all.clock.advance(20_000);
    expect(await all.kernel.plugins.revoke("default", "greeter", ["net:write"], ADA)).toEqual(["net:write"]);
    expect(await all.kernel.plugins.authorize(callOf(id, effect))).toMatchObject({ refusal: "not_granted" });
    expect(await all.kernel.plugins.authorize(callOf(id))).toMatchObject({ kind: "allowed" });
    all.clock.advance(HOUR);
    expect(await admit(all.kernel)).toMatchObject({ refusal: "not_granted" });
    await expect(trust(all.kernel, ALL, all.clock.now() - 1)).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
    });
  });

  test("is never trusted with more than it asks for", async () => {
    await using all = await begin();
    await install(all.kernel);
    for (const wanted of [
      [{ scope: "fs:write", resources: ["workspace"] }],
      [{ scope: "net:read", resources: ["GET api.example.com/"] }],
      [{ scope: "net:read", resources: ["*"] }],
    ])
      await expect(trust(all.kernel, wanted)).rejects.toMatchObject({
        code: "PRUNELLA_REQUEST_INVALID",
        hint: expect.stringContaining("asks for"),
      });
    expect(await all.types()).toEqual(["plugin_changed"]);
  });

  test("asks a person before whatever is destructive, and holds a call of it without one", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel, [...ALL, { scope: "github:branch:delete", resources: ["*"] }]);
    expect(await admit(all.kernel, "tidy")).toEqual({ kind: "needs_confirmation", risk: "destructive" });
    const id = await run(all.kernel, "tidy", { isConfirmed: true });
    const call = callOf(id, { access: "write", scope: "github:branch:delete", resource: "octo/shop" });
    expect(await all.kernel.plugins.authorize(call)).toMatchObject({ kind: "allowed" });
    expect(await all.kernel.plugins.authorize({ ...call, isUnseen: true })).toMatchObject({
      kind: "needs_approval",
      detail: expect.stringContaining("nobody confirmed exactly this"),
    });
    await all.change((tx) => tx.db.updateTable("plugin_invocation").set({ confirmed: 0 }).execute());
    expect(await all.kernel.plugins.authorize(call)).toMatchObject({ kind: "needs_approval" });
  });

  test("makes no more calls than it says, and none after its time", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    const kinds = [];
    for (let nth = 0; nth < 6; nth += 1) kinds.push((await all.kernel.plugins.authorize(callOf(id))).kind);
    expect(kinds).toEqual(["allowed", "allowed", "allowed", "allowed", "allowed", "budget"]);
    const late = await run(all.kernel);
    all.clock.advance(120_000);
    expect(await all.kernel.plugins.authorize(callOf(late))).toMatchObject({ kind: "expired" });
  });

  test("does no effect under the kill switch, and says how to lift it", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    await all.kernel.switches.kill(true);
    expect(await all.kernel.plugins.authorize(callOf(id, effect))).toMatchObject({
      refusal: "killed",
      mend: "prunella unkill",
    });
    expect(await all.kernel.plugins.authorize(callOf(id))).toMatchObject({ kind: "allowed" });
  });

  test("keeps its own state up to its quota, which goes along when it is removed", async () => {
    await using all = await begin();
    const { detail } = await install(all.kernel);
    const of = { projectId: "default", pluginId: detail.plugin.id, quota: 1_000 };
    const { state } = all.kernel.plugins;
    await state.put(of, "names", JSON.stringify(["Ada"]));
    await state.put(of, "names", JSON.stringify(["Ada", "Grace"]));
    await expect(state.put(of, "more", "x".repeat(2_000))).rejects.toMatchObject({ code: "PRUNELLA_PLUGIN_QUOTA" });
    await expect(state.put(of, "a\u0000", "1")).rejects.toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
    expect(await state.get(of, "names")).toBe('["Ada","Grace"]');
    expect(await state.get({ ...of, pluginId: "another" }, "names")).toBeNull();
    expect(await state.list(of, "na", 10)).toEqual(["names"]);
    expect((await all.kernel.plugins.remove("greeter", ADA)).state).toEqual([
      { project: "default", name: "names", value: '["Ada","Grace"]' },
    ]);
    expect(await state.list(of, "", 10)).toEqual([]);
    expect((await all.types()).at(-1)).toBe("plugin_changed");
  });

  test("is refused where its manifest hides a secret in what decides, and its sentences are scrubbed", async () => {
    await using all = await begin();
    const token = `ghp_${"Ab1".repeat(12)}`;
    const hidden = manifestOf({ process: [{ template: ["curl", token], reason: "Hides." }] });
    await expect(install(all.kernel, "one", hidden)).rejects.toMatchObject({ code: "PRUNELLA_PLUGIN_INVALID" });
    const { detail } = await install(all.kernel, "one", manifestOf({ description: `Greets with ${token}` }));
    expect(detail.plugin.description).not.toContain(token);
    await expect(install(all.kernel, "one", manifestOf({ engines: { prunella: ">=9.0.0" } }))).rejects.toMatchObject({
      detail: expect.stringContaining("needs Prunella >=9.0.0"),
    });
  });

  test("locks what is installed, sorted, and lists what may still run", async () => {
    await using all = await begin();
    await install(all.kernel);
    await install(all.kernel, "b", manifestOf({ name: "able", namespace: "able" }));
    const lock = await all.kernel.plugins.lock();
    expect(lock.plugins.map(({ name, digest }) => [name, digest])).toEqual([
      ["able", digestOf("b")],
      ["greeter", digestOf("one")],
    ]);
    expect(await all.kernel.plugins.digests()).toEqual([digestOf("b"), digestOf("one")].toSorted());
  });

  test("marks as lost what a server had begun that is gone", async () => {
    await using all = await begin();
    await install(all.kernel);
    await trust(all.kernel);
    const id = await run(all.kernel);
    await all.change((tx) => tx.db.updateTable("plugin_invocation").set({ node_id: "gone" }).execute());
    await all.change((tx) =>
      tx.db.insertInto("node").values({ node_id: "gone", place: "elsewhere", started_at: 0, heard_at: 0 }).execute(),
    );
    all.clock.advance(120_000);
    await all.kernel.settle();
    const found = async () => (await all.kernel.plugins.history("default", "greeter", 10)).find((one) => one.id === id);
    for (let turn = 0; turn < 50 && (await found())?.state === "running"; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(await found()).toMatchObject({ state: "failed", detail: "The server that ran it ended." });
  });
});
