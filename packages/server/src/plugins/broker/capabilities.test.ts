import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Access, BROKER_METHODS, Capability, readCall, SCOPES } from "@prunella/contract/plugins";
import { scrubJson } from "@prunella/scrub";
import { openBroker } from "./broker-fixture.ts";
import { createMethods } from "./methods.ts";

const SAMPLES: Readonly<Record<string, object>> = {
  "state.get": { key: "a" },
  "state.put": { key: "a", value: 1 },
  "state.delete": { key: "a" },
  "ledger.append": { sha256: "0".repeat(64) },
  "provenance.write": { of: "report.pdf", from: ["fault 1"] },
  "runtime.execute": { template: ["true"] },
  "mcp.attach": { tool: "a" },
  "handoff.write": { to: "a", what: null },
};
/** Their subject comes later. */
const LATER = ["seed", "handoff", "mcp"];

const pairs = Capability.options.flatMap((name) =>
  Access.options.flatMap((access) => (Object.hasOwn(SCOPES, `capability:${name}:${access}`) ? [{ name, access }] : [])),
);
const methodsOf = (scope: string): string[] =>
  Object.keys(BROKER_METHODS).filter((method) => {
    const call = readCall(method, SAMPLES[method] ?? {});
    return call.kind === "call" && call.scope === scope;
  });
const open = (asked: readonly { readonly name: string; readonly access: string }[]) =>
  openBroker(
    {
      uses: asked.map(({ name, access }) => `capability:${name}:${access}`),
      capabilities: asked.map((one) => ({ ...one, reason: "It needs it." })),
    },
    (kernel) => createMethods({ kernel, scrubJson, roots: () => ({}), base: "/" }),
  );
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => "answered",
    (error: { code: number; data?: { reason?: string } | null }) => `${error.code} ${error.data?.reason ?? ""}`.trim(),
  );

describe("each capability with each access", () => {
  it("is refused to whoever does not declare it, by each of its methods, also when they have all the others", async () => {
    for (const { name, access } of pairs) {
      await using all = await open(pairs.filter((one) => one.name !== name || one.access !== access));
      for (const method of methodsOf(`capability:${name}:${access}`))
        expect(await outcome(all.call(method, SAMPLES[method])), method).toBe("-32001 not_declared");
    }
  }, 60_000);

  it("answers whoever was granted it, or says that its subject comes later", async () => {
    await using all = await open(pairs);
    for (const { name, access } of pairs) {
      const methods = methodsOf(`capability:${name}:${access}`);
      expect(methods, `${name}:${access}`).not.toEqual([]);
      for (const method of methods) {
        // A template that the manifest does not declare is none, whatever the capability.
        const expected = LATER.includes(name)
          ? "-32001 unknown_capability_subject"
          : method === "runtime.execute"
            ? "-32001 not_declared"
            : "answered";
        expect(await outcome(all.call(method, SAMPLES[method])), method).toBe(expected);
      }
    }
  });

  it("is refused from the next call on when it was revoked", async () => {
    await using all = await open(pairs);
    for (const { name, access } of pairs) {
      await all.revoke(`capability:${name}:${access}`);
      for (const method of methodsOf(`capability:${name}:${access}`))
        expect(await outcome(all.call(method, SAMPLES[method])), method).toBe("-32001 not_granted");
    }
  });
});

it("leaves hashes in the ledger that name who left them, and nothing once the run has ended", async () => {
  await using all = await open([
    { name: "ledger", access: "write" },
    { name: "provenance", access: "write" },
  ]);
  const sha256 = createHash("sha256").update("a report").digest("hex");
  const left = await all.call("ledger.append", { sha256 });
  const said = await all.call("provenance.write", { of: "report.pdf", from: ["fault 1"] });
  const statement = createHash("sha256").update('{"of":"report.pdf","from":["fault 1"]}').digest("hex");
  expect(said).toMatchObject({ sha256: statement });
  const entries = (await all.kernel.ledger.find({ type: "plugin_noted", limit: 10 })).map(({ index, entry }) => [
    index,
    JSON.parse(entry),
  ]);
  const of = { plugin: all.session.plugin.id, invocation: all.session.invocation, project: "default" };
  expect(entries).toMatchObject([
    [Object(left).index, { ...of, what: "digest", sha256 }],
    [Object(said).index, { ...of, what: "provenance", sha256: statement }],
  ]);
  await all.kernel.plugins.invocations.end(all.session.invocation, { kind: "completed" });
  await expect(all.call("ledger.append", { sha256 })).rejects.toMatchObject({ code: -32004 });
});
