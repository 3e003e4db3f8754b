import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash } from "../../../../test/kernel-fixture.ts";
import { lampTrigger, openLampHouse } from "../../../../test/lamp-house.ts";
import { oldEvaluations } from "../retention/trigger-hours.ts";
import { createWriter } from "../store/writer.ts";
import { MOST_AN_HOUR } from "./evaluation-log.ts";

const HOUR = 3_600_000;

describe.each(ENGINES)("each evaluation of a trigger, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** One that keeps them and one that does not, of the same condition. */
  async function begin() {
    const store = await open();
    const house = await openLampHouse(store.engine);
    const condition = { source: "probe", level: "fatal" } as const;
    const watching = { condition, remedies: [] };
    await house.kernel.triggers.register(lampTrigger("all", { ...watching, log_evaluations: "all" }));
    await house.kernel.triggers.register(lampTrigger("held", watching));
    return {
      ...house,
      store,
      see: (level: "error" | "fatal") =>
        house.kernel.report("default", [aCrash("lamp:hall", { source: "probe", level, at: house.clock.now() })]),
      kept: async (name: "all" | "held") =>
        (await house.kernel.triggers.show("default", `light-${name}`)).evaluations.map(({ held, level, target }) => [
          held,
          level,
          target,
        ]),
      async [Symbol.asyncDispose]() {
        await house[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("is kept when it says so, also when its condition did not hold, and only then", async () => {
    await using all = await begin();
    await all.see("error");
    await all.kernel.settle();
    all.clock.advance(1_000);
    await all.see("fatal");
    await all.kernel.settle();
    expect(await all.kept("all")).toEqual([
      [true, "fatal", "lamp:hall"],
      [false, "error", "lamp:hall"],
    ]);
    expect(await all.kept("held")).toEqual([]);
    const { hours } = await all.kernel.triggers.show("default", "light-held");
    expect(hours).toMatchObject([{ evaluated: 2, held: 1, fired: 0 }]);
  });

  test("is kept up to a number an hour, whoever fills it, and ages", async () => {
    await using all = await begin();
    const hour = Math.floor(all.clock.now() / HOUR) * HOUR;
    const counts = { project_id: "default", trigger_id: "light-all", hour, held: 0, fired: 0 };
    await all.store.engine.writer
      .insertInto("trigger_hour")
      .values({ ...counts, evaluated: MOST_AN_HOUR - 1 })
      .execute();
    await all.see("fatal");
    await all.kernel.settle();
    all.clock.advance(1_000);
    await all.see("error");
    await all.kernel.settle();
    expect(await all.kept("all")).toEqual([[true, "fatal", "lamp:hall"]]);
    all.clock.advance(HOUR);
    await all.see("error");
    await all.kernel.settle();
    expect(await all.kept("all")).toHaveLength(2);
    const writer = createWriter(all.store.engine);
    const tidy = (now: number) => writer.run((tx) => oldEvaluations().step(tx, now));
    expect(await tidy(hour + 7 * 24 * HOUR)).toBe(false);
    expect(await tidy(hour + 7 * 24 * HOUR + HOUR)).toBe(true);
    expect(await all.kept("all")).toEqual([[false, "error", "lamp:hall"]]);
    await writer.close();
  });
});
