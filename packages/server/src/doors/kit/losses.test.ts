import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DOORS } from "../index.ts";
import { createLosses, KIT_REASONS, type Loss } from "./losses.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const written: [string, readonly Loss[]][] = [];
  const state = { isDown: false };
  const losses = createLosses({
    kernel: {
      async lose(projectId, given) {
        if (state.isDown) throw new Error("down");
        written.push([projectId, given]);
      },
    },
    log: { warn: () => undefined },
  });
  return { losses, written, state };
}
const one = (reason: string) => [{ reason, quantity: 1 }];

describe("losses", () => {
  it("are added up and written once in a few seconds, one transaction for each project", async () => {
    await using stack = new AsyncDisposableStack();
    const { losses, written } = open();
    stack.defer(() => losses.close());
    for (let at = 0; at < 1000; at += 1) losses.add("shop", one("door.queue"));
    losses.add("shop", [{ reason: "door.disk", quantity: 7 }]);
    losses.add("blog", one("door.queue"));
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual([
      [
        "shop",
        [
          { reason: "door.queue", quantity: 1000 },
          { reason: "door.disk", quantity: 7 },
        ],
      ],
      ["blog", one("door.queue")],
    ]);
  });

  it("that cannot be written wait for the next time", async () => {
    const { losses, written, state } = open();
    state.isDown = true;
    losses.add("shop", one("door.queue"));
    await losses.addNow("shop", one("client.other.unknown"));
    await vi.advanceTimersByTimeAsync(5_000);
    state.isDown = false;
    losses.add("shop", one("door.queue"));
    await losses.close();
    expect(written).toEqual([["shop", [{ reason: "door.queue", quantity: 2 }, ...one("client.other.unknown")]]]);
  });

  it("that only the request tells are written at once", async () => {
    await using stack = new AsyncDisposableStack();
    const { losses, written } = open();
    stack.defer(() => losses.close());
    await losses.addNow("shop", one("client.other.unknown"));
    expect(written).toEqual([["shop", one("client.other.unknown")]]);
  });

  it("have words that the ledger takes, and no door uses another's", () => {
    const all = [...KIT_REASONS, ...DOORS.flatMap((door) => [...door.reasons])];
    for (const reason of all) expect(reason).toMatch(/^[a-z0-9_.]{1,64}$/);
    expect(all.length).toBe(new Set(all).size);
  });
});
