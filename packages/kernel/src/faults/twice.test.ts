import { describe, expect, it, test } from "vitest";
import { RestartPolicy } from "@prunella/contract";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { toldTwice } from "./twice.ts";

const at = (second: number, count = 1) => ({ second, count });

test("an event beside a crash is the same crash, told by the program itself", () => {
  expect(toldTwice([at(100)], [at(99)])).toBe(1);
  expect(toldTwice([at(100)], [at(100)])).toBe(1);
});

test("an event that comes by itself is another occurrence", () => {
  expect(toldTwice([at(100)], [at(97), at(103)])).toBe(0);
  expect(toldTwice([], [at(97)])).toBe(0);
});

test("no event is paired with two crashes, and no crash with two events", () => {
  expect(toldTwice([at(100), at(101)], [at(100)])).toBe(1);
  expect(toldTwice([at(100)], [at(99), at(100), at(101)])).toBe(1);
  expect(toldTwice([at(100, 3)], [at(100, 2), at(101, 5)])).toBe(3);
});

describe.each(ENGINES)("a crash that two tell of, on $name", ({ open, isMissing }) => {
  it.skipIf(isMissing)(
    "is one of the fault's occurrences, and a later crash of another kind is not its return",
    async () => {
      const store = await open();
      const clock = testClock();
      const kernel = await openKernel(store.engine, clock);
      const policy = RestartPolicy.parse({ backoff: { base_ms: 0, max_ms: 0 }, verify_ms: 3_600_000 });
      const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
      const crash = async (message: string) => {
        clock.advance(60_000);
        const errors = anEvent().errors.map((error) => ({ ...error, type: message }));
        await kernel.report("default", [anEvent({ errors })]);
        await kernel.supervised.crash(runId, (target) => aCrash(target, { errors }));
        await kernel.settle();
        const told = await kernel.supervised.next(runId, null);
        if (told.kind !== "restart") throw new Error(`it was told ${told.kind}`);
        await kernel.redeemer(told.permit_id, told.fence);
        clock.advance(100);
        await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
      };
      await crash("FirstError");
      const [first] = (await kernel.faults.list({ status: "all", limit: 1 })).faults;
      const detail = await kernel.faults.detail(first?.id ?? "");
      expect(detail).toMatchObject({ fault: { count: 2 }, told_twice: 1 });

      await crash("SecondError");
      const faults = (await kernel.faults.list({ status: "all", limit: 2 })).faults;
      expect(faults.map(({ healing }) => [healing?.verification, healing?.came_back])).toEqual([
        ["watching", false],
        ["ineffective", false],
      ]);
      expect((await kernel.faults.explain(first?.id ?? "")).summary).toContain("it has not come back; another failure");

      await crash("FirstError");
      const back = (await kernel.faults.list({ status: "all", limit: 2 })).faults;
      expect(back.find(({ id }) => id === first?.id)?.healing).toMatchObject({ verification: "watching" });
      await kernel.close();
      await store[Symbol.asyncDispose]();
    },
  );
});
