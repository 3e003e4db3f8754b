import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createHearing } from "./hearing.ts";

const delivery = (id: string, name = "Build", repo = "acme/shop") => ({
  id,
  event: "workflow_run.completed",
  repo,
  payload: {
    repository: { full_name: repo },
    sender: { login: "ada" },
    workflow_run: { id, name, conclusion: "failure", head_branch: "main" },
  },
});
const TOKEN = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");

describe.each(ENGINES)("what a host delivers, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const told: { type: string; fields: object }[] = [];
    const who = { isKnown: true, said: Promise.resolve(), asked: 0 };
    const openOne = async () => {
      const kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, {
        tellPlugins: async ({ type, fields }) => {
          told.push({ type, fields });
          return "taken";
        },
      });
      const refusal = { reason: "unreachable", status: null, message: "nobody is there", retryAfterMs: null } as const;
      const hearing = createHearing({
        forges: [
          {
            async me() {
              who.asked += 1;
              await who.said;
              return who.isKnown ? { ok: true, value: "prunella[bot]" } : { ok: false, refusal };
            },
          },
        ],
        watched: { project: "default", repos: ["Acme/Shop"] },
        deliveries: kernel.plugins.deliveries,
        log: { info() {}, warn() {} },
        now: clock.now,
      });
      // What it asks at its start is answered.
      await new Promise(setImmediate);
      return { kernel, hearing };
    };
    let one = await openOne();
    return {
      clock,
      told,
      who,
      hear: (...given: Parameters<typeof delivery>) => one.hearing.hear(delivery(...given)),
      faults: async () => {
        await one.kernel.settle();
        return (await one.kernel.faults.list({ status: "all", limit: 20 })).faults;
      },
      async restart() {
        await one.kernel.close();
        one = await openOne();
      },
      async [Symbol.asyncDispose]() {
        await one.kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("is a fault, once for each delivery, also after a restart and under another id", async () => {
    await using all = await begin();
    expect(await all.hear("1")).toBe("first");
    expect(await all.hear("1")).toBe("seen");
    await all.restart();
    expect(await all.hear("1")).toBe("seen");
    expect(await all.hear("2")).toBe("first");
    const [fault, ...more] = await all.faults();
    expect([fault?.count, more]).toEqual([2, []]);
    expect(fault?.title).toContain("Build of acme/shop ended with failure");
  });

  test("counts once, however many of one come at the same time", async () => {
    await using all = await begin();
    const answers = await Promise.all(Array.from({ length: 8 }, () => all.hear("1")));
    expect(answers.filter((answer) => answer === "first")).toHaveLength(1);
    expect((await all.faults()).map(({ count }) => count)).toEqual([1]);
  });

  test("is nothing of a repository that is not watched", async () => {
    await using all = await begin();
    expect(await all.hear("1", "Build", "acme/other")).toBe("first");
    expect(await all.faults()).toEqual([]);
  });

  test("is asked for again while nobody knows who we are there, and nothing is kept of it", async () => {
    await using all = await begin();
    all.who.isKnown = false;
    expect(await all.hear("1")).toBe("later");
    expect(await all.faults()).toEqual([]);
    all.who.isKnown = true;
    expect(await all.hear("1")).toBe("first");
    expect(await all.faults()).toHaveLength(1);
  });

  test("waits for a silent host no longer than whoever delivers waits for us, and asks it once for all", async () => {
    await using all = await begin();
    expect(all.who.asked).toBe(1);
    const { promise, resolve } = Promise.withResolvers<void>();
    all.who.said = promise;
    expect(await Promise.all(["1", "2", "3"].map((id) => all.hear(id)))).toEqual(["later", "later", "later"]);
    expect(await all.hear("4")).toBe("later");
    expect(all.who.asked).toBe(2);
    resolve();
    expect(await all.hear("1")).toBe("first");
  });

  test("keeps no secret that somebody named a workflow by", async () => {
    await using all = await begin();
    await all.hear("1", `Build ${TOKEN}`);
    expect(JSON.stringify(await all.faults())).not.toContain(TOKEN);
  });
});
