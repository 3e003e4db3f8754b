import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createHands } from "../platform/hands/hands.ts";
import { PROBES } from "./kinds.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-plugins-"));
const hands = createHands(folder);
const TOKEN = "a-token-of-a-double";

/** Our double of every provider: it has the state that a test gives it, and answers only whoever shows the token. */
const state = new Map<string, { status: number; body: unknown }>();
const asked: string[] = [];
const double = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? "/", "http://double.example");
  asked.push(request.url ?? "");
  const isKnown = request.headers.authorization === `Bearer ${TOKEN}`;
  const answer = isKnown ? (state.get(pathname) ?? { status: 404, body: {} }) : { status: 401, body: {} };
  response.writeHead(answer.status, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
});
let base = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => double.listen(0, "127.0.0.1", resolve));
  const address = double.address();
  base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  writeFileSync(join(folder, "token"), TOKEN);
});
afterAll(() => {
  double.close();
  rmSync(folder, { recursive: true, force: true });
});

async function check(kind: string, settings: object) {
  const probe = PROBES.get(kind);
  if (!probe) throw new Error(`there is no kind ${kind}`);
  return probe.check(probe.settings.parse(settings), hands, AbortSignal.timeout(5_000));
}

const machine = (id: string, given: object = {}) => ({ id, state: "started", host_status: "ok", checks: [], ...given });
const run = (number: number, conclusion: string | null, status = "completed") => ({
  run_number: number,
  status,
  conclusion,
});

/** What is asked of each, and what its answers mean. */
const PROVIDERS: readonly {
  readonly kind: string;
  readonly settings: object;
  readonly path: string;
  readonly answers: readonly (readonly [body: unknown, expected: object])[];
}[] = [
  {
    kind: "fly",
    settings: { app: "shop" },
    path: "/v1/apps/shop/machines",
    answers: [
      [
        [machine("m1"), machine("m2", { state: "stopped" })],
        { status: "healthy", measured: { machines: 2, started: 1 } },
      ],
      [
        [machine("m1", { checks: [{ name: "http", status: "critical" }] })],
        { status: "unhealthy", category: "check_failed" },
      ],
      [[machine("m1", { checks: [{ name: "http", status: "warning" }] })], { status: "degraded" }],
      [[machine("m1", { host_status: "unreachable" })], { status: "unhealthy", category: "host_unreachable" }],
      [[machine("m1", { state: "stopped" })], { status: "unhealthy", category: "not_started" }],
    ],
  },
  {
    kind: "github-actions",
    settings: { repository: "owner/name", workflow: "ci.yml" },
    path: "/repos/owner/name/actions/workflows/ci.yml/runs",
    answers: [
      [
        { workflow_runs: [run(9, null, "in_progress"), run(8, "cancelled"), run(7, "success")] },
        { status: "healthy", measured: { run_number: 7 } },
      ],
      [{ workflow_runs: [run(7, "failure"), run(6, "success")] }, { status: "unhealthy", category: "run_failed" }],
      [{ workflow_runs: [] }, { status: "unknown", category: "no_run" }],
    ],
  },
  {
    kind: "supabase",
    settings: { project: "abcdefghij" },
    path: "/v1/projects/abcdefghij/health",
    answers: [
      [[{ name: "db", status: "ACTIVE_HEALTHY" }], { status: "healthy" }],
      [
        [
          { name: "db", status: "UNHEALTHY" },
          { name: "auth", status: "COMING_UP" },
        ],
        { status: "unhealthy", detail: "Unhealthy: db." },
      ],
      [[{ name: "db", status: "COMING_UP" }], { status: "degraded" }],
    ],
  },
  {
    kind: "vercel",
    settings: { project: "shop" },
    path: "/v6/deployments",
    answers: [
      [
        {
          deployments: [
            { uid: "d2", readyState: "BUILDING" },
            { uid: "d1", readyState: "READY" },
          ],
        },
        { status: "healthy" },
      ],
      [{ deployments: [{ uid: "d3", state: "ERROR" }] }, { status: "unhealthy", category: "deployment_failed" }],
      [{ deployments: [] }, { status: "unknown" }],
    ],
  },
  {
    kind: "sentry",
    settings: { organization: "acme", project: "7" },
    path: "/api/0/organizations/acme/issues/",
    answers: [
      [[], { status: "healthy" }],
      [[{ id: "1" }, { id: "2" }], { status: "unhealthy", measured: { issues: 2 } }],
    ],
  },
  {
    kind: "doppler",
    settings: { project: "shop", config: "prd" },
    path: "/v3/configs/config",
    answers: [[{ config: { name: "prd", locked: false } }, { status: "healthy" }]],
  },
];

