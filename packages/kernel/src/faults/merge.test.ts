import { createScrubber } from "@prunella/scrub";
import { describe, expect, it, vi } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Kernel } from "../kernel.ts";

const ALL = { status: "all", limit: 50 } as const;
const send = async (kernel: Kernel, word: string, times: number, at: number) => {
  await kernel.report(
    "default",
    Array.from({ length: times }, () => anEvent({ message: word, errors: [], at })),
  );
  await kernel.settle();
};
const byTitle = async (kernel: Kernel) =>
  new Map((await kernel.faults.list(ALL)).faults.map((fault) => [fault.title, fault]));

describe.each(ENGINES)("merging on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("shows two faults as one, and gives each its own again when taken apart", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    await send(kernel, "apples", 3, clock.now());
    clock.advance(5_000);
    await send(kernel, "pears", 4, clock.now());
    const before = await byTitle(kernel);
    const [apples, pears] = [before.get("apples")?.id ?? "", before.get("pears")?.id ?? ""];
    const merged = await kernel.faults.merge(apples, pears);
    expect(merged.fault.count).toBe(7);
    expect(merged.merged).toMatchObject([{ id: pears, title: "pears", count: 4 }]);
    expect(new Map(merged.keys.map((key) => [key.fault_id, key.events]))).toEqual(
      new Map([
        [apples, 3],
        [pears, 4],
      ]),
    );
    expect(merged.trend.reduce((sum, [, count]) => sum + count, 0)).toBe(7);
    await send(kernel, "pears", 2, clock.now());
    const shown = (await kernel.faults.list(ALL)).faults;
    expect(shown.map((fault) => [fault.title, fault.count])).toEqual([["apples", 9]]);
    expect(shown[0]?.last_seen).toBe(clock.now());
    await kernel.faults.unmerge(pears);
    const after = await byTitle(kernel);
    expect([after.get("apples")?.count, after.get("pears")?.count]).toEqual([3, 6]);
    expect(after.get("apples")).toMatchObject({
      last_seen: before.get("apples")?.last_seen,
      first_seen: before.get("apples")?.first_seen,
    });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("regresses with an event of a fault that was merged into it", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    await send(kernel, "apples", 1, clock.now());
    await send(kernel, "pears", 1, clock.now());
    const before = await byTitle(kernel);
    const apples = before.get("apples")?.id ?? "";
    await kernel.faults.merge(apples, before.get("pears")?.id ?? "");
    await kernel.faults.triage(apples, { action: "resolve" });
    clock.advance(1_000);
    await send(kernel, "pears", 1, clock.now());
    expect((await kernel.faults.detail(apples)).fault).toMatchObject({ status: "regressed", count: 3 });
  });

  test("refuses what makes no sense", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await send(kernel, "apples", 1, 1);
    await send(kernel, "pears", 1, 1);
    const faults = await byTitle(kernel);
    const [apples, pears] = [faults.get("apples")?.id ?? "", faults.get("pears")?.id ?? ""];
    await expect(kernel.faults.merge(apples, apples)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await expect(kernel.faults.unmerge(apples)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await kernel.faults.merge(apples, pears);
    await expect(kernel.faults.merge(pears, apples)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await expect(kernel.faults.erase(pears)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
  });

  test("groups by a person's rule from the moment it stands", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const rule = await kernel.rules.add({
      project: "default",
      when: { message: "timeout after * ms*" },
      group_as: "slow upstream",
    });
    const words = ["alpha", "beta", "gamma"];
    for (const word of words) await send(kernel, `timeout after 30 ms at ${word} server`, 1, 1);
    const [fault, ...others] = (await kernel.faults.list(ALL)).faults;
    expect(others).toEqual([]);
    expect((await kernel.faults.detail(fault?.id ?? "")).fingerprints).toMatchObject({ by: "rule" });
    await kernel.rules.remove(rule.id);
    await send(kernel, "timeout after 30 ms at delta server", 1, 1);
    expect((await kernel.faults.list(ALL)).faults).toHaveLength(2);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("groups by a rule although the policy keeps no fingerprint of SDKs", async () => {
    await using store = await open();
    const scrubber = createScrubber({
      neverKeep: ["sdk_fingerprint"],
      rules: [{ name: "shelf", type: "SHELF", keywords: ["shelf"], pattern: "shelf-\\d{1,9}" }],
    });
    await using kernel = await openKernel(store.engine, testClock(), 5_000, undefined, scrubber);
    await kernel.rules.add({ project: "default", when: { error_class: "Lost*" }, group_as: "lost {class}" });
    const lost = (type: string, value: string) =>
      anEvent({
        errors: [{ type, value, module: null, handled: null, mechanism: null, frames: [] }],
        sdk_fingerprint: ["asked"],
      });
    await kernel.report("default", [lost("Lost shelf-1", "a"), lost("Lost shelf-2", "b"), lost("Found", "c")]);
    await kernel.settle();
    const { faults } = await kernel.faults.list(ALL);
    // What the policy takes out of the class tells no two of them apart.
    expect(faults.map((fault) => fault.count).toSorted()).toEqual([1, 2]);
    const ruled = await kernel.faults.detail(faults.find((fault) => fault.count === 2)?.id ?? "");
    expect(ruled.fingerprints.by).toBe("rule");
    expect(ruled.latest?.event.sdk_fingerprint).toBeNull();
    expect(JSON.stringify(ruled)).not.toContain("shelf-1");
  });

  test("goes by a rule that another server took in a minute ago", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    await using other = await openKernel(store.engine, clock);
    await other.rules.add({ project: "default", when: { message: "*pears*" }, group_as: "fruit" });
    clock.advance(61_000);
    await vi.waitFor(async () => {
      await send(kernel, `more pears ${Math.random()}`, 1, clock.now());
      const { faults } = await kernel.faults.list(ALL);
      const details = await Promise.all(faults.map((fault) => kernel.faults.detail(fault.id)));
      expect(details.map((detail) => detail.fingerprints.by)).toContain("rule");
    }, 20_000);
  });
});
