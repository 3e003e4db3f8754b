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

it("answers a body of many megabytes as any other", async () => {
  await using fixture = await openServer();
  for (const size of [1, 5, 20]) {
    const answer = await post(fixture, "a".repeat(size * 1_000_000));
    expect([answer.status, await answer.text()]).toEqual([202, '{"status":"accepted"}']);
  }
});

it("lets a browser of any origin ask, and says nothing to other methods than a stranger learns anywhere", async () => {
  await using fixture = await openServer();
  const ask = (method: string, path: string) => fetch(`${fixture.server.url}${path}`, { method });
  const asked = await ask("OPTIONS", "/v1/crash");
  expect(asked.status).toBe(204);
  expect(asked.headers.get("access-control-allow-headers")).toBe("content-type");
  for (const method of ["GET", "PUT", "DELETE"])
    expect((await ask(method, "/v1/crash")).status).toBe((await ask(method, "/v1/nothing-here")).status);
});

it("takes no free text for a system, a version or a function", async () => {
  await using fixture = await openServer();
  await post(
    fixture,
    JSON.stringify(
      report({
        os: "janes-laptop",
        arch: "jane",
        app_version: "1.0.0-janes-laptop",
        node_version: "20.1.0+jane",
        stack_signature: [
          "/srv/jane/app.js",
          "C:/jane",
          "C:\\Users\\jane",
          "\\\\jane\\share",
          "../jane/x",
          "https://jane.example.org",
          "line\njane",
          "Shop\u0000jane",
          "Shop.sell/2",
          "Acme\\Shop::sell",
        ],
      }),
    ),
  );
  const [fault] = await faultsOf(fixture, 1);
  const detail = await fixture.server.kernel.faults.detail(fault?.id ?? "");
  expect(detail.latest?.event.errors[0]?.frames.map((frame) => frame.function)).toEqual([
    "Acme\\Shop::sell",
    "Shop.sell/2",
  ]);
  expect(fixture.written().includes("jane")).toBe(false);
});

it("keeps what older programs and `uname` call a system", async () => {
  await using fixture = await openServer();
  await post(fixture, JSON.stringify(report({ os: "Darwin", arch: "x86_64" })));
  const [fault] = await faultsOf(fixture, 1);
  const detail = await fixture.server.kernel.faults.detail(fault?.id ?? "");
  expect(detail.latest?.event.context).toMatchObject({ crash: { os: "Darwin", arch: "x86_64" } });
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

it("counts what it drops, and what clients left for its own scrub, in the ledger's hourly sums, not in rows", async () => {
  await using fixture = await openServer({ crash_reports: { per_address_per_minute: 8 } });
  for (let at = 0; at < 5; at += 1) await post(fixture, "not json");
  await post(fixture, JSON.stringify(report({ stack_signature: [`load_ghp_${"aB3".repeat(12)}`], note: "x" })));
  await post(fixture, "x".repeat(40_000));
  for (let at = 0; at < 5; at += 1) await post(fixture, "{}");
  const url = fixture.folder;
  await new Promise((resolve) => setTimeout(resolve, 100));
  await fixture.server.close();
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${url}/prunella.db`, { readOnly: true });
  const counted = database
    .prepare(
      "select reason, count from tally_hour where reason like 'crash.%' or reason = 'scrub_miss' order by reason",
    )
    .all();
  expect(counted).toEqual([
    { reason: "crash.fingerprint_differs", count: 1 },
    // The two that are null in it.
    { reason: "crash.invalid_field", count: 2 },
    { reason: "crash.limited", count: 3 },
    { reason: "crash.malformed", count: 5 },
    { reason: "crash.too_large", count: 1 },
    { reason: "crash.unknown_field", count: 1 },
    { reason: "scrub_miss", count: 1 },
  ]);
  database.close();
});

it("leaves no byte of an erased fault in the data folder", async () => {
  await using fixture = await openServer();
  await post(fixture, JSON.stringify(report({ stack_signature: ["xylophone_solo"] })));
  await faultsOf(fixture, 1);
  expect(fixture.written().includes("xylophone")).toBe(true);
  // By the fingerprint that the sender sees in the report: all that a person has to ask by.
  const fingerprint = fingerprintOf("TypeError", ["xylophone_solo"]);
  const answer = await fixture.api(`/faults/${fingerprint}/erase`, { method: "POST" });
  expect(await answer.json()).toMatchObject({ events: 1 });
  expect(fixture.written().includes("xylophone")).toBe(false);
  expect(await (await fixture.api("/ledger/verify")).json()).toMatchObject({ ok: true });
});
