import { Permit, type Redeemed } from "@prunella/kernel";
import { expect, test } from "vitest";
import type { Spawn } from "../platform/spawn.ts";
import { createStarter } from "./starter.ts";

const program = { name: "shop", command: ["true"], cwd: "/", env: {} };

function counting(): { spawn: Spawn; starts: () => number } {
  let starts = 0;
  const spawn: Spawn = () => {
    starts += 1;
    return Promise.reject(new Error("a double that starts nothing"));
  };
  return { spawn, starts: () => starts };
}

const starterOf = (spawn: Spawn) =>
  createStarter({ spawn, program, stdio: "pipe", sharesTerminal: false, mark: () => ({}) });

const permitFor = (over: Partial<Redeemed>) =>
  Permit.redeem(
    async () => ({ permitId: "p", attemptId: "a", action: "restart", target: "shop", fence: 1, ...over }),
    "p",
    1,
  );

test("the first start is the only one without a permit", async () => {
  const { spawn, starts } = counting();
  const starter = starterOf(spawn);
  await expect(starter.first()).rejects.toThrow("starts nothing");
  await expect(starter.first()).rejects.toMatchObject({ code: "PRUNELLA_PERMIT_INVALID" });
  expect(starts()).toBe(1);
});

test.each([{ action: "revert" }, { target: "shop2" }, { target: "Shop" }, { target: "s\u0131hop" }])(
  "a permit for %o starts nothing",
  async (over) => {
    const { spawn, starts } = counting();
    await expect(starterOf(spawn).again(await permitFor(over))).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
    expect(starts()).toBe(0);
  },
);

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
