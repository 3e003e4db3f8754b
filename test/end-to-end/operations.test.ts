import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OPERATIONS, type Operation } from "@prunella/contract/operations";
import { requestOf } from "@prunella/contract/request";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { oneTimeCode, withinOneStep } from "../one-time-code.ts";
import { passkeyDevice } from "../passkey-device.ts";
import { misfits, resolve } from "../json-schema.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

let fixture: ServerFixture;
const CALLER_KEY = "c".repeat(43);
beforeAll(async () => {
  const missing = { name: "desk", kind: "command", command: ["/no/such/program"] };
  fixture = await openServer({
    // Nobody is there: what is filed comes to nothing.
    forge: {
      kind: "gitea",
      base_url: "http://127.0.0.1:1",
      token: { env: "PATH" },
      webhook_secret: { env: "PATH" },
      triage: { repo: "acme/triage", public_repo: "acme/shop" },
    },
    notify: { channels: [missing] },
    envelopes: [
      {
        probe: "cache",
        begins_at: "auto",
        actions: [{ do: "command", targets: ["service:shop"], command: ["true"], check: ["true"] }],
      },
    ],
    probes: [{ name: "room", kind: "disk", settings: { path: "/" } }],
    sprints: { count: 1 },
    callers: [{ name: "bot", key: CALLER_KEY, tools: ["autofix"], actions: ["command"], targets: ["service:shop"] }],
  });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const table: Readonly<Record<string, Operation>> = OPERATIONS;
const member = (value: unknown, ...names: (string | number)[]): unknown =>
  names.reduce<unknown>(
    (part, name) => (typeof part === "object" && part !== null ? Reflect.get(part, name) : undefined),
    value,
  );
const text = (value: unknown, ...names: (string | number)[]): string => String(member(value, ...names));

/** Calls operations by the document that the server itself gives, and holds every answer against it. */
async function walk() {
  const asked = new Set<string>();
  const document: unknown = await (await fixture.api("/openapi.json")).json();
  const answerOf = ({ method, path, status }: Operation): unknown =>
    member(document, "paths", path.replace(/:(\w+)/g, "{$1}"), method.toLowerCase(), "responses", status);

  async function ask(id: string, input: object = {}, init: RequestInit = {}): Promise<unknown> {
    asked.add(id);
    const operation = table[id];
    if (!operation) throw new Error(`there is no operation ${id}`);
    const { method, path, body } = requestOf(`${operation.method} ${operation.path}`, input);
    const response = await fixture.api(path.replace(/^\/v1/, ""), { method, body, ...init });
    const said = await response.text();
    expect({ id, status: response.status, said: response.ok ? "" : said }).toEqual({
      id,
      status: operation.status,
      said: "",
    });
    if (operation.status === 204) return expect(said).toBe("");
    const answer: unknown = JSON.parse(said);
    const schema = member(answerOf(operation), "content", "application/json", "schema");
    expect([id, ...misfits(schema, answer, document)]).toEqual([id]);
    return answer;
  }

  async function firstNotice(): Promise<unknown> {
    asked.add("follow_notices");
    const response = await fixture.api("/stream");
    let read = "";
    for await (const chunk of response.body ?? []) {
      read += Buffer.from(chunk).toString("utf8");
      const data = /^event: notice\ndata: (.*)$/m.exec(read)?.[1];
      if (data === undefined) continue;
      const schema = member(answerOf(OPERATIONS.follow_notices), "content", "text/event-stream", "x-data");
      const notice: unknown = JSON.parse(data);
      expect(misfits(schema, notice, document)).toEqual([]);
      // Leaving the loop lets go of the stream.
      return notice;
    }
    throw new Error("the stream ended without a notice");
  }
  return { ask, firstNotice, asked, document };
}

type Ask = (id: string, input?: object, init?: RequestInit) => Promise<unknown>;
type Key = Readonly<Record<string, string>>;

async function admitted(answer: Response): Promise<Key> {
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = text(await answer.json(), "page_key");
  return { authorization: "", cookie, "x-prunella-page": page, origin: fixture.server.url };
}

/** How a person sets up their ways in, and signs in by each. */
async function walkAccount(ask: Ask, asked: Set<string>, key: Key): Promise<void> {
  const password = ["four", "words", "of", "a", "test"].join(" ");
  await ask("set_password", { password }, { headers: key });
  const secret = text(await ask("begin_codes", { password }, { headers: key }), "secret");
  await withinOneStep();
  await ask("confirm_codes", { code: oneTimeCode(secret, -1) }, { headers: key });
  const anyone = { headers: { authorization: "" } };
  await ask("sign_in_by_password", { name: "ada", password, code: oneTimeCode(secret) }, anyone);
  const device = passkeyDevice({ origin: fixture.server.url.replace("127.0.0.1", "localhost"), rpId: "localhost" });
  const begun = member(await ask("begin_passkey", {}, { headers: key }), "options");
  await ask("add_passkey", { title: "phone", made: device.make(begun) }, { headers: key });
  const question = member(await ask("begin_passkey_sign_in", {}, anyone), "options");
  await ask("sign_in_by_passkey", { used: device.use(question, 2) }, anyone);
  await ask("get_account", {}, { headers: key });
  await ask("remove_passkey", { id: device.id }, { headers: key });
  // Without a provider it says that there is none; with one it is driven in test/adversarial.
  expect((await fixture.api("/session/oidc", { method: "POST" })).status).toBe(404);
  asked.add("begin_oidc");
}

/** From a folder to a version that is gone again. */
async function walkPlugins(ask: Ask): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-walk-"));
  const write = (greeting: string): void => {
    const command = {
      name: "hi",
      summary: "Says hi",
      risk: "read_only",
      input: { properties: { to: { type: "string" } } },
    };
    const network = [{ host: "api.example.com", methods: ["GET"], reason: "Looks names up." }];
    const manifest = {
      manifestVersion: 1,
      name: "greeter",
      version: "0.1.0",
      description: "Greets.",
      license: "MIT",
      kind: "local",
      entry: "index.js",
      engines: { prunella: ">=0.1.0" },
      namespace: "greeter",
      commands: [command],
      network,
    };
    writeFileSync(join(folder, "prunella.plugin.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "index.js"), `export default { commands: { hi: () => "${greeting}" } };`);
  };
  write("hi");
  const source = { kind: "path", path: folder };
  expect(await ask("inspect_plugins", { source })).toMatchObject({ found: [{ name: "greeter", problems: [] }] });
  await ask("add_plugin", { source });
  const of = { name: "greeter" };
  expect(await ask("list_plugins")).toMatchObject({ plugins: [{ name: "greeter", standing: "waiting" }] });
  expect(await ask("invoke_plugin", { ...of, command: "hi", args: { to: "Ada" } })).toMatchObject({
    status: "blocked",
    refusal: "not_granted",
    mend: "prunella plugin trust greeter --scope net:read --resource 'GET api.example.com/'",
  });
  const scopes = [{ scope: "net:read", resources: ["GET api.example.com/"] }];
  await ask("trust_plugin", { ...of, scopes, reason: "It looks names up." });
  expect(await ask("read_plugin", of)).toMatchObject({ plugin: { standing: "ready" }, asked: [{ missing: [] }] });
  expect(await ask("list_invocations", of)).toMatchObject({ invocations: [{ state: "blocked" }] });
  expect(await ask("list_plugin_calls", of)).toMatchObject({ calls: [] });
  expect(await ask("check_forge")).toMatchObject({ forge: { kind: "gitea" } });
  expect(await ask("list_filings")).toEqual({
    filings: [],
    backlog: { waiting: 0, until: null, reason: null, ends_at: null },
  });
  write("hello");
  expect(await ask("update_plugin", of)).toMatchObject({
    change: "updated",
    detail: { plugin: { standing: "waiting" } },
  });
  expect(await ask("roll_back_plugin", of)).toMatchObject({ plugin: { standing: "ready" } });
  expect(await ask("verify_plugins")).toMatchObject({ bundles: [{ state: "whole" }] });
  write("hi");
  expect(await ask("sync_plugins", { lock: await ask("read_plugin_lock") })).toMatchObject({
    installed: [{ change: "unchanged" }],
  });
  await ask("revoke_plugin", { ...of, scopes: ["net:read"] });
  expect(await ask("switch_plugin", { ...of, on: false, reason: "Enough." })).toMatchObject({
    plugin: { standing: "disabled" },
  });
  await ask("export_plugin_state", of);
  expect(await ask("remove_plugin", of)).toMatchObject({ name: "greeter", state: [] });
  rmSync(folder, { recursive: true });
}

/** A crash that anybody sent, on its way to an issue where nobody is. */
async function walkCrashes(ask: Ask): Promise<void> {
  const { kernel, url } = fixture.server;
  await fetch(`${url}/v1/crash`, { method: "POST", body: JSON.stringify({ error_class: "TypeError" }) });
  await expect
    .poll(async () => (await kernel.promotions.list({ projects: ["anonymous"], limit: 1 })).length, { timeout: 20_000 })
    .toBe(1);
  const id = text(await ask("crash_stats", { project: "anonymous" }), "faults", 0, "fault_id");
  expect(await ask("read_promotion", { id })).toMatchObject({
    private_draft: { place: "acme/triage" },
    public_draft: { place: "acme/shop" },
  });
  await ask("promote_fault", { id, do: "confirm" });
  expect(await ask("promote_fault", { id, do: "promote" })).toMatchObject({
    verdict: "failed",
    promotion: { standing: { status: "confirmed", is_reproduced: true, public_issue: null } },
  });
}

/** Why policy stands still, what widens it, and what is left for people. */
async function walkStanding(ask: Ask, project: string, trigger: string): Promise<void> {
  const reason = "while the disk is moved";
  const paused = await ask("pause", { project, trigger, reason });
  expect(await ask("list_pauses", { project })).toMatchObject({ pauses: [{ reason }] });
  expect(await ask("show_trigger", { project, trigger })).toMatchObject({
    trigger: { id: trigger },
    pauses: [{ reason }],
  });
  await ask("lift_pause", { id: text(paused, "pause", "id") });
  const window = { from: "22:00", to: "04:00", zone: "Europe/Berlin" };
  const added = await ask("add_maintenance", { project, target: "program:shop", window, reason });
  expect(await ask("list_maintenance")).toMatchObject({ windows: [{ reason }] });
  await ask("end_maintenance", { id: text(added, "window", "id") });
  await ask("override_budget", { project, trigger, extra: 1, for_ms: 60_000, reason });
  await ask("list_overrides", { project });
  const id = text(await ask("list_sprints"), "sprints", 0, "id");
  await ask("read_sprint", { id });
  await ask("close_sprint", { id, reason: "it was the disk" });
  await ask("read_away", { project });
  expect(await ask("drill", { project, trigger })).toMatchObject({ drill: { trigger_id: trigger } });
  expect(await ask("test_trigger", { project, trigger })).toMatchObject({ test: { trigger_id: trigger } });
  const begun = await ask("rehearse", { project, policy: [], since: Date.now() - 60_000 });
  expect(await ask("read_rehearsal", { project, id: text(begun, "rehearsal", "id") })).toMatchObject({
    rehearsal: { error: null },
  });
  expect(member(await ask("review_away", { project }), "reviewed_at")).not.toBeNull();
}

/** What is looked at, and what says by itself that it lives. */
async function walkWatching(ask: Ask, project: string): Promise<void> {
  await ask("list_probes");
  await ask("show_probe", { project: "default", name: "room" });
  await ask("check_probe", { project: "default", name: "room" });
  const nightly = { project, name: "nightly" };
  await ask("add_heartbeat", { ...nightly, every_ms: 3_600_000 });
  await ask("list_heartbeats", { project });
  await ask("show_heartbeat", nightly);
  await ask("rotate_heartbeat", nightly);
  await ask("remove_heartbeat", nightly);
}

const crash = (n: number) => ({
  event_id: n.toString(16).padStart(32, "0"),
  at: Date.now(),
  exit_code: 3,
  signal: null,
  stderr_tail: "FATAL: no cache",
  uptime_ms: 12,
  platform: "linux",
});

describe("every operation", () => {
  it("answers as the OpenAPI document promises", { timeout: 180_000 }, async () => {
    const { ask, firstNotice, asked, document } = await walk();
    expect(resolve(document, "#/openapi")).toBe("3.1.1");
    await ask("get_openapi");
    await ask("get_me");

    const url = text(await ask("make_sign_in_link"), "url");
    const signed = await fetch(`${fixture.server.url}/v1/session`, {
      method: "POST",
      body: JSON.stringify({ code: new URL(url).hash.replace("#code=", "") }),
    });
    expect(signed.status).toBe(OPERATIONS.sign_in.status);
    asked.add("sign_in");
    const cookie = (signed.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const page = text(await signed.json(), "page_key");
    await ask(
      "sign_out",
      {},
      { headers: { authorization: "", cookie, "x-prunella-page": page, origin: fixture.server.url } },
    );
    await ask("add_project", { id: "shop", title: "Shop" });
    await ask("list_projects");
    await ask("rename_project", { project: "shop", title: "The shop" });
    await ask("add_project_key", { project: "shop" });
    const rotated = await ask("rotate_project_key", { project: "shop", overlap_ms: 60_000 });
    expect(member(rotated, "project", "keys")).toHaveLength(3);
    await ask("revoke_project_key", { project: "shop", key: text(rotated, "project", "keys", 2, "public_key") });
    await ask("get_retention", { project: "shop" });
    const kept = await ask("set_retention", { project: "shop", change: { bodies_ms: 86_400_000 } });
    expect(member(kept, "changed")).toEqual(["bodies_ms"]);
    await ask("delete_project", { project: "shop", confirm: "shop" });
    expect(member(await ask("keep_project", { project: "shop" }), "project", "deletes_at")).toBeNull();

    await ask("list_sign_in_ways", {}, { headers: { authorization: "" } });
    const ada = await ask("add_person", { name: "ada", email: "ada@example.org", role: "owner" });
    const again = text(await ask("invite_person", { id: "ada" }), "url");
    const accepted = await fetch(`${fixture.server.url}/v1/invitation`, {
      method: "POST",
      body: JSON.stringify({ code: new URL(again).hash.replace("#code=", "") }),
    });
    expect(accepted.status).toBe(OPERATIONS.accept_invitation.status);
    asked.add("accept_invitation");
    await ask("add_person", { name: "bob", role: "viewer", project: "shop" });
    await ask("set_role", { id: text(ada, "person", "id"), role: "viewer", project: "shop" });
    await ask("list_people", { limit: 1 });
    await ask("list_names");
    const invitation = await ask("list_invitations");
    await ask("withdraw_invitation", { id: text(invitation, "invitations", 0, "id") });
    await walkAccount(ask, asked, await admitted(accepted));
    const made = await ask("create_token", { title: "CI", effects: ["read"], person: "ada" });
    await ask("list_tokens");
    await ask("revoke_token", { id: text(made, "token", "id") });
    const sessions = await ask("list_sessions");
    await ask("end_session", { id: text(sessions, "sessions", 0, "id") });
    await ask("end_sessions");
    await ask("remove_person", { id: "bob" });

    // A program that crashes: once inside its budget, then a person decides, twice.
    const policy = { budget: { max: 1, window_ms: 600_000 }, backoff: { base_ms: 0, max_ms: 0 } };
    const run = text(await ask("announce_run", { name: "shop", project: "shop", pid: 7, policy }), "run_id");
    const yes = { project: "shop", action: "restart", target: "program:shop", reason: "the disk is moved" };
    const approved = text(await ask("approve", yes), "approval", "id");
    expect(await ask("list_approvals")).toMatchObject({ approvals: [{ id: approved, args: { run } }] });
    await ask("withdraw_approval", { id: approved });
    await ask("list_supervised");
    await ask("report_vitals", { run, rss_bytes: 1_000_000, cpu: 0.25, output: "ready\n" });
    expect(await ask("program_output", { name: "shop", project: "shop" })).toMatchObject({ lines: ["ready"] });
    const restart = async (state: "succeeded" | "failed") => {
      const given = await ask("next_instruction", { run });
      expect(given).toMatchObject({ kind: "restart" });
      const fence = Number(member(given, "fence"));
      await new Promise((done) => setTimeout(done, Math.max(0, Number(member(given, "not_before")) - Date.now() + 2)));
      expect(await ask("redeem_permit", { id: text(given, "permit_id"), fence })).toMatchObject({ action: "restart" });
      await ask("report_outcome", {
        id: text(given, "attempt_id"),
        fence,
        state,
        pid: state === "succeeded" ? 8 : null,
      });
    };
    const notice = firstNotice();
    await ask("report_crash", { run, ...crash(1) });
    await notice;
    await restart("succeeded");
    await ask("report_crash", { run, ...crash(2) });
    const held = await ask("next_instruction", { run });
    expect(held).toMatchObject({ kind: "hold", refusal: "budget_exhausted" });
    await ask("list_escalations");
    await ask("list_supervised");
    const first = text(held, "escalation_id");
    expect(await ask("hold_escalation", { id: first, hold: "acked" })).toMatchObject({ status: "open", hold: "acked" });
    expect(await ask("decide_escalation", { id: first, decision: "restart_once" })).toMatchObject({
      verdict: "permitted",
      attempt_id: expect.any(String),
      refusal: null,
      escalation: { id: first, status: "decided" },
    });
    await restart("failed");
    const second = text(await ask("list_escalations"), "escalations", 0, "id");
    expect(await ask("decide_escalation", { id: second, decision: "leave_stopped" })).toMatchObject({
      verdict: "none",
    });
    expect(await ask("next_instruction", { run, seen: text(held, "attempt_id") })).toMatchObject({ kind: "stopped" });
    const shop = { name: "shop", project: "shop" };
    expect(await ask("stop_program", shop)).toMatchObject({ verdict: "refused", refusal: "target_already_healthy" });
    expect(await ask("restart_program", shop)).toMatchObject({ verdict: "permitted" });
    expect(await ask("start_program", shop)).toMatchObject({ verdict: "permitted" });
    await ask("list_attempts", { project: "shop", limit: 5 });
    await ask("end_run", { run });
    await walkStanding(ask, "shop", "restart-shop");
    await walkWatching(ask, "shop");

    await ask("send_test_event", { project: "shop" });
    await fixture.server.kernel.settle();
    const faults = await ask("list_faults", { project: "shop", limit: "10" });
    expect(await ask("suggest_search", { q: "environ" })).toMatchObject({ suggestions: [{ text: "environment:" }] });
    const view = await ask("add_view", { name: "Fatal", filter: { q: "level:fatal" } });
    await ask("list_views");
    await ask("remove_view", { id: text(view, "view", "id") });
    const ids = [0, 1].map((n) => text(faults, "faults", n, "id"));
    const [id = "", other = ""] = ids;
    for (const each of ids) {
      const detail = await ask("get_fault", { id: each });
      await ask("get_event", { id: each, event: text(detail, "latest", "event_id") });
      await ask("explain_fault", { id: each });
    }
    for (const change of ["resolve_fault", "mute_fault", "reopen_fault"]) await ask(change, { id });
    await ask("assign_fault", { id, assignee: "mia" });
    await ask("note_fault", { id, text: "seen" });
    await ask("snooze_fault", { id, events: 10 });
    const many = await ask("triage_faults", { ids: [id, other, "zzzz"], triage: { action: "resolve" } });
    expect(many).toMatchObject({
      results: [
        { id, fault: { status: "resolved" }, error: null },
        { id: other, fault: { status: "resolved" }, error: null },
        { id: "zzzz", fault: null, error: { code: "PRUNELLA_NOT_FOUND" } },
      ],
    });
    const changes = [0, 1].map((n) => text(many, "results", n, "change"));
    expect(await ask("undo_triage", { changes })).toMatchObject({
      results: [{ fault: { status: "muted" } }, { fault: { status: "open" } }],
    });
    expect(await ask("get_fault", { id })).toMatchObject({
      fault: { assignee: "mia", snoozed_count: expect.any(Number) },
      changes: [{ action: "resolve" }, { action: "snooze" }, { text: "seen" }, { text: "mia" }, {}, {}, {}],
    });
    await ask("fault_trend", { id, range: "1h" });
    await ask("fault_users", { id });
    await ask("list_releases");
    await fixture.server.kernel.releases.add({ projectId: "shop", version: "shop@1 / a" });
    await ask("get_release", { project: "shop", version: "shop@1 / a" });
    await ask("merge_faults", { id, fault: other });
    await ask("unmerge_fault", { id: other });
    await ask("erase_fault", { id });

    const rule = await ask("add_rule", { project: "shop", when: { message: "late *" }, group_as: "late" });
    await ask("list_rules");
    await ask("remove_rule", { id: text(rule, "rule", "id") });
    const map = { version: 3, sources: ["a.ts"], names: [], mappings: "AAAA", sourcesContent: ["a();\n"] };
    const added = await ask("add_source_map", { project: "shop", release: "1", file: "a.js", map });
    await ask("list_source_maps", { project: "shop" });
    await ask("remove_source_map", { id: text(added, "source_map", "id") });

    const told = await ask("test_channel", { channel: "desk" });
    expect(told).toMatchObject({ state: "waiting", error: "there is no such program" });
    await ask("retry_message", { channel: "desk", message_id: text(told, "message_id") });
    expect(await ask("list_messages", { channel: "desk" })).toMatchObject({ channels: [{ name: "desk" }] });

    await ask("list_triggers");
    // Read from a file it is driven in packages/cli; here there is none.
    expect((await fixture.api("/reload", { method: "POST" })).status).toBe(409);
    asked.add("reload");
    await ask("list_envelopes");
    await ask("switch_envelope", { probe: "cache", on: true });
    await ask("move_envelope", { probe: "cache", move: "demote", reason: "not yet" });
    await ask("move_envelope", { probe: "cache", move: "promote", reason: "it held" });
    const fix = { probe: "cache", action: "command", target: "shop", reason: "full" };
    await ask("autofix", { ...fix, caller_session_id: "a-story" });
    await ask("call_autofix", fix, { headers: { authorization: `Bearer ${CALLER_KEY}` } });
    await ask("list_timeline");
    await ask("read_timeline", { session: "a-story" });
    await walkPlugins(ask);
    await walkCrashes(ask);
    await ask("kill");
    await ask("read_kill");
    await ask("unkill");
    await ask("list_entries", { from: 0, limit: 100 });
    await ask("export_ledger", { format: "ouroboros" });
    expect(await ask("verify_ledger")).toMatchObject({ ok: true, problems: [] });
    await ask("get_checkpoint", { from: 1 });
    expect(
      Object.keys(OPERATIONS).filter((id) => !asked.has(id)),
      "never asked for: add `await ask(<id>, <input>)` to the walk of its area above; the rest follows from the document",
    ).toEqual([]);
  });

  it("answers errors in the form of the document", async () => {
    const { document } = await walk();
    for (const path of ["/faults/zzzz", "/nonsense", "/faults?limit=0"]) {
      const answer: unknown = await (await fixture.api(path)).json();
      expect(misfits({ $ref: "#/components/schemas/ApiError" }, answer, document)).toEqual([]);
    }
  });
});

describe("an address of the operator API", () => {
  it("refuses other methods, and names those that it takes", async () => {
    for (const [method, path, allow] of [
      ["DELETE", "/faults", "GET, HEAD"],
      ["GET", "/unkill", "POST"],
      ["PUT", "/projects", "GET, HEAD, POST"],
      ["POST", "/source-maps/abcd", "DELETE"],
    ] as const) {
      const answer = await fixture.api(path, { method });
      expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, allow]);
      expect(await answer.json()).toMatchObject({ error: { code: "PRUNELLA_METHOD_NOT_ALLOWED" } });
    }
    expect((await fetch(`${fixture.server.url}/v1/kill`)).status).toBe(401);
  });

  it("takes HEAD where it takes GET, the stream too", async () => {
    for (const path of ["/faults", "/stream"]) {
      const answer = await fixture.api(path, { method: "HEAD" });
      expect([answer.status, await answer.text()]).toEqual([200, ""]);
    }
    expect((await fixture.api("/unkill", { method: "HEAD" })).status).toBe(405);
  });

  it("that does not exist is not found, also for somebody who is signed in and reads pages", async () => {
    const answer = await fixture.api("/nonsense");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "application/json"]);
  });

  it("refuses unknown fields of queries and bodies", async () => {
    expect((await fixture.api("/faults?colour=red")).status).toBe(400);
    expect((await fixture.api("/projects", { method: "POST", body: '{"id":"x","colour":"red"}' })).status).toBe(400);
  });

  const token = () => `authorization: Bearer ${fixture.server.token}\r\n`;
  it.each([
    ["of a caller that anybody may be", "POST /v1/session", () => "", 413],
    ["of a caller that nobody knows", "POST /v1/grouping-rules", () => "", 401],
    ["of a known caller", "POST /v1/grouping-rules", token, 413],
    ["that is not asked for", "POST /v1/kill", token, 413],
    ["behind a GET", "GET /v1/me", token, 200],
    ["of an unknown address", "POST /v1/nonsense", token, 404],
  ])("does not read an endless body %s to its end", async (_what, line, headers, status) => {
    const { answer, sent } = await sendEndlessly(line, headers());
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(sent).toBeLessThan(32_000_000);
  });
});

/** Chunk after chunk until the server closes, or 64 MB are sent. */
function sendEndlessly(line: string, headers: string): Promise<{ answer: string; sent: number }> {
  const { hostname, port } = new URL(fixture.server.url);
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
  return new Promise((done) => {
    let [answer, sent] = ["", 0];
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${line} HTTP/1.1\r\nhost: localhost\r\n${headers}transfer-encoding: chunked\r\n\r\n`);
      const push = () => {
        let goesOn = true;
        while (goesOn && !socket.destroyed && sent < 64_000_000) {
          goesOn = socket.write(chunk);
          sent += chunk.length;
        }
      };
      socket.on("drain", push);
      push();
    });
    socket.on("data", (data) => (answer += data.toString("utf8")));
    // The server hangs up while we still write.
    socket.on("error", () => undefined);
    socket.on("close", () => done({ answer, sent }));
  });
}
