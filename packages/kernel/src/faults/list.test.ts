import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WORDS = ["apples", "pears", "plums", "figs", "grapes", "lemons", "cherries"];

describe.each(ENGINES)("the list of faults on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("comes in pages, newest activity first, each fault once, merged and filtered ones left out", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    // Some of them at the same moment, so that pages end between equals.
    for (const [at, message] of WORDS.entries()) {
      await kernel.report("default", [anEvent({ message, errors: [], at: clock.now() })]);
      await kernel.settle();
      if (at % 3 === 2) clock.advance(1_000);
    }
    const pages = async (status: "all" | "active" | "resolved") => {
      const met: { id: string; title: string; last_seen: number }[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < 20; page += 1) {
        const answer = await kernel.faults.list({ status, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        met.push(...answer.faults);
        if (answer.next === null) return met;
        cursor = answer.next;
      }
      throw new Error("the pages have no end");
    };

    const all = await pages("all");
    expect(all.map(({ title }) => title).toSorted()).toEqual(WORDS.toSorted());
    expect(all.map((fault) => fault.last_seen)).toEqual(all.map((fault) => fault.last_seen).toSorted((a, b) => b - a));

    const idOf = (title: string) => all.find((fault) => fault.title === title)?.id ?? "";
    await kernel.faults.triage(idOf("figs"), { action: "resolve" });
    await kernel.faults.triage(idOf("pears"), { action: "mute" });
    await kernel.faults.merge(idOf("apples"), idOf("plums"));
    expect((await pages("resolved")).map(({ title }) => title)).toEqual(["figs"]);
    expect((await pages("active")).map(({ title }) => title).toSorted()).toEqual([
      "apples",
      "cherries",
      "grapes",
      "lemons",
    ]);
    const { counts, total } = await kernel.faults.list({ status: "active", limit: 1 });
    expect({ ...counts, total }).toEqual({ open: 4, resolved: 1, regressed: 0, muted: 1, total: 4 });
  });

  test("a fault is found by its id, an end of it, or a beginning of the eight digits that tables show", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine, testClock());
    await kernel.report("default", [anEvent({ message: "apples" })]);
    await kernel.settle();
    const id = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0]?.id ?? "";
    for (const typed of [
      id,
      id.slice(0, 9),
      id.slice(-8),
      id.slice(-4),
      id.slice(-8, -4),
      ` ${id.slice(-8, -2).toUpperCase()}`,
    ])
      expect(await kernel.faults.resolveId(typed), typed).toBe(id);
    await expect(kernel.faults.resolveId(id.slice(9, 14))).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("first and last seen go by the moment of receipt as counts do, however wrong the sender's clock is", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const begun = clock.now();
    const off = [-20 * DAY, 0, 50_000];
    for (const by of off) {
      await kernel.report("default", [anEvent({ at: clock.now() + by, release: "shop@1" })]);
      await kernel.settle();
      clock.advance(HOUR);
    }
    const [fault] = (await kernel.faults.list({ status: "all", limit: 1, since: "12h" })).faults;
    expect([fault?.first_seen, fault?.last_seen, fault?.count]).toEqual([begun, begun + 2 * HOUR, 3]);
    const { trend, releases, samples, latest } = await kernel.faults.detail(fault?.id ?? "");
    expect(trend.reduce((sum, [, count]) => sum + count, 0)).toBe(3);
    expect(trend.every(([step]) => step > begun - HOUR && step <= begun + 2 * HOUR)).toBe(true);
    expect(releases).toEqual([{ release: "shop@1", first_seen: begun, count: 3 }]);
    expect(samples.map(({ received_at }) => received_at).toSorted()).toEqual(
      [0, 1, 2].map((nth) => begun + nth * HOUR),
    );
    // The sender's own word stays with the event.
    expect(latest?.event.at).toBe(begun + 2 * HOUR + 50_000);
    const { release } = await kernel.faults.release("default", "shop@1");
    expect([release.first_event, release.last_event]).toEqual([begun, begun + 2 * HOUR]);
  });

  test("an event that comes in after its fault was resolved brings it back, whatever its sender's clock says", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    await kernel.report("default", [anEvent({ at: clock.now() })]);
    await kernel.settle();
    const id = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0]?.id ?? "";
    clock.advance(60_000);
    await kernel.faults.triage(id, { action: "resolve" });
    clock.advance(60_000);
    await kernel.report("default", [anEvent({ at: clock.now() - 10 * 60_000 })]);
    await kernel.settle();
    expect((await kernel.faults.detail(id)).fault.status).toBe("regressed");
  });

  test("refuses a cursor that it did not give out", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine, testClock());
    for (const cursor of ["", "1", "x.y", "1.00000000-0000-0000-0000-00000000000g", "1' or 1=1 --"])
      await expect(kernel.faults.list({ status: "all", limit: 2, cursor })).rejects.toMatchObject({
        code: "PRUNELLA_REQUEST_INVALID",
      });
  });
});
