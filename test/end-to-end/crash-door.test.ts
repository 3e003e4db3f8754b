import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { openServer, type ServerFixture } from "./server-fixture.ts";

const post = (fixture: ServerFixture, body: string) =>
  fetch(`${fixture.server.url}/v1/crash`, { method: "POST", body });
const fingerprintOf = (errorClass: string, signature: string[]) =>
  createHash("sha256")
    .update([errorClass, ...signature].join("\n"))
    .digest("hex");
const report = (given: object = {}) => ({
  os: "linux",
  arch: "x64",
  app_version: "1.2.3",
  node_version: "v24.1.0",
  bun_version: null,
  error_class: "TypeError",
  stack_signature: ["f", "g"],
  phase: "ACT",
  exit_code: 1,
  friction_kind: null,
  project_id_hash: "a".repeat(64),
  fingerprint: fingerprintOf("TypeError", ["f", "g"]),
  rules_version: 1,
  redactions_count: 0,
  captured_at: "2026-11-21T08:00:00Z",
  ...given,
});

/** The door answers before it works, so a test waits until all that it took has arrived. */
async function faultsOf(fixture: ServerFixture, atLeast: number) {
  for (let tries = 0; tries < 100; tries += 1) {
    await fixture.server.kernel.settle();
    const { faults } = await fixture.server.kernel.faults.list({ status: "all", limit: 50, project: "anonymous" });
    if (faults.reduce((sum, fault) => sum + fault.count, 0) >= atLeast) return faults;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the reports did not arrive");
}

it("answers every report alike: valid, malformed, oversized, over the limit", async () => {
  await using fixture = await openServer({ crash_reports: { per_address_per_minute: 6 } });
  const bodies = [
    JSON.stringify(report()),
    "",
    "not json",
    "[]",
    "null",
    `{"a":"${"x".repeat(100_000)}"}`,
    JSON.stringify({ error_class: 7, unknown: true }),
    "{}",
    "{}",
    "{}",
  ];
  const answers = await Promise.all(bodies.map((body) => post(fixture, body)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
  expect(new Set(await Promise.all(answers.map((answer) => answer.text())))).toEqual(
    new Set(['{"status":"accepted"}']),
  );
  const headers = answers.map((answer) =>
    JSON.stringify([...answer.headers].filter(([name]) => name !== "date").toSorted()),
  );
  expect(new Set(headers).size).toBe(1);
});

it("makes one fault of one fingerprint, whatever project the reports come from, and trusts no fingerprint but its own", async () => {
  await using fixture = await openServer();
  await post(fixture, JSON.stringify(report()));
  await post(fixture, JSON.stringify(report({ project_id_hash: "b".repeat(64), fingerprint: "0".repeat(64) })));
  await post(
    fixture,
    JSON.stringify(report({ error_class: "RangeError", fingerprint: fingerprintOf("TypeError", ["f", "g"]) })),
  );
  const faults = await faultsOf(fixture, 3);
  expect(faults.map((fault) => [fault.title, fault.count]).toSorted()).toEqual([
    ["RangeError", 1],
    ["TypeError", 2],
  ]);
  const typeError = await fixture.server.kernel.faults.detail(
    faults.find((fault) => fault.title === "TypeError")?.id ?? "",
  );
  expect(typeError.fingerprints.strict).toBe("c8c564790cc1fd2d8304b78092a32f70");
});

it("keeps the valid part of a report, and nothing that its allowlist does not name", async () => {
  await using fixture = await openServer();
  const secret = `ghp_${"aB3".repeat(12)}`;
  await post(
    fixture,
    JSON.stringify(
      report({
        os: `linux ${secret}`,
        app_version: "1.0 from jane's laptop",
        note: "hello jane",
        stack_signature: [`load_${secret}`, 7, "g"],
        project_id_hash: "no hash",
        exit_code: "1",
      }),
    ),
  );
  const [fault] = await faultsOf(fixture, 1);
  const detail = await fixture.server.kernel.faults.detail(fault?.id ?? "");
  expect(detail.latest?.event).toMatchObject({ release: null, exit_code: null, context: { crash: { arch: "x64" } } });
  const written = fixture.written();
  for (const gone of [secret, "jane", "hello"]) expect([gone, written.includes(gone)]).toEqual([gone, false]);
});

it("counts what it drops in the ledger's hourly sums, not in rows", async () => {
  await using fixture = await openServer();
  for (let at = 0; at < 5; at += 1) await post(fixture, "not json");
  const url = fixture.folder;
  await new Promise((resolve) => setTimeout(resolve, 100));
  await fixture.server.close();
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${url}/prunella.db`, { readOnly: true });
  expect(database.prepare("select reason, count from tally_hour where reason like 'crash.%'").all()).toEqual([
    { reason: "crash.malformed", count: 5 },
  ]);
  database.close();
});

it("leaves no byte of an erased fault in the data folder", async () => {
  await using fixture = await openServer();
  await post(fixture, JSON.stringify(report({ stack_signature: ["xylophone_solo"] })));
  const [fault] = await faultsOf(fixture, 1);
  expect(fixture.written().includes("xylophone")).toBe(true);
  const answer = await fixture.api(`/faults/${fault?.id}/erase`, { method: "POST" });
  expect(await answer.json()).toMatchObject({ events: 1 });
  expect(fixture.written().includes("xylophone")).toBe(false);
  expect(await (await fixture.api("/ledger/verify")).json()).toMatchObject({ ok: true });
});
