import { expect, it } from "vitest";
import { definePlugin } from "./index.ts";
import { testPlugin } from "./testing.ts";

const manifest = (more: object = {}): string =>
  JSON.stringify({
    manifestVersion: 1,
    name: "sample",
    version: "0.1.0",
    description: "A sample.",
    license: "Apache-2.0",
    kind: "local",
    entry: "src/index.ts",
    engines: { prunella: ">=0.1.0" },
    namespace: "sample",
    commands: [
      {
        name: "go",
        summary: "Goes",
        risk: "write",
        output: { properties: { text: { type: "string" } } },
        uses: ["net:read"],
      },
    ],
    network: [{ host: "api.example.com", methods: ["GET"], path: "/v1/", reason: "Looks up." }],
    capabilities: [{ name: "state", access: "write", reason: "Keeps." }],
    ...more,
  });
const of = (go: (input: never, context: never) => unknown, more: object = {}) => {
  const plugin: object = { commands: { go }, ...more };
  return testPlugin({
    manifest: manifest(),
    plugin,
    answers: { "net.fetch": { status: 200, headers: {}, body: btoa("found") } },
  });
};

it("answers what the manifest asks for, and refuses the rest as a host does", async () => {
  const plugin = definePlugin({
    commands: {
      async go(_input: object, { fetch, state, log }) {
        log(await (await fetch("https://api.example.com/v1/a")).text());
        await fetch("https://api.example.com/v2/a").catch((error: { code: number }) => log(String(error.code)));
        // Declared, and not among what this command uses.
        await state.put("a", 1).catch((error: { code: number }) => log(String(error.code)));
        return { text: "done" };
      },
    },
  });
  const ran = await testPlugin({
    manifest: manifest(),
    plugin,
    answers: { "net.fetch": { status: 200, headers: {}, body: btoa("found") } },
  }).run("go");
  expect(ran).toMatchObject({ status: "success", output: { text: "done" }, log: ["found", "-32001", "-32001"] });
  expect(ran.calls.map(({ scope, verdict }) => [scope, verdict])).toEqual([
    ["net:read", "allowed"],
    ["net:read", "denied"],
    ["capability:state:write", "denied"],
  ]);
});

it.each([
  ["an output that does not fit", () => ({ text: 1 }), "an output fits what is declared"],
  ["a command that never ends", () => new Promise(() => undefined), "a command ends"],
  [
    "a call of something that it does not declare",
    (_input: never, { faults }: { faults: { list(): Promise<unknown> } }) => faults.list(),
    "a command asks for what it declares alone",
  ],
  [
    "a call of nothing that there is",
    (_input: never, { call }: { call(name: string): Promise<unknown> }) => call("no.such"),
    "a call is one that the host knows",
  ],
  ["an output that is no JSON", () => 1n, "an output is JSON"],
])(
  "finds %s",
  async (_what, go, claim) => {
    expect((await of(go).conformance()).map((one) => one.claim)).toContain(claim);
  },
  20_000,
);

it("finds functions and commands that do not match", async () => {
  const shortfalls = await of(() => ({ text: "" }), { commands: { other: () => null } }).conformance();
  expect(shortfalls).toEqual([
    { claim: "every command of the manifest is there", detail: "go" },
    { claim: "every function is a command of the manifest", detail: "other" },
  ]);
});

it("says what is wrong with a manifest", () => {
  expect(() => testPlugin({ manifest: manifest({ kind: "lokal" }), plugin: {} })).toThrow("did you mean local");
});
