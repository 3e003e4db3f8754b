import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash } from "../../../../test/kernel-fixture.ts";
import { openLimited } from "./backlog-fixture.ts";

describe.each(ENGINES)("what waits for a host (a double) that takes no more, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  const begin = async (perHour: number) => openLimited(await open(), perHour);

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

  test("loses none of 240 and makes none twice, and says when it will be over", { timeout: 300_000 }, async () => {
    await using all = await begin(100);
    const names = Array.from({ length: 240 }, (_, at) => `failure ${at}`);
    for (const name of names) await all.file(name);
    expect(all.repo.issues).toHaveLength(100);
    const shown = await all.shown();
    expect(shown).toMatchObject({ waiting: 140, reason: "it asked for a pause" });
    expect((shown.ends_at ?? 0) - (shown.until ?? 0)).toBe(1_008_000);
    await all.restart();
    all.wake();
    await passing(all, () => all.repo.issues.length).toBe(240);
    await passing(all, async () => (await all.shown()).waiting).toBe(0);
    expect(new Set(all.titles())).toEqual(new Set(names));
    expect(all.repo.issues).toHaveLength(240);
  });
});
