import { expect, it } from "vitest";
import { scrubJson } from "@prunella/scrub";
import { z } from "zod";
import { openBroker } from "./broker-fixture.ts";
import { createMethods } from "./methods.ts";

const Answer = z.object({ entries: z.array(z.object({ index: z.number() })), before: z.number().nullable() });

it("reads the newest entries of its project, however many of others lie between, and goes on before them", async () => {
  const ours = new Set([3, 150, 260, 470, 490]);
  /** A double of a long ledger: what is written into a real one takes a cause for each entry. */
  const find = async ({ limit, before = 500 }: { limit: number; before?: number | undefined }) =>
    Array.from({ length: before }, (_, index) => ({
      index,
      entry: JSON.stringify({ v: 1, project: ours.has(index) ? "default" : "other" }),
      leafHash: "",
    })).slice(-limit);
  await using all = await openBroker(
    {
      uses: ["capability:ledger:read"],
      capabilities: [{ name: "ledger", access: "read", reason: "It reads." }],
    },
    (kernel) =>
      createMethods({
        kernel: { ...kernel, ledger: { ...kernel.ledger, find } },
        scrubJson,
        roots: () => ({}),
        base: "/",
      }),
  );
  const ask = async (params: object) => {
    const { entries, before } = Answer.parse(await all.call("ledger.read", params));
    return [entries.map(({ index }) => index), before];
  };
  expect(await ask({ limit: 2 })).toEqual([[470, 490], 300]);
  expect(await ask({ limit: 1 })).toEqual([[490], 490]);
  expect(await ask({ limit: 3, before: 490 })).toEqual([[150, 260, 470], 90]);
  expect(await ask({})).toEqual([[3, 150, 260, 470, 490], null]);
});
