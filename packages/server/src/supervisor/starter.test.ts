import { createTicketRedeemer, Permit, ticketBytes, vkeyOf, type Redeemed } from "@prunella/kernel";
import { expect, test } from "vitest";
import type { Spawn } from "../platform/spawn.ts";
import { createStarter } from "./starter.ts";
import { testSigner } from "./supervisor-fixture.ts";

const program = { name: "shop", command: ["true"], cwd: "/", env: {}, inherits: "all" as const };

function counting(): { spawn: Spawn; starts: () => number } {
  let starts = 0;
  const spawn: Spawn = () => {
    starts += 1;
    return Promise.reject(new Error("a double that starts nothing"));
  };
  return { spawn, starts: () => starts };
}

/** As a permit comes to another process: on a ticket signed with the ledger's key. */
function permitFor(over: Partial<Redeemed>): Promise<Permit> {
  const redeemed = {
    permitId: "p",
    attemptId: "a",
    projectId: "default",
    action: "restart",
    target: "program:shop",
    args: {},
    fence: 1,
    expiresAt: Number.MAX_SAFE_INTEGER,
    ...over,
  };
  const signature = Buffer.from(testSigner.sign(ticketBytes(redeemed))).toString("base64");
  return createTicketRedeemer({
    vkey: async () => vkeyOf(testSigner),
    fetchTicket: async () => ({ ...redeemed, signature }),
    clock: { now: () => 0 },
  })("p", 1);
}

const starterOf = (spawn: Spawn) =>
  createStarter({ spawn, program, stdio: "pipe", sharesTerminal: false, mark: () => ({}) });

test("the first start is the only one without a permit", async () => {
  const { spawn, starts } = counting();
  const starter = starterOf(spawn);
  await expect(starter.first()).rejects.toThrow("starts nothing");
  await expect(starter.first()).rejects.toMatchObject({ code: "PRUNELLA_PERMIT_INVALID" });
  expect(starts()).toBe(1);
});

test.each([
  { action: "revert" },
  { target: "program:shop2" },
  { target: "program:Shop" },
  { target: "shop" },
  { target: "unit:shop" },
])("a permit for %o starts nothing", async (over) => {
  const { spawn, starts } = counting();
  await expect(starterOf(spawn).again(await permitFor(over))).rejects.toMatchObject({
    code: "PRUNELLA_PERMIT_INVALID",
  });
  expect(starts()).toBe(0);
});

test("a permit starts once", async () => {
  const { spawn, starts } = counting();
  const starter = starterOf(spawn);
  const permit = await permitFor({});
  await expect(starter.again(permit)).rejects.toThrow("starts nothing");
  await expect(starter.again(permit)).rejects.toMatchObject({ code: "PRUNELLA_PERMIT_INVALID" });
  expect(starts()).toBe(1);
});

test("what only looks like a permit starts nothing", async () => {
  const { spawn, starts } = counting();
  const starter = starterOf(spawn);
  for (const fake of [{}, null, Object.create(Permit.prototype), { action: "restart", target: "shop" }]) {
    await expect(Reflect.apply(starter.again, starter, [fake])).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
  }
  expect(starts()).toBe(0);
});