describe.each(PROVIDERS)("$kind, against our double", ({ kind, settings, path, answers }) => {
  const given = () => ({ ...settings, base, token: "file:token" });

  it("reads each answer for what it means", async () => {
    for (const [body, expected] of answers) {
      state.set(path, { status: 200, body });
      expect(await check(kind, given())).toMatchObject(expected);
    }
  });

  it("says nothing about what is watched when the provider does not tell", async () => {
    state.set(path, { status: 500, body: {} });
    expect(await check(kind, given())).toMatchObject({ status: "unknown" });
    state.set(path, { status: 200, body: "nonsense" });
    expect(await check(kind, given())).toMatchObject({ status: "unknown", category: "provider" });
    expect(await check(kind, { ...given(), token: "file:nothing" })).toMatchObject({
      status: "unknown",
      category: "token_unset",
    });
    state.delete(path);
    expect(await check(kind, given())).toMatchObject({ status: "unhealthy", category: "not_found" });
    expect(asked.filter((url) => url.includes(TOKEN))).toEqual([]);
  });
});

describe("fly, one machine of an app", () => {
  it("finds it by its id, and says when it is gone", async () => {
    state.set("/v1/apps/shop/machines", { status: 200, body: [machine("m1"), machine("m2", { state: "stopped" })] });
    const given = { app: "shop", base, token: "file:token" };
    expect(await check("fly", { ...given, machine: "m1" })).toMatchObject({ status: "healthy" });
    expect(await check("fly", { ...given, machine: "m2" })).toMatchObject({
      status: "unhealthy",
      category: "not_started",
    });
    expect(await check("fly", { ...given, machine: "m9" })).toMatchObject({
      status: "unhealthy",
      category: "not_found",
    });
  });
});

describe("systemd, by a systemctl of ours: no manager runs where the tests do", () => {
  const path = process.env["PATH"];
  afterAll(() => {
    process.env["PATH"] = path;
  });

  /** Answers as systemctl(1) does: a line for each property. */
  function answers(properties: Readonly<Record<string, string>>, code = 0): void {
    const lines = Object.entries(properties).map(([name, value]) => `echo '${name}=${value}'`);
    writeFileSync(join(folder, "systemctl"), ["#!/bin/sh", ...lines, `echo "$@" >&2`, `exit ${code}`].join("\n"));
    chmodSync(join(folder, "systemctl"), 0o755);
    process.env["PATH"] = `${folder}:${path ?? ""}`;
  }
  const loaded = { LoadState: "loaded", Result: "success", NRestarts: "3" };

  it.each([
    [
      { ActiveState: "active", SubState: "running" },
      { status: "healthy", measured: { restarts: 3 } },
    ],
    [
      { ActiveState: "activating", SubState: "auto-restart" },
      { status: "unhealthy", category: "restarting" },
    ],
    [
      { ActiveState: "activating", SubState: "start" },
      { status: "degraded", category: "starting" },
    ],
    [
      { ActiveState: "failed", SubState: "failed", Result: "exit-code" },
      { status: "unhealthy", category: "failed" },
    ],
    [
      { ActiveState: "inactive", SubState: "dead" },
      { status: "unhealthy", category: "inactive" },
    ],
    [
      { LoadState: "not-found", ActiveState: "inactive" },
      { status: "unhealthy", category: "not_found" },
    ],
  ])("reads %o", async (properties, expected) => {
    answers({ ...loaded, ...properties });
    expect(await check("systemd", { unit: "nginx.service" })).toMatchObject(expected);
  });

  it("says nothing where no manager answers, and lets a unit rest that may", async () => {
    answers({}, 1);
    expect(await check("systemd", { unit: "nginx.service" })).toMatchObject({
      status: "unknown",
      category: "no_manager",
    });
    answers({ ...loaded, ActiveState: "inactive", SubState: "dead" });
    expect(await check("systemd", { unit: "nightly.service", accept_inactive: true })).toMatchObject({
      status: "healthy",
    });
    expect(PROBES.get("systemd")?.settings.safeParse({ unit: "--user" }).success).toBe(false);
  });
});

describe("postgres, against the real one", () => {
  const url = inject("postgresUrl");
  it.skipIf(url === null)("says whether it answers, and how many of its connections are in use", async () => {
    writeFileSync(join(folder, "address"), url ?? "");
    const given = { address: "file:address" };
    expect(await check("postgres", given)).toMatchObject({
      status: "healthy",
      measured: { connections: expect.any(Number), lag_s: 0 },
    });
    expect(await check("postgres", { ...given, connections_percent: 0 })).toMatchObject({ category: "connections" });
    writeFileSync(join(folder, "address"), `${url ?? ""}_that_is_not_there`);
    expect(await check("postgres", given)).toMatchObject({ status: "unhealthy", category: "not_found" });
    writeFileSync(join(folder, "address"), "postgres://nobody@127.0.0.1:1/nothing");
    expect(await check("postgres", given)).toMatchObject({ status: "unhealthy", category: "refused" });
    expect(await check("postgres", { address: "file:nothing" })).toMatchObject({
      status: "unknown",
      category: "token_unset",
    });
  });
});
