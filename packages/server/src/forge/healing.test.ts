import type { DeliveryLog } from "@prunella/forge";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { readDelivery } from "../ubiquityos/deliver.ts";
import { createHealing } from "./healing.ts";
import { createHearing, RUNS } from "./hearing.ts";

const refusal = { reason: "unreachable", status: null, message: "nobody is there", retryAfterMs: null } as const;

describe.each(ENGINES)("what a host told while nobody was there, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const told: { id: number; guid: string; event: string; at: number; name: string }[] = [];
    const fetched: number[] = [];
    const host = { isThere: true };
    const deliveries: DeliveryLog = {
      list: async (since) =>
        host.isThere ? { ok: true, value: told.filter(({ at }) => at >= since).toReversed() } : { ok: false, refusal },
      payload: async (id) => {
        const found = told.find((one) => one.id === id);
        fetched.push(id);
        const payload = {
          action: "completed",
          repository: { name: "shop", full_name: "acme/shop", owner: { login: "acme" } },
          sender: { login: "ada" },
          workflow_run: { id, name: found?.name, conclusion: "failure", head_branch: "main" },
        };
        return { ok: true, value: JSON.stringify(payload) };
      },
    };
    const hearing = createHearing({
      forges: [{ me: async () => ({ ok: true, value: "prunella[bot]" }) }],
      watched: { project: "default", repos: ["acme/shop"] },
      deliveries: kernel.plugins.deliveries,
      log: { info() {}, warn() {} },
      now: clock.now,
    });
    const take = async ({ id, event, body }: { id: string; event: string; body: string }) => {
      const read = readDelivery(id, event, body);
      return read === null ? "unreadable" : hearing.hear(read.delivery);
    };
    const start = () =>
      createHealing({
        deliveries,
        isNew: (id) => kernel.plugins.deliveries.isNew("default", id),
        isWanted: (event) => [...RUNS].some((one) => one.startsWith(`${event}.`)),
        take,
        log: { info() {}, warn() {} },
        clock,
      });
    const faults = async () => {
      clock.advance(60_000);
      await kernel.settle();
      const { faults: all } = await kernel.faults.list({ status: "all", limit: 20 });
      return all.map(({ title, count }) => `${count} ${/run (\w+)/.exec(title)?.[1] ?? title}`).toSorted();
    };
    return {
      clock,
      told,
      fetched,
      host,
      take,
      start,
      deliveries,
      faults,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("is fetched, each once, and what came is not", { timeout: 60_000 }, async () => {
    await using all = await begin();
    const at = all.clock.now() - 3_600_000;
    for (const [id, name] of [
      [1, "one"],
      [2, "two"],
      [3, "three"],
    ] as const)
      all.told.push({ id, guid: `guid-${id}`, event: "workflow_run", at: at + id, name: `run ${name}` });
    all.told.push({ id: 4, guid: "guid-4", event: "star", at: at + 4, name: "x" });
    all.told.push({ id: 5, guid: "guid-5", event: "workflow_run", at: at - 4 * 86_400_000, name: "run old" });
    const came = await all.deliveries.payload(2, AbortSignal.timeout(1_000));
    if (came.ok) await all.take({ id: "guid-2", event: "workflow_run", body: came.value });
    all.fetched.length = 0;
    const healing = all.start();
    await expect.poll(all.faults, { timeout: 30_000 }).toEqual(["1 one", "1 three", "1 two"]);
    expect(all.fetched).toEqual([1, 3]);
    all.told.push({ id: 6, guid: "guid-6", event: "workflow_run", at: all.clock.now(), name: "run later" });
    await expect.poll(all.faults, { timeout: 30_000 }).toEqual(["1 later", "1 one", "1 three", "1 two"]);
    expect(all.fetched).toEqual([1, 3, 6]);
    await healing.close();
  });

  test("is asked for again where the host was not to be reached", { timeout: 60_000 }, async () => {
    await using all = await begin();
    all.told.push({ id: 1, guid: "guid-1", event: "workflow_run", at: all.clock.now() - 1_000, name: "run one" });
    all.host.isThere = false;
    const healing = all.start();
    expect(await all.faults()).toEqual([]);
    all.host.isThere = true;
    await expect.poll(all.faults, { timeout: 30_000 }).toEqual(["1 one"]);
    await healing.close();
  });
});
