import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe.each(ENGINES)("signing in on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("takes a code for a quarter of an hour", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const [early, late] = [await kernel.access.mint(), await kernel.access.mint()];
    clock.advance(15 * MINUTE - 1);
    await kernel.access.signIn(early);
    clock.advance(1);
    await expect(kernel.access.signIn(late)).rejects.toMatchObject({ code: "PRUNELLA_SIGN_IN_CODE_INVALID" });
  });

  test("lasts for two weeks, whether it is used or not", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const { token } = await kernel.access.signIn(await kernel.access.mint());
    clock.advance(14 * DAY - 1);
    expect(await kernel.access.hasSession(token)).toBe(true);
    clock.advance(1);
    expect(await kernel.access.hasSession(token)).toBe(false);
  });

  test("writes neither code nor session as they are", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine, testClock());
    const [waiting, used] = [await kernel.access.mint(), await kernel.access.mint()];
    const { token } = await kernel.access.signIn(used);
    const rows = [
      ...(await store.engine.reader.selectFrom("sign_in_code").selectAll().execute()),
      ...(await store.engine.reader.selectFrom("session").selectAll().execute()),
    ];
    expect(rows).toHaveLength(2);
    for (const secret of [waiting, used, token]) expect(JSON.stringify(rows)).not.toContain(secret);
  });
});
