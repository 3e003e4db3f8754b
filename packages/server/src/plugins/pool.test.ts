import { describe, expect, it } from "vitest";
import type { SandboxEngine } from "../platform/sandbox/engine.ts";
import { createPool, type ProcessKey, type ProcessSpec } from "./pool.ts";

const KEY: ProcessKey = { plugin: "p", digest: "d", projectId: "default", grants: "g" };
const SPEC: ProcessSpec = { bundle: "/b", digest: "d", workDir: "/w", memoryMb: 64, cpuSeconds: 30 };
const never = (): AbortSignal => new AbortController().signal;
const listener = { onCall: () => Promise.resolve(null), onNotice: () => undefined };

/** Processes that answer nothing and end when they are told to. */
function engine() {
  const started: { calls: (frame: object) => void; isOver: boolean }[] = [];
  const fake: SandboxEngine = {
    name: "deno",
    probe: () => Promise.resolve({ ok: true }),
    launch() {
      const { promise: exited, resolve } = Promise.withResolvers<{
        code: number | null;
        signal: string | null;
        ended: "killed";
      }>();
      let say = (_frame: object): void => undefined;
      const one = { calls: (frame: object) => say(frame), isOver: false };
      started.push(one);
      async function* frames(): AsyncGenerator {
        const queue: object[] = [];
        let wake = (): void => undefined;
        say = (frame) => (queue.push(frame), wake());
        void exited.then(() => wake());
        for (;;) {
          while (queue.length > 0) yield queue.shift();
          if (one.isOver) return;
          await new Promise<void>((next) => (wake = next));
        }
      }
      return Promise.resolve({
        pid: 1,
        send: () => true,
        frames: frames(),
        stderr: () => "",
        exited,
        kill: async () => {
          one.isOver = true;
          resolve({ code: null, signal: "SIGKILL", ended: "killed" });
          await exited;
        },
      });
    },
  };
  return { fake, started };
}

describe("processes of plugins", () => {
  it("serve one invocation at a time, and the next finds the same", async () => {
    const { fake, started } = engine();
    const pool = createPool({ engine: fake });
    const order: string[] = [];
    const first = await pool.borrow(KEY, SPEC, listener, false, never());
    const second = pool.borrow(KEY, SPEC, listener, false, never()).then((one) => (order.push("second"), one));
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("first is given back");
    await first.giveBack("well");
    await (await second).giveBack("well");
    expect(order).toEqual(["first is given back", "second"]);
    expect(started).toHaveLength(1);
    await pool.close();
    expect(pool.size()).toBe(0);
  });

  it.each([
    ["other grants", { grants: "other" }, false],
    ["another project", { projectId: "other" }, false],
    ["another digest", { digest: "other" }, false],
    ["what may destroy", {}, true],
  ])("are not shared by %s", async (_what, key, isFresh) => {
    const { fake, started } = engine();
    const pool = createPool({ engine: fake });
    await (await pool.borrow(KEY, SPEC, listener, false, never())).giveBack("well");
    await (await pool.borrow({ ...KEY, ...key }, SPEC, listener, isFresh, never())).giveBack("well");
    expect(started).toHaveLength(2);
    await pool.close();
  });

  it("are ended after a failure, after a thousand calls, when they were busy for half of their processor time, and when idle", async () => {
    const { fake, started } = engine();
    const pool = createPool({ engine: fake, idleMs: 10 });
    await (await pool.borrow(KEY, SPEC, listener, false, never())).giveBack("spent");
    expect(started.map(({ isOver }) => isOver)).toEqual([true]);
    const busy = await pool.borrow(KEY, { ...SPEC, cpuSeconds: 0.001 }, listener, false, never());
    await new Promise((resolve) => setTimeout(resolve, 5));
    await busy.giveBack("well");
    expect(started.map(({ isOver }) => isOver)).toEqual([true, true]);
    const chatty = await pool.borrow(KEY, SPEC, listener, false, never());
    for (let id = 0; id < 1_000; id += 1) {
      started[2]?.calls({ jsonrpc: "2.0", id, method: "state.get", params: {} });
      if (id % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    await chatty.giveBack("well");
    expect(started[2]?.isOver).toBe(true);
    await (await pool.borrow(KEY, SPEC, listener, false, never())).giveBack("well");
    expect(pool.size()).toBe(1);
    await expect.poll(() => pool.size()).toBe(0);
  });

  it("are waited for by so many, and who gives up leaves its place", async () => {
    const { fake } = engine();
    const pool = createPool({ engine: fake });
    const first = await pool.borrow(KEY, SPEC, listener, false, never());
    const stop = new AbortController();
    const waiting = Array.from({ length: 31 }, () => pool.borrow(KEY, SPEC, listener, false, stop.signal));
    await expect(pool.borrow(KEY, SPEC, listener, false, never())).rejects.toThrow("32 invocations of it wait already");
    stop.abort(new Error("given up"));
    for (const one of waiting) await expect(one).rejects.toThrow("given up");
    await first.giveBack("well");
    await (await pool.borrow(KEY, SPEC, listener, false, never())).giveBack("well");
    await pool.close();
  });
});
