import { scrubText } from "@prunella/scrub";
import { expect, it } from "vitest";
import { openBroker } from "./broker-fixture.ts";
import { createCallLog } from "./call-log.ts";

const ASKS = {
  uses: ["net:read", "capability:state:read"],
  network: [{ host: "api.example.com", methods: ["GET"], path: "/v1/", reason: "Looks names up." }],
  capabilities: [{ name: "state", access: "read", reason: "Remembers." }],
};
const get = (url: string) => ({ url, method: "GET", headers: {}, body: "" });

it("tells each call with its verdict, in order, to whoever asks behind the last", async () => {
  await using host = await openBroker(
    ASKS,
    () =>
      new Map([
        ["net.fetch", () => Promise.reject(new Error("api.example.com is away"))],
        ["state.get", () => Promise.resolve({ value: null })],
      ]),
  );
  const { call, log, session } = host;
  const { id } = session.plugin;
  const { last } = log.after(id, "default", 0);
  await call("state.get", { key: "a" });
  for (const [method, params] of [
    ["net.fetch", get("https://api.example.com/v1/a?key=hidden")],
    ["net.fetch", get("https://elsewhere.example.com/")],
    ["state.put", { key: "a", value: 1 }],
    ["state.get", { key: "" }],
    ["no.such", {}],
  ] as const)
    await expect(call(method, params)).rejects.toThrow(/./);
  await host.revoke("net:read");
  await expect(call("net.fetch", get("https://api.example.com/v1/a"))).rejects.toThrow(/not trusted/);

  const seen = log.after(id, "default", last);
  expect(seen.calls.map(({ method, scope, resource, verdict }) => [method, scope, resource, verdict])).toEqual([
    ["state.get", "capability:state:read", "*", "allowed"],
    ["net.fetch", "net:read", "GET api.example.com/v1/a", "allowed"],
    ["net.fetch", "net:read", "GET elsewhere.example.com/", "denied"],
    ["state.put", "capability:state:write", "*", "denied"],
    ["state.get", null, null, "invalid"],
    ["no.such", null, null, "invalid"],
    ["net.fetch", "net:read", "GET api.example.com/v1/a", "denied"],
  ]);
  expect(seen.calls.map(({ detail }) => detail)).toEqual([
    null,
    "api.example.com is away",
    "asker declares net:read of GET api.example.com/v1/ and of nothing else.",
    expect.stringMatching(/asker declares capability:state:read|does not declare capability:state:write/),
    expect.stringMatching(/^params\.key: /),
    "there is no no.such",
    expect.stringMatching(/^asker is not trusted with net:read/),
  ]);
  expect(seen.calls.at(-1)?.mend).toMatch(/^prunella plugin trust asker --scope net:read/);
  expect(log.after(id, "default", seen.last)).toEqual({ calls: [], last: seen.last });
  expect(log.after(id, "default", seen.last - 1).calls).toHaveLength(1);
  expect(log.after(id, "another", 0).calls).toEqual([]);
  expect(log.after("another", "default", 0).calls).toEqual([]);
});

it("holds nothing that the scrubber takes out, and a thousand calls", async () => {
  const token = ["gh", "p_"].join("") + "0123456789abcdefghijABCDEFGHIJ012345";
  await using host = await openBroker(ASKS, () => new Map());
  const { call, session } = host;
  await expect(call("net.fetch", get(`https://api.example.com/v2/${token}`))).rejects.toThrow(/./);
  await expect(call(token)).rejects.toThrow(/./);
  const { calls } = host.log.after(session.plugin.id, "default", 0);
  expect(calls).toHaveLength(2);
  expect(JSON.stringify(calls)).not.toContain(token.slice(4));

  const log = createCallLog({ now: () => 5, scrubText });
  for (let at = 0; at < 1_200; at += 1) log.note(session, "state.get", null, null);
  const kept = log.after(session.plugin.id, "default", 0);
  expect([kept.calls.length, kept.calls[0]?.seq, kept.last]).toEqual([1_000, 206, 1_205]);
});
