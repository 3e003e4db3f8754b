import { Config, RestartPolicy, type Probe, type ProbeResult } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ENGINES } from "../../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../../test/kernel-fixture.ts";
import { NO_HANDS } from "../../probes/hands-fixture.ts";

const WELL: ProbeResult = { status: "healthy", category: "ok", detail: "It is well.", measured: {} };
const ILL: ProbeResult = { status: "unhealthy", category: "status", detail: "It answers 503.", measured: {} };

describe.each(ENGINES)("a program that runs and does not work, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    let found = WELL;
    const kind: Probe<object> = { kind: "scripted", settings: z.strictObject({}), check: async () => found };
    const given = { probes: { kinds: new Map([["scripted", kind]]), hands: NO_HANDS } };
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, given);
    const policy = RestartPolicy.parse({ verify_ms: 30_000 });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "till", pid: 1, policy });
    const probe = { name: "till", kind: "scripted", every: "10s", target: "program:till" };
    await kernel.probes.configure(Config.parse({ probes: [probe] }).probes);
    return {
      kernel,
      clock,
      runId,
      is: (now: ProbeResult) => void (found = now),
      async looks(times: number) {
        for (let at = 0; at < times; at += 1) {
          clock.advance(11_000);
          await kernel.probes.settle();
          await kernel.settle();
        }
      },
      attempts: async () => (await kernel.attempts.list({ limit: 20 })).attempts,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("is restarted when a probe of it has failed twice, and has held when the probe is well again", async () => {
    await using all = await begin();
    await all.looks(2);
    all.is(ILL);
    await all.looks(1);
    expect(await all.attempts()).toEqual([]);
    await all.looks(1);
    expect(await all.attempts()).toMatchObject([{ state: "permitted", action: "restart", target: "program:till" }]);
    const told = await all.kernel.supervised.next(all.runId, null);
    if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
    await all.kernel.redeemer(told.permit_id, told.fence);
    await all.kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
    all.is(WELL);
    await all.looks(8);
    expect(await all.attempts()).toMatchObject([{ state: "succeeded", verification: "held" }]);
  });

  test("has not been cured when the probe still fails after the restart", async () => {
    await using all = await begin();
    all.is(ILL);
    await all.looks(3);
    const told = await all.kernel.supervised.next(all.runId, null);
    if (told.kind !== "restart") throw new Error(`not to be restarted but ${told.kind}`);
    await all.kernel.redeemer(told.permit_id, told.fence);
    await all.kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
    await all.looks(8);
    expect((await all.attempts()).at(-1)).toMatchObject({ state: "succeeded", verification: "ineffective" });
  });
});
