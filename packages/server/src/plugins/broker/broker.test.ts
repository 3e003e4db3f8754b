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
