import { createGithub, createPatientFetch } from "@prunella/forge";
import { createFakehub, type FaultPlan } from "@prunella/forge/fakehub";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createBacklog } from "./backlog.ts";
import { fileHeld } from "./file-held.ts";
import { waitsAt } from "./filing.ts";
import { backlogOf } from "./shown.ts";

const TOKEN = ["github", "_pat_", "x".repeat(22)].join("");
const HOUR_MS = 3_600_000;
const PLACE = "github http://fakehub.invalid";

describe.each(ENGINES)("what waits for a host (a double) that takes no more, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** It takes so many issues an hour and refuses the others with its second limit. */
  async function begin(perHour: number) {
    const store = await open();
    const clock = testClock();
    const hours = new Map<number, number>();
    const faults: FaultPlan = {
      next({ method, path }) {
        if (method !== "post" || !path.endsWith("/issues")) return null;
        const hour = Math.floor(clock.now() / HOUR_MS);
        const made = hours.get(hour) ?? 0;
        if (made >= perHour) return "secondary_limit";
        hours.set(hour, made + 1);
        return null;
      },
    };
    let asked = 0;
    const hub = createFakehub({ clock, faults });
    const repo = hub.addRepo("acme/shop", {});
    hub.state.tokens.set(TOKEN, {
      login: "prunella",
      repos: new Set(["acme/shop"]),
      permissions: { issues: "write" },
      expiresAt: clock.now() + 1_000 * HOUR_MS,
    });
    const openOne = async () => {
      const kernel = await openKernel(store.engine, clock);
      const patient = createPatientFetch({
        waits: waitsAt(Promise.resolve(kernel), PLACE),
        now: clock.now,
        fetch: (input, init) => {
          asked += 1;
          return hub.fetch(new Request(input, init));
        },
      });
      const forge = createGithub({
        baseUrl: "http://fakehub.invalid",
        credentials: () => ({ token: TOKEN, expiresAt: clock.now() + HOUR_MS }),
        fetch: patient.fetch,
        clock,
      });
      const { filings } = kernel;
      const until = async () => (await filings.waits.until(PLACE))?.until ?? null;
      const backlog = createBacklog({ forge, filings, until, clock, log: { info() {}, warn() {} } });
      return { kernel, forge, backlog };
    };
    let one = await openOne();
    const close = async () => {
      await one.backlog.close();
      await one.kernel.close();
    };
    return {
      clock,
      repo,
      kernel: () => one.kernel,
      asked: () => asked,
      titles: () => repo.issues.map(({ title }) => title),
      wake: () => one.backlog.wake(),
      shown: () =>
        backlogOf(one.kernel.filings, { view: { kind: "github", place: PLACE }, projects: null, now: clock.now() }),
      async file(name: string, faultId: string | null = null) {
        const { filings } = one.kernel;
        const draft = { title: name, body: "x", labels: [] };
        const held = await filings.hold({ projectId: "default", place: "acme/shop", name, faultId, draft });
        if (held.kind === "busy") return null;
        const done = await fileHeld({ forge: one.forge, filings }, held, draft, AbortSignal.timeout(60_000));
        await filings.release({ filingId: held.filing.filing_id, holder: held.holder });
        return done;
      },
      async restart() {
        await close();
        one = await openOne();
      },
      async [Symbol.asyncDispose]() {
        await close();
        await store[Symbol.asyncDispose]();
      },
    };
  }
  /** Time goes on until it is so. */
  const passing = (all: { clock: { advance(ms: number): void } }, found: () => unknown) =>
    expect.poll(
      () => {
        all.clock.advance(30_000);
        return found();
      },
      { timeout: 240_000, interval: 5 },
    );

  test("is asked nothing before its time, by nobody, also after a restart", { timeout: 120_000 }, async () => {
    await using all = await begin(1);
    expect(await all.file("one")).toMatchObject({ ok: true });
    expect(await all.file("two")).toMatchObject({ ok: false, refusal: { reason: "limited", retryAfterMs: 30_000 } });
    const before = all.asked();
    expect(await all.file("three")).toMatchObject({ ok: false, refusal: { reason: "limited" } });
    await all.restart();
    all.wake();
    all.clock.advance(29_000);
    expect(await all.file("four")).toMatchObject({ ok: false, refusal: { reason: "limited" } });
    expect(all.asked()).toBe(before);
    expect(await all.shown()).toMatchObject({ waiting: 3, until: all.clock.now() + 1_000 });
    await passing(all, all.titles).toEqual(["one", "two", "three", "four"]);
    await passing(all, all.shown).toEqual({ waiting: 0, until: null, reason: null, ends_at: null });
  });

  test("is filed with what happened most often first", { timeout: 120_000 }, async () => {
    await using all = await begin(0);
    const kernel = all.kernel();
    const crash = (value: string) =>
      kernel.report("default", [
        aCrash("shop", {
          errors: [{ type: "TypeError", value, module: null, handled: false, mechanism: null, frames: [] }],
        }),
      ]);
    for (const value of ["seldom seen", "often seen", "often seen", "often seen", "often seen"]) await crash(value);
    await kernel.settle();
    const { faults } = await kernel.faults.list({ status: "all", limit: 5 });
    const idOf = (title: string) => faults.find((fault) => fault.title.includes(title))?.id ?? null;
    await all.file("seldom", idOf("seldom seen"));
    await all.file("twice");
    await all.file("twice");
    await all.file("often", idOf("often seen"));
    const order = (await kernel.filings.waiting(10)).map(({ draft }) => draft.title);
    expect(order).toEqual(["often", "twice", "seldom"]);
  });

  test("loses none of 1,200 and makes none twice, and says when it will be over", { timeout: 300_000 }, async () => {
    await using all = await begin(500);
    const names = Array.from({ length: 1_200 }, (_, at) => `failure ${at}`);
    for (const name of names) await all.file(name);
    expect(all.repo.issues).toHaveLength(500);
    const shown = await all.shown();
    expect(shown).toMatchObject({ waiting: 700, reason: "it asked for a pause" });
    expect((shown.ends_at ?? 0) - (shown.until ?? 0)).toBe(1.4 * HOUR_MS);
    await all.restart();
    all.wake();
    await passing(all, () => all.repo.issues.length).toBe(1_200);
    await passing(all, async () => (await all.shown()).waiting).toBe(0);
    expect(new Set(all.titles())).toEqual(new Set(names));
    expect(all.repo.issues).toHaveLength(1_200);
  });
});
