import { describe, expect, it } from "vitest";
import { openBroker } from "./broker-fixture.ts";

describe("what came of a call that touches more than one thing", () => {
  const asks = {
    uses: ["process:run", "fs:write"],
    process: [{ template: ["make"], reason: "Makes." }],
    filesystem: [{ root: "workspace", access: "write", reason: "Writes." }],
  };

  it.each([
    ["succeeded", () => ({})],
    [
      "failed",
      () => {
        throw new Error("it did not start");
      },
    ],
  ])("is that it %s, of each of them, and nothing before it has ended", async (end, work) => {
    let during: string[] = [];
    await using all = await openBroker(asks, (kernel) => {
      const states = async () => (await kernel.attempts.list({ limit: 10 })).attempts.map(({ state }) => state);
      return new Map([
        [
          "process.exec",
          async (_params: unknown, { authorizeToo }) => {
            await authorizeToo("fs:write", "workspace");
            during = await states();
            return work();
          },
        ],
      ]);
    });
    await all.call("process.exec", { template: ["make"] }).catch(() => undefined);
    expect(during).toEqual(["running", "running"]);
    const { attempts } = await all.kernel.attempts.list({ limit: 10 });
    expect(attempts.map(({ state }) => state)).toEqual([end, end]);
  });
});

it("takes a yes to a command for a yes to a merge only where it named the pull request and its head", async () => {
  const head = "a".repeat(40);
  const merges: unknown[] = [];
  const scope = "forge:pull_request:merge";
  const permissions = { required: [{ scope, reason: "Merges." }] };
  await using all = await openBroker({ uses: [scope], permissions }, () => {
    const merge = async (params: unknown) => merges.push(params);
    return new Map([["forge.pull_request.merge", merge]]);
  });
  const params = { repo: "acme/shop", number: 7, head, base: "main", method: "merge" };
  const url = "https://git.example.test/acme/shop/pulls/7";
  await all.call("forge.pull_request.merge", params, { url, head });
  expect(merges).toEqual([params]);

  const unseen = all.call("forge.pull_request.merge", params, { url }).catch((error: unknown) => error);
  const open = async () => (await all.kernel.escalations.list("open")).escalations;
  await expect.poll(async () => (await open()).length, { timeout: 20_000 }).toBe(1);
  const [question] = await open();
  expect(question?.args).toMatchObject({
    method: "forge.pull_request.merge",
    preview: expect.stringContaining(`"number":7,"head":"${head}","base":"main"`),
  });
  await all.kernel.escalations.decide(question?.id ?? "", "refuse", { kind: "person", id: "bo" });
  expect(await unseen).toMatchObject({ code: -32002 });
  expect(merges).toHaveLength(1);
});
