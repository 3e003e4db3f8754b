import { describe, expect, it } from "vitest";
import { RpcError } from "../broker/rpc.ts";
import { createLines } from "./lines.ts";

function house() {
  let now = 1_000_000;
  const calls: unknown[] = [];
  const notices: string[] = [];
  const lines = createLines({ now: () => now, url: () => "https://prunella.example.com/" });
  const open = (invocation: string, deadline = now + 3_600_000) =>
    lines.open({
      invocation,
      deadline,
      async onCall(method, params) {
        calls.push([invocation, method, params]);
        if (method === "no") throw new RpcError(-32001, "not that", { mend: null });
        if (method === "broken") throw new Error("at 10.0.0.7 port 5432");
        return { done: true };
      },
      onNotice: (method) => void notices.push(method),
    });
  const ask = (invocation: string, token: string, body: object, network = "203.0.113.7") =>
    lines.take({ invocation, token, network, body: { jsonrpc: "2.0", ...body } });
  return { lines, open, ask, calls, notices, pass: (ms: number) => void (now += ms) };
}

describe("the line of a plugin elsewhere to the broker", () => {
  it("is of one invocation, at an address that names it", async () => {
    const { open, ask, calls } = house();
    const [a, b] = [open("a"), open("b")];
    expect(a.url).toBe("https://prunella.example.com/broker/a");
    expect(await ask("a", a.token, { id: 1, method: "state.get", params: { key: "x" } })).toEqual({
      status: 200,
      body: { jsonrpc: "2.0", id: 1, result: { done: true } },
    });
    expect(await ask("b", a.token, { id: 2, method: "state.get" })).toMatchObject({ status: 401 });
    expect(await ask("a", b.token, { id: 2, method: "state.get" })).toMatchObject({ status: 401 });
    expect(calls).toEqual([["a", "state.get", { key: "x" }]]);
  });

  it("ends with its invocation, with that one's time, and after five minutes at the latest", async () => {
    const { open, ask, pass, calls } = house();
    const [ended, short, long] = [open("ended"), open("short", 1_060_000), open("long")];
    ended.end();
    expect(await ask("ended", ended.token, { id: 1, method: "x" })).toMatchObject({ status: 401 });
    pass(59_999);
    expect(await ask("short", short.token, { id: 1, method: "x" })).toMatchObject({ status: 200 });
    pass(1);
    expect(await ask("short", short.token, { id: 2, method: "x" })).toMatchObject({ status: 401 });
    pass(239_999);
    expect(await ask("long", long.token, { id: 1, method: "x" })).toMatchObject({ status: 200 });
    pass(1);
    expect(await ask("long", long.token, { id: 2, method: "x" })).toMatchObject({ status: 401 });
    expect(calls).toHaveLength(2);
  });

  it("belongs to whoever uses it first, and takes each id once", async () => {
    const { open, ask, calls } = house();
    const { token } = open("a");
    expect(await ask("a", token, { id: 1, method: "x" })).toMatchObject({ status: 200 });
    expect(await ask("a", token, { id: 2, method: "x" }, "198.51.100.9")).toMatchObject({
      status: 403,
      body: { error: { code: -32001, message: "somebody elsewhere uses this token" } },
    });
    for (const id of [1, "1", "1"]) await ask("a", token, { id, method: "x" });
    expect(calls).toHaveLength(2);
  });

  it("says why not in words of ours, and nothing of what broke here", async () => {
    const { open, ask } = house();
    const { token } = open("a");
    expect(await ask("a", token, { id: 1, method: "no" })).toMatchObject({
      status: 200,
      body: { id: 1, error: { code: -32001, message: "not that", data: { mend: null } } },
    });
    expect(await ask("a", token, { id: 2, method: "broken" })).toMatchObject({
      body: { error: { code: -32000, message: "the host could not do that" } },
    });
  });

  it("takes notices without an answer, and nothing that is no single request", async () => {
    const { lines, open, ask, notices, calls } = house();
    const { token } = open("a");
    expect(await ask("a", token, { method: "log", params: {} })).toEqual({ status: 204, body: null });
    expect(notices).toEqual(["log"]);
    for (const body of [null, undefined, [], "x", {}, { jsonrpc: "2.0" }, [{ jsonrpc: "2.0", id: 1, method: "x" }]])
      expect(await lines.take({ invocation: "a", token, network: "203.0.113.7", body })).toMatchObject({ status: 400 });
    for (const body of [{ id: null, method: "x" }, { id: 1, method: "" }, { id: 1, method: "x", more: 1 }, { id: 1 }])
      expect(await ask("a", token, body)).toMatchObject({ status: 400, body: { error: { code: -32600 } } });
    expect(calls).toEqual([]);
  });
});
