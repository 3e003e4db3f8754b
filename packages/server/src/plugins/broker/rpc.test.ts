import { setImmediate as breathe } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createPeer, PeerBroke, RpcError, type PeerGiven } from "./rpc.ts";

/** A line whose other end is the test. */
function line(given: Partial<PeerGiven> = {}) {
  const sent: unknown[] = [];
  const queue: unknown[] = [];
  let wake = (): void => undefined;
  let isOver = false;
  async function* frames(): AsyncGenerator {
    for (;;) {
      while (queue.length > 0) yield queue.shift();
      if (isOver) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const notices: unknown[] = [];
  const peer = createPeer({
    send: (frame) => (sent.push(frame), true),
    frames: frames(),
    onCall: async (method) => ({ did: method }),
    onNotice: (method, params) => void notices.push([method, params]),
    ...given,
  });
  const say = async (...frames_: unknown[]): Promise<void> => {
    queue.push(...frames_);
    wake();
    for (let at = 0; at < 5; at += 1) await breathe();
  };
  const end = async (): Promise<void> => ((isOver = true), await say());
  return { peer, sent, notices, say, end };
}

const never = (): AbortSignal => new AbortController().signal;

describe("JSON-RPC with somebody whom nobody trusts", () => {
  it("goes both ways at once, and an answer finds who asked", async () => {
    const { peer, sent, say } = line();
    const first = peer.ask("commands/a", {}, never());
    first.catch(() => undefined);
    const second = peer.ask("commands/b", {}, never());
    await say({ jsonrpc: "2.0", id: 7, method: "state.get", params: { key: "a" } });
    await say(
      { jsonrpc: "2.0", id: 2, result: "b" },
      { jsonrpc: "2.0", id: 1, error: { code: -32001, message: "no", data: { reason: "x" } } },
    );
    await expect(first).rejects.toMatchObject({ name: "RpcError", code: -32001, message: "no", data: { reason: "x" } });
    expect(await second).toBe("b");
    expect(sent[2]).toEqual({ jsonrpc: "2.0", id: 7, result: { did: "state.get" } });
  });

  it.each([
    ["an answer that nobody asked for", { jsonrpc: "2.0", id: 99, result: 1 }],
    ["an answer to an id that is no number", { jsonrpc: "2.0", id: "1", result: 1 }],
    ["a frame of another version", { jsonrpc: "1.0", id: 1, method: "a" }],
    ["a frame with a key of a prototype", JSON.parse('{"jsonrpc":"2.0","id":1,"result":1,"__proto__":{"a":1}}')],
    ["an answer that is both", { jsonrpc: "2.0", id: 1, result: 1, error: { code: 1, message: "" } }],
    ["a list", [{ jsonrpc: "2.0", method: "a" }]],
    ["nothing", null],
    ["a method without end", { jsonrpc: "2.0", id: 1, method: "x".repeat(101) }],
  ])("is over with %s", async (_what, frame) => {
    const { peer, say } = line();
    const asked = peer.ask("commands/a", {}, never());
    asked.catch(() => undefined);
    await say(frame);
    expect(await peer.over).toBeInstanceOf(PeerBroke);
    await expect(asked).rejects.toBeInstanceOf(PeerBroke);
    await expect(peer.ask("commands/a", {}, never())).rejects.toBeInstanceOf(PeerBroke);
  });

  it("cancels what is given up, takes its late answer for no breach, and its second one for one", async () => {
    const { peer, sent, say } = line();
    const stop = new AbortController();
    const asked = peer.ask("commands/slow", {}, stop.signal);
    stop.abort(new Error("too slow"));
    await expect(asked).rejects.toThrow("too slow");
    expect(sent[1]).toEqual({ jsonrpc: "2.0", method: "$/cancel", params: { id: 1, reason: "Error: too slow" } });
    await say({ jsonrpc: "2.0", id: 1, result: "late" });
    const next = peer.ask("commands/a", {}, never());
    await say({ jsonrpc: "2.0", id: 2, result: "in time" });
    expect(await next).toBe("in time");
    await say({ jsonrpc: "2.0", id: 1, result: "again" });
    expect(await peer.over).toMatchObject({ message: "it answered what nobody asked" });
  });

  it("does so much at once, and refuses more", async () => {
    const { sent, say } = line({ onCall: () => new Promise(() => undefined) });
    await say(...Array.from({ length: 33 }, (_, id) => ({ jsonrpc: "2.0", id, method: "state.get", params: {} })));
    expect(sent).toEqual([{ jsonrpc: "2.0", id: 32, error: { code: -32003, message: "at most 32 calls at once" } }]);
  });

  it("tells what was meant for a plugin, and nothing of a defect of ours", async () => {
    const { sent, say } = line({
      onCall: (method) =>
        Promise.reject(method === "a" ? new RpcError(-32004, "over", { a: 1 }) : new Error("the secret of the host")),
    });
    await say({ jsonrpc: "2.0", id: 1, method: "a", params: {} }, { jsonrpc: "2.0", id: 2, method: "b", params: {} });
    expect(sent).toEqual([
      { jsonrpc: "2.0", id: 1, error: { code: -32004, message: "over", data: { a: 1 } } },
      { jsonrpc: "2.0", id: 2, error: { code: -32000, message: "the host could not do that", data: null } },
    ]);
  });

  it("is over when nobody reads, when notices never end, and when the process ends", async () => {
    const deaf = line({ send: () => false });
    await expect(deaf.peer.ask("commands/a", {}, never())).rejects.toThrow("does not read");
    const loud = line();
    await loud.say(...Array.from({ length: 20_001 }, () => ({ jsonrpc: "2.0", method: "log", params: {} })));
    expect(await loud.peer.over).toMatchObject({ message: "it sent more than 20000 notices" });
    expect(loud.notices).toHaveLength(20_000);
    const gone = line();
    const asked = gone.peer.ask("commands/a", {}, never());
    asked.catch(() => undefined);
    await gone.end();
    expect(await gone.peer.over).toBeNull();
    await expect(asked).rejects.toThrow("it has ended");
  });
});
