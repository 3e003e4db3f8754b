import { afterEach, expect, test, vi } from "vitest";
import { openServer } from "../../../test/end-to-end/server-fixture.ts";
import { examine } from "./doctor.ts";

afterEach(() => vi.useRealTimers());

test("doctor finds a clock that went back behind the newest ledger entry, and no fault with one that goes on", async () => {
  await using fixture = await openServer();
  const clock = async () => {
    const found = await examine({ dataFolder: fixture.folder, configPath: null });
    return found.find(({ what }) => what === "clock");
  };
  expect(await clock()).toMatchObject({
    state: "ok",
    detail: expect.stringContaining("after the newest ledger entry"),
  });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 86_400_000 });
  expect(await clock()).toMatchObject({ state: "wrong", mend: expect.stringContaining("NTP") });
});
