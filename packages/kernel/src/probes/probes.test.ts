import { describe, expect, it } from "vitest";
import { Config, type Probe, type ProbeResult } from "@prunella/contract";
import { z } from "zod";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { NO_HANDS } from "./hands-fixture.ts";

const WELL: ProbeResult = { status: "healthy", category: "ok", detail: "It is well.", measured: { latency_ms: 3 } };
const DOWN: ProbeResult = { status: "unhealthy", category: "refused", detail: "It is down.", measured: {} };

const probes = (...given: object[]) => Config.parse({ probes: given }).probes;

describe.each(ENGINES)("probes on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const found = new Map<string, ProbeResult | "throws" | "hangs">();
    const looks: string[] = [];
    const kind: Probe<{ of: string }> = {
      kind: "scripted",
      settings: z.strictObject({ of: z.string() }),
      async check({ of }) {
        looks.push(of);
        const now = found.get(of) ?? WELL;
        if (now === "throws") throw new Error("a mistake in the probe");
        return now === "hangs" ? new Promise(() => undefined) : now;
      },
    };
    const given = { probes: { kinds: new Map([["scripted", kind]]), hands: NO_HANDS } };
    const openOne = () => openKernel(store.engine, clock, 5_000, undefined, undefined, given);
    let kernel = await openOne();
    const configured = probes({
      name: "shop",
      kind: "scripted",
      every: "10s",
      target: "program:shop",
      settings: { of: "shop" },
    });
    await kernel.probes.configure(configured);
    return {
      store,
      clock,
      found,
      looks,
      configured,
      get kernel() {
        return kernel;
      },
      openOne,
      async restart() {
        await kernel.close();
        kernel = await openOne();
        await kernel.probes.configure(configured);
      },
      /** Time passes in steps in which everything is looked at that is due. */
      async pass(ms: number, step = 11_000) {
        for (let left = ms; left > 0; left -= step) {
          clock.advance(Math.min(step, left));
          await kernel.probes.settle();
          await kernel.settle();
        }
      },
      faults: async () => (await kernel.faults.list({ status: "all", limit: 50 })).faults,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("tells two failures in a row as one fault, and resolves it when it is well", async () => {
    await using all = await begin();
    await all.pass(22_000);
    expect(await all.kernel.probes.list()).toMatchObject([{ name: "shop", status: "healthy", told: false }]);
    all.found.set("shop", DOWN);
    await all.pass(11_000);
    expect(await all.faults()).toEqual([]);
    expect(await all.kernel.probes.list()).toMatchObject([{ status: "unhealthy", failures: 1, told: false }]);
    await all.pass(33_000);
    expect(await all.faults()).toMatchObject([{ status: "open", count: 1, level: "error" }]);
    const [fault] = await all.faults();
    expect(fault?.title).toContain("ProbeFailed.refused");
    const deltas = await all.store.engine.reader.selectFrom("delta").selectAll().execute();
    expect(deltas).toMatchObject([
      { source: "probe", trust: "local", target: "program:shop", origin: "shop", count: 1 },
    ]);
    all.found.set("shop", WELL);
    await all.pass(22_000);
    expect(await all.faults()).toMatchObject([{ status: "resolved", count: 1 }]);
    expect(await all.kernel.probes.list()).toMatchObject([{ status: "healthy", failures: 0, told: false }]);
  });

  test("keeps a row of failures over a restart, and what was told", async () => {
    await using all = await begin();
    await all.pass(11_000, 61_000);
    all.found.set("shop", DOWN);
    await all.pass(11_000);
    await all.restart();
    expect(await all.kernel.probes.list()).toMatchObject([{ status: "unhealthy", failures: 1 }]);
    await all.pass(11_000);
    expect(await all.faults()).toHaveLength(1);
    await all.restart();
    await all.pass(66_000);
    expect(await all.faults()).toMatchObject([{ count: 1 }]);
  });

  test("tells what is red again after it was well at once, and once until it is well again", async () => {
    await using all = await begin();
    for (let round = 1; round <= 3; round += 1) {
      all.found.set("shop", DOWN);
      await all.pass(44_000);
      expect(await all.faults()).toMatchObject([{ status: round === 1 ? "open" : "regressed", count: round }]);
      all.found.set("shop", WELL);
      await all.pass(22_000);
      expect(await all.faults()).toMatchObject([{ status: "resolved", count: round }]);
    }
    all.found.set("shop", DOWN);
    await all.pass(660_000);
    expect(await all.faults()).toMatchObject([{ status: "regressed", count: 4 }]);
  });

  test("says nothing of what nobody could tell, and is not well by it either", async () => {
    await using all = await begin();
    all.found.set("shop", DOWN);
    await all.pass(33_000);
    all.found.set("shop", { status: "unknown", category: "token_unset", detail: "", measured: {} });
    await all.pass(66_000);
    expect(await all.faults()).toMatchObject([{ status: "open", count: 1 }]);
    expect(await all.kernel.probes.list()).toMatchObject([{ status: "unknown", told: true }]);
  });

  test("lets a probe that hangs or crashes hold up no other", async () => {
    await using all = await begin();
    const of = (name: string) => ({ name, kind: "scripted", every: "10s", timeout: "5s", settings: { of: name } });
    await all.kernel.probes.configure(probes(of("hung"), of("broken"), of("fine")));
    all.found.set("hung", "hangs").set("broken", "throws");
    all.clock.advance(11_000);
    const settled = all.kernel.probes.settle();
    await expect.poll(() => all.looks.toSorted()).toEqual(["broken", "fine", "hung"]);
    all.clock.advance(6_000);
    await settled;
    const states = Object.fromEntries(
      (await all.kernel.probes.list()).map(({ name, status, category }) => [name, [status, category]]),
    );
    expect(states).toEqual({
      hung: ["unhealthy", "timeout"],
      broken: ["unknown", "probe_failed"],
      fine: ["healthy", "ok"],
    });
  });

  test("is looked at by one process of its data folder at a time, whoever is there", async () => {
    await using all = await begin();
    await using other = await all.openOne();
    await other.probes.configure(all.configured);
    for (let round = 0; round < 10; round += 1) {
      all.clock.advance(11_000);
      await Promise.all([all.kernel.probes.settle(), other.probes.settle()]);
    }
    expect(all.looks).toHaveLength(10);
  });

  test("is looked at by no server of another data folder, which says so when it is asked to", async () => {
    await using all = await begin();
    const kinds = all.kernel.probes.kinds;
    await using other = await openKernel(all.store.engine, all.clock, 5_000, undefined, undefined, {
      place: "elsewhere",
      probes: { kinds, hands: NO_HANDS },
    });
    all.clock.advance(11_000);
    await other.probes.settle();
    expect(all.looks).toEqual([]);
    await expect(other.probes.check("default", "shop")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: expect.stringContaining("shop is a probe of another server"),
    });
    await all.kernel.probes.settle();
    expect(all.looks).toEqual(["shop"]);
  });

  test("tells the first look at once where a person chose that, and takes out what is secret", async () => {
    await using all = await begin();
    await all.kernel.probes.configure(
      probes({ name: "critical", kind: "scripted", every: "10s", critical_bypass: true, settings: { of: "critical" } }),
    );
    const token = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");
    all.found.set("critical", { ...DOWN, detail: `refused with ${token}` });
    await all.pass(11_000);
    expect(await all.faults()).toHaveLength(1);
    const rows = await all.store.engine.reader.selectFrom("probe_state").selectAll().execute();
    expect(rows.map(({ name }) => name)).toEqual(["critical"]);
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
    expect(
      JSON.stringify(await all.store.engine.reader.selectFrom("event_sample").selectAll().execute()),
    ).not.toContain(token.slice(4));
  });

  test("looks with what the configuration says, and writes no secret of it down", async () => {
    await using all = await begin();
    const word = ["swordfish", "Tr0ub4dor"].join("-");
    const seen: unknown[] = [];
    const kind: Probe = {
      kind: "asks",
      settings: z.unknown(),
      async check(settings) {
        seen.push(settings);
        return WELL;
      },
    };
    const given = { place: "secrets", probes: { kinds: new Map([["asks", kind]]), hands: NO_HANDS } };
    const openOne = () => openKernel(all.store.engine, all.clock, 5_000, undefined, undefined, given);
    const kernel = await openOne();
    const settings = {
      url: `https://app:${word}@shop.example/`,
      headers: { authorization: `Bearer ${word}` },
      command: ["mysqladmin", `--password=${word}`, "ping"],
      token: "env:FLY_API_TOKEN",
    };
    const of = (given: object) => probes({ name: "asks", kind: "asks", every: "10s", settings: given });
    await kernel.probes.configure(of(settings));
    await kernel.probes.check("default", "asks");
    expect(seen).toEqual([settings]);
    const rows = await all.store.engine.reader.selectFrom("probe_state").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(word);
    const shown = await kernel.probes.show("default", "asks");
    expect(shown.settings).toMatchObject({ token: "env:FLY_API_TOKEN" });
    const other = { ...settings, headers: { authorization: `Bearer ${word}2` } };
    expect(await kernel.probes.configure(of(other))).toMatchObject({ changed: ["default/asks"] });
    expect(await kernel.probes.configure(of(other))).toMatchObject({ changed: [] });
    await kernel.close();
    // Whoever does not know the settings yet looks at nothing.
    await using next = await openOne();
    seen.length = 0;
    all.clock.advance(11_000);
    await next.probes.settle();
    expect(seen).toEqual([]);
    await next.probes.configure(of(other));
    await next.probes.check("default", "asks");
    expect(seen).toEqual([other]);
  });

  test("looks at once when somebody asks, and shows a day in quarters of an hour", async () => {
    await using all = await begin();
    all.found.set("shop", DOWN);
    expect(await all.kernel.probes.check("default", "shop")).toMatchObject({ status: "unhealthy", failures: 1 });
    all.found.set("shop", WELL);
    all.clock.advance(3_600_000);
    const { strip, changes } = await all.kernel.probes.check("default", "shop");
    expect(strip).toHaveLength(96);
    expect(strip.slice(-5).map(({ status }) => status)).toEqual(["unhealthy", null, null, null, "healthy"]);
    expect(changes.map(({ status }) => status)).toEqual(["healthy", "unhealthy"]);
    await expect(all.kernel.probes.check("default", "nothing")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("refuses a configuration whole, and names each mistake", async () => {
    await using all = await begin();
    const wrong = probes(
      { name: "a", kind: "htpt" },
      { name: "b", kind: "scripted", settings: { off: "x" } },
      { name: "b", kind: "scripted", settings: { of: "x" } },
    );
    const refused = await all.kernel.probes.configure(wrong).catch((error: unknown) => String(error));
    for (const part of ["probes.0 (a).kind", "scripted", "probes.1 (b).settings", "probes.2 (b): another"])
      expect(refused).toContain(part);
    expect(await all.kernel.probes.list()).toMatchObject([{ name: "shop" }]);
  });
});
