import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AT_ALL_TIMES } from "@prunella/contract";
import type { Role } from "@prunella/contract";
import { OPERATIONS, type Operation } from "@prunella/contract/operations";
import { requestOf } from "@prunella/contract/request";
import { OPERATOR } from "@prunella/kernel";
import { aCrash, anEvent } from "../kernel-fixture.ts";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";

/**
 * Every operation, by everybody, in a project of theirs and in one that is not. A new operation is tried by itself.
 * One that takes a field beside ids gets its line in `inputOf`; one whose `within` is a new sort of thing gets one of
 * them in `populate`; a list needs a row in both projects there, or its control fails.
 */
const table = Object.entries<Operation>(OPERATIONS);
const RANK: readonly (Role | null)[] = [null, "viewer", "operator", "owner"];

/** Who somebody is: what they have in all projects, and what in `shop`. */
interface Cast {
  readonly all: Role | null;
  readonly shop: Role | null;
}
const CAST: Readonly<Record<string, Cast>> = {
  "viewer-everywhere": { all: "viewer", shop: null },
  "operator-everywhere": { all: "operator", shop: null },
  "owner-everywhere": { all: "owner", shop: null },
  "viewer-of-shop": { all: null, shop: "viewer" },
  "operator-of-shop": { all: null, shop: "operator" },
  "owner-of-shop": { all: null, shop: "owner" },
  "viewer-and-owner-of-shop": { all: "viewer", shop: "owner" },
  nobody: { all: null, shop: null },
};

let fixture: ServerFixture;
const secrets = new Map<string, string>();
/** Of things in either project, by what they are. */
const things = new Map<string, string>();

const PROJECTS = ["shop", "default"];
beforeAll(async () => {
  fixture = await openServer({
    // Nobody is there: what is filed comes to nothing.
    forge: {
      kind: "gitea",
      base_url: "http://127.0.0.1:1",
      token: { env: "PATH" },
      webhook_secret: { env: "PATH" },
      triage: { repo: "acme/triage", projects: PROJECTS },
    },
    // Once is enough, so that a sprint is there.
    sprints: { count: 1 },
    notify: { channels: [{ name: "desk", kind: "command", command: ["true"] }] },
    // Naming a project in a trigger makes it, before a probe may be in it.
    triggers: [{ name: "room-seen", project: "shop", when: { probe: "room-shop" } }],
    probes: PROJECTS.map((project) => ({ name: `room-${project}`, project, kind: "disk", settings: { path: "/" } })),
    envelopes: PROJECTS.map((project) => ({
      probe: `cache-${project}`,
      project,
      begins_at: "auto",
      actions: [{ do: "command", targets: ["service:web"], command: ["true"], check: ["true"] }],
    })),
  });
  const { kernel } = fixture.server;
  for (const [name, { all, shop }] of Object.entries(CAST)) {
    const { person } = await kernel.access.addPerson({
      name,
      email: null,
      role: all ?? "viewer",
      project: null,
      by: OPERATOR,
    });
    if (all === null) await kernel.access.setRole(person.id, { project: null, role: null, by: OPERATOR });
    if (shop !== null) await kernel.access.setRole(person.id, { project: "shop", role: shop, by: OPERATOR });
    const { secret } = await kernel.access.createToken({
      personId: person.id,
      title: name,
      effects: ["read", "propose", "decide", "act"],
      project: null,
      expiresAt: null,
    });
    secrets.set(name, secret);
  }
  await kernel.access.addPerson({ name: "eve", email: null, role: "owner", project: null, by: OPERATOR });
  for (const project of PROJECTS) await populate(project);
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

async function populate(project: string): Promise<void> {
  const { kernel } = fixture.server;
  const name = `web-${project}`;
  const { runId } = await kernel.supervised.announce({
    projectId: project,
    name,
    pid: 1,
    policy: {
      budget: { max: 1, window_ms: 600_000 },
      ceiling: 1,
      backoff: { base_ms: 0, max_ms: 0 },
      debounce: { count: 1, window_ms: 60_000 },
      verify_ms: 1,
      ...AT_ALL_TIMES,
    },
  });
  // One restart that its executor cannot do: tried, used up, and left to a person.
  await kernel.supervised.crash(runId, (target) => aCrash(target, { at: Date.now() }));
  const given = await kernel.supervised.next(runId, null);
  if (given.kind !== "restart") throw new Error(`no restart of ${name}: ${given.kind}`);
  await kernel.redeemTicket(given.permit_id, given.fence);
  await kernel.supervised.outcome(given.attempt_id, given.fence, "failed", null);
  await kernel.report(project, [anEvent({ at: Date.now(), errors: [], message: "the queue is full" })]);
  await kernel.settle();
  const page = await kernel.faults.list({ project, status: "all", limit: 10 });
  for (const [n, fault] of page.faults.entries()) things.set(`fault ${n} ${project}`, fault.id);
  const question = (await kernel.escalations.list("open")).escalations.find((each) => each.project_id === project);
  things.set(`escalation ${project}`, question?.id ?? "");
  await kernel.views.add({
    name: `of ${project}`,
    filter: { project, status: "all", sort: "last_seen" },
  });
  await kernel.filings.hold({ projectId: project, place: "acme/shop", name: "queue", faultId: null });
  const rule = await kernel.rules.add({ project, when: { message: `late in ${project} *` }, group_as: "late" });
  things.set(`rule ${project}`, rule.id);
  const map = { version: 3 as const, sources: ["a.ts"], names: [], mappings: "AAAA", sourcesContent: ["a();\n"] };
  const added = await kernel.sourceMaps.add({ project, release: "1", file: "a.js", map });
  things.set(`source_map ${project}`, added.id);
  const { sprints } = await kernel.sprints.list({ all: false });
  things.set(`sprint ${project}`, sprints.find((each) => each.project_id === project)?.id ?? "");
  const reason = `the disk of ${project} is moved`;
  const pause = await kernel.pauses.add({ projectId: project, triggerId: null, reason, until: null }, OPERATOR);
  things.set(`pause ${project}`, pause.id);
  const yes = { id: null, triggerId: null, action: "command", target: "service:web", forMs: null };
  things.set(`approval ${project}`, (await kernel.approvals.give({ ...yes, projectId: project, reason })).id);
  await kernel.pauses.override(
    { projectId: project, triggerId: `restart-${name}`, extra: 1, forMs: 3_600_000, reason },
    OPERATOR,
  );
  const window = { from: "22:00", to: "04:00", zone: "UTC" };
  const during = await kernel.maintenance.add({ projectId: project, target: null, window, reason }, OPERATOR);
  things.set(`maintenance ${project}`, during.id);
  await kernel.heartbeats.add({
    name: "nightly",
    project,
    target: null,
    every: 3_600_000,
    cron: null,
    time_zone: "UTC",
    grace: 60_000,
    max_runtime: null,
  });
  await kernel.envelopes.autofix({
    projectId: project,
    probe: `cache-${project}`,
    action: "command",
    target: "service:web",
    reason: "full",
    subject: { kind: "person", id: "operator" },
    source: "operator",
    callerSessionId: null,
  });
}

const REASON = { reason: "of a test" };

/** What goes with an operation in a project; ids of things that are there, so that the role is what decides. */
function inputOf(id: string, { within }: Operation, project: string): object {
  const names = within === "fault" ? `fault 0 ${project}` : `${within} ${project}`;
  const thing = ["all", "project", "each"].includes(within) ? {} : { id: things.get(names) ?? "" };
  const more: Readonly<Record<string, object>> = {
    rename_project: { project, title: "Renamed" },
    delete_project: { project, confirm: "not its name" },
    keep_project: { project },
    add_project_key: { project },
    rotate_project_key: { project },
    revoke_project_key: { project, key: "0000" },
    get_retention: { project },
    set_retention: { project, change: {} },
    suggest_search: { q: "project:" },
    add_view: { name: "x", filter: { q: "x" } },
    remove_view: { id: "00000000-0000-7000-8000-000000000000" },
    get_release: { project, version: "1" },
    list_releases: { project },
    triage_faults: { ids: ["00000000-0000-7000-8000-000000000000"], triage: { action: "mute" } },
    undo_triage: { changes: ["00000000-0000-7000-8000-000000000000"] },
    note_fault: { text: "x" },
    assign_fault: { assignee: null },
    snooze_fault: { events: 5 },
    get_event: { event: "0000" },
    merge_faults: { fault: things.get(`fault 1 ${project}`) ?? "" },
    decide_escalation: { decision: "leave_stopped" },
    hold_escalation: { hold: "acked" },
    add_rule: { project, when: { message: "x *" }, group_as: "x" },
    add_source_map: {
      project,
      release: "2",
      file: "b.js",
      map: { version: 3, sources: ["a.ts"], names: [], mappings: "AAAA", sourcesContent: ["a();\n"] },
    },
    add_project: { id: "x-y" },
    send_test_event: { project },
    start_program: { name: "nothing", project },
    stop_program: { name: "nothing", project },
    restart_program: { name: "nothing", project },
    program_output: { name: "nothing", project },
    list_faults: { project },
    list_attempts: { project },
    list_source_maps: { project },
    list_people: { project },
    add_person: { name: "eve", role: "viewer", project },
    set_role: { id: "nobody-there", role: "owner", project },
    invite_person: { id: "nobody-there" },
    remove_person: { id: "nobody-there" },
    withdraw_invitation: { id: "00000000-0000-7000-8000-000000000000" },
    revoke_token: { id: "00000000-0000-7000-8000-000000000000" },
    end_session: { id: "00000000-0000-7000-8000-000000000000" },
    create_token: { title: "x", effects: ["read"] },
    show_trigger: { project, trigger: `restart-web-${project}` },
    list_pauses: { project },
    list_overrides: { project },
    pause: { project, trigger: null, reason: "another", until: null },
    add_maintenance: { project, target: null, window: { from: "01:00", to: "02:00", zone: "UTC" }, ...REASON },
    override_budget: { project, trigger: `restart-web-${project}`, extra: 1, for_ms: 60_000, ...REASON },
    close_sprint: REASON,
    approve: { project, action: "restart", target: "program:nothing", ...REASON },
    read_away: { project },
    review_away: { project },
    list_probes: { project },
    show_probe: { project, name: `room-${project}` },
    check_probe: { project, name: `room-${project}` },
    list_heartbeats: { project },
    show_heartbeat: { project, name: "nightly" },
    add_heartbeat: { project, name: "weekly", every_ms: 604_800_000 },
    rotate_heartbeat: { project, name: "nightly" },
    remove_heartbeat: { project, name: "weekly" },
    switch_envelope: { probe: `cache-${project}`, on: false },
    autofix: { project, probe: `cache-${project}`, action: "command", target: "service:web", ...REASON },
    call_autofix: { probe: `cache-${project}`, action: "command", target: "service:web", ...REASON },
    move_envelope: { project, probe: `cache-${project}`, move: "demote", ...REASON },
    drill: { project, trigger: `restart-web-${project}` },
    rehearse: { project, policy: [], since: Date.now() - 60_000 },
    test_trigger: { project, trigger: `restart-web-${project}` },
    read_rehearsal: { project, id: "00000000-0000-7000-8000-000000000000" },
    read_timeline: { session: "nobody-there" },
    list_plugins: { project },
    list_filings: { project },
    crash_stats: { project },
    promote_fault: { do: "refuse" },
    ...Object.fromEntries(
      ["read_plugin", "list_invocations", "list_plugin_calls", "revoke_plugin"].map((of) => [
        of,
        { project, name: "nobody-there" },
      ]),
    ),
    invoke_plugin: { project, name: "nobody-there", command: "hi" },
    trust_plugin: { project, name: "nobody-there", scopes: [{ scope: "net:read", resources: ["*"] }] },
    switch_plugin: { name: "nobody-there", on: false },
    ...Object.fromEntries(
      ["update_plugin", "roll_back_plugin", "remove_plugin", "export_plugin_state"].map((of) => [
        of,
        { name: "nobody-there" },
      ]),
    ),
    inspect_plugins: { source: { kind: "path", path: "/nowhere/at/all" } },
    add_plugin: { source: { kind: "path", path: "/nowhere/at/all" } },
    sync_plugins: { lock: { lockVersion: 1, plugins: [] } },
  };
  return { ...thing, ...more[id] };
}

async function ask(who: string, id: string, input: object): Promise<{ status: number; code: string; body: unknown }> {
  const operation = Object.entries<Operation>(OPERATIONS).find(([each]) => each === id)?.[1];
  if (operation === undefined) throw new Error(`there is no operation ${id}`);
  const { method, path, body } = requestOf(`${operation.method} ${operation.path}`, input);
  const leaving = new AbortController();
  const answer = await fetch(`${fixture.server.url}${path.replace(/:\w+/g, "x")}`, {
    method,
    headers: { authorization: `Bearer ${secrets.get(who) ?? who}` },
    body,
    signal: leaving.signal,
  });
  if (operation.streams === true && answer.ok) {
    leaving.abort();
    return { status: answer.status, code: "", body: null };
  }
  const said = await answer.text();
  const value: unknown = said === "" ? null : JSON.parse(said);
  return { status: answer.status, code: String(Object(Object(value).error).code ?? ""), body: value };
}

/** Open to anybody who shows a key of the configuration; nobody of the cast has one. */
const KEYED = ["call_autofix"];

/** Said a second time, from the table alone: the role that counts there is at least the one that it takes. */
function may({ who, within }: Operation, cast: Cast, project: string, names: boolean): boolean {
  if (who === "anyone" || who === "signed_in") return true;
  if (who === "token" || who === "account") return false;
  const here = project === "shop" ? cast.shop : null;
  const somewhere = Math.max(RANK.indexOf(cast.all), RANK.indexOf(cast.shop));
  const role =
    within === "all"
      ? RANK.indexOf(cast.all)
      : within === "each" || (within === "project" && !names)
        ? somewhere
        : Math.max(RANK.indexOf(cast.all), RANK.indexOf(here));
  return role >= RANK.indexOf(who);
}

const DESTRUCTIVE = [
  "erase_fault",
  "remove_rule",
  "remove_source_map",
  "merge_faults",
  "decide_escalation",
  "lift_pause",
  "withdraw_approval",
  "end_maintenance",
  "close_sprint",
];

describe("every operation", () => {
  it(
    "takes the role that the table says, where it says, and is refused to everybody below",
    { timeout: 120_000 },
    async () => {
      let refused = 0;
      for (const [who, cast] of Object.entries(CAST))
        for (const [id, operation] of table)
          for (const project of ["shop", "default"]) {
            const input = inputOf(id, operation, project);
            const isAllowed = may(operation, cast, project, Object.hasOwn(input, "project"));
            // What would take the things away on which the others are tried is tried by those who may not.
            if (isAllowed && DESTRUCTIVE.includes(id)) continue;
            const { status, code } = await ask(who, id, input);
            if (KEYED.includes(id)) {
              expect([who, id, code]).toEqual([who, id, "PRUNELLA_SIGN_IN_REQUIRED"]);
              continue;
            }
            const isRefused =
              code === "PRUNELLA_ROLE_REQUIRED" ||
              code === "PRUNELLA_SIGN_IN_REQUIRED" ||
              // Where somebody has no role at all, things are not there.
              (code === "PRUNELLA_NOT_FOUND" && Object.hasOwn(input, "id") && operation.within !== "all");
            if (isAllowed && code === "PRUNELLA_NOT_FOUND") continue;
            expect([who, id, project, isRefused, status >= 500]).toEqual([who, id, project, !isAllowed, false]);
            if (isRefused) refused += 1;
          }
      expect(refused).toBeGreaterThan(300);
      // Nothing of what was refused has come about: what is left is what the owner of everything did.
      expect((await fixture.server.kernel.rules.list()).filter((rule) => rule.group_as === "late")).toHaveLength(2);
      expect((await fixture.server.kernel.escalations.list("open")).open).toBe(2);
    },
  );

  it("needs a role where it decides or acts, and more than reading for all that changes", () => {
    for (const [id, { who, effect }] of table) {
      if (who === "viewer") expect([id, effect]).toEqual([id, "read"]);
      if (effect === "act" && !KEYED.includes(id))
        expect([id, who]).toEqual([id, expect.stringMatching(/^(?:operator|owner|token)$/)]);
    }
  });
});

describe("somebody of one project", () => {
  it("finds nothing of another in any list or answer, not even a count", async () => {
    const lists = table.filter(
      ([, { who, within, effect, streams }]) =>
        who === "viewer" && within === "project" && effect === "read" && !streams,
    );
    expect(lists.length).toBeGreaterThan(7);
    for (const [id, operation] of lists) {
      if (operation.params !== undefined) continue;
      const query: object =
        id === "list_escalations" || id === "list_faults"
          ? { status: "all" }
          : id === "suggest_search"
            ? { q: "project:" }
            : {};
      const mine = await ask("viewer-of-shop", id, query);
      expect([id, mine.status]).toEqual([id, 200]);
      const said = JSON.stringify(mine.body);
      if (id === "list_names") continue;
      expect([id, said.includes("web-default") || /"(?:project:)?default"/.test(said)]).toEqual([id, false]);
      // The control: it is there for who may see it.
      if (id === "read_kill") continue;
      expect([id, JSON.stringify((await ask("viewer-everywhere", id, query)).body).includes('default"')]).toEqual([
        id,
        true,
      ]);
    }
    expect(await ask("viewer-of-shop", "list_escalations", {})).toMatchObject({ body: { open: 1 } });
    const { total } = await fixture.server.kernel.faults.list({ project: "shop", status: "all", limit: 1 });
    const all = await fixture.server.kernel.faults.list({ status: "all", limit: 1 });
    expect(all.total).toBeGreaterThan(total);
    expect((await ask("viewer-of-shop", "list_faults", { status: "all" })).body).toMatchObject({ total });
  });

  it("does something to many faults where each of them lies, and undoes it there", async () => {
    const ids = ["shop", "default"].map((project) => things.get(`fault 0 ${project}`) ?? "");
    const note = { ids, triage: { action: "note", text: "seen" } };
    const said = async (who: string, id: string, input: object) => {
      const results = Object(await ask(who, id, input)).body?.results ?? [];
      return results.map((each: { error: { code: string } | null }) => each.error?.code ?? "done");
    };
    expect(await said("operator-of-shop", "triage_faults", note)).toEqual(["done", "PRUNELLA_NOT_FOUND"]);
    expect(await said("viewer-and-owner-of-shop", "triage_faults", note)).toEqual(["done", "PRUNELLA_ROLE_REQUIRED"]);
    expect(await ask("viewer-of-shop", "triage_faults", note)).toMatchObject({ code: "PRUNELLA_ROLE_REQUIRED" });
    const { body } = await ask("operator-everywhere", "triage_faults", note);
    const changes = Object(body).results.map(({ change }: { change: string }) => change);
    expect(await said("operator-of-shop", "undo_triage", { changes })).toEqual(["done", "PRUNELLA_NOT_FOUND"]);
  });

  it("is told the same of a thing elsewhere as of one that is nowhere", async () => {
    const elsewhere = await ask("owner-of-shop", "get_fault", { id: things.get("fault 0 default") ?? "" });
    const nowhere = await ask("owner-of-shop", "get_fault", { id: "00000000-0000-7000-8000-000000000000" });
    expect([elsewhere.status, nowhere.status]).toEqual([404, 404]);
    const merged = await ask("owner-of-shop", "merge_faults", {
      id: things.get("fault 0 shop") ?? "",
      fault: things.get("fault 0 default") ?? "",
    });
    expect(merged.code).toBe("PRUNELLA_NOT_FOUND");
  });

  it("reads no file of the ledger, which is of all projects", async () => {
    const read = (who: string) =>
      fetch(`${fixture.server.url}/ledger/vkey`, { headers: { authorization: `Bearer ${secrets.get(who)}` } });
    expect([(await read("owner-of-shop")).status, (await read("viewer-everywhere")).status]).toEqual([403, 200]);
  });
});

describe("a request", () => {
  it("that names another person, role or project than its caller may give changes nothing", async () => {
    const owners = async () =>
      (await fixture.server.kernel.access.listPeople({ sees: null, limit: 100 })).people
        .filter(({ roles }) => roles.some(({ project, role }) => project === null && role === "owner"))
        .map(({ name }) => name);
    const before = await owners();
    for (const who of [
      "viewer-everywhere",
      "operator-everywhere",
      "owner-of-shop",
      "viewer-and-owner-of-shop",
      "nobody",
    ])
      for (const input of [
        { id: who, role: "owner" },
        { id: who, role: "owner", project: "default" },
        { id: "eve", role: null },
      ])
        expect([who, (await ask(who, "set_role", input)).code]).toEqual([who, "PRUNELLA_ROLE_REQUIRED"]);
    // Fields that are no fields, and another's name.
    for (const input of [
      { title: "x", effects: ["read"], person: "owner-everywhere" },
      { title: "x", effects: ["read"], by: "owner-everywhere" },
      { title: "x", effects: ["read"], roles: [{ project: null, role: "owner" }] },
    ])
      expect((await ask("operator-everywhere", "create_token", input)).status).toBeGreaterThanOrEqual(400);
    expect(await owners()).toEqual(before);
  });

  it("with a token makes no token that may more, longer or elsewhere", async () => {
    const { access } = fixture.server.kernel;
    const owner = await access.findPerson("owner-everywhere");
    const { secret } = await access.createToken({
      personId: owner.id,
      title: "narrow",
      effects: ["read", "decide"],
      project: "shop",
      expiresAt: Date.now() + 3_600_000,
    });
    for (const wide of [
      { effects: ["act"], project: "shop", days: 1 },
      { effects: ["read"], days: 1 },
      { effects: ["read"], project: "default", days: 1 },
      { effects: ["read"], project: "shop", days: null },
      { effects: ["read"], project: "shop", days: 2 },
    ])
      expect([wide, (await ask(secret, "create_token", { title: "x", ...wide })).code]).toEqual([
        wide,
        "PRUNELLA_TOKEN_LIMITED",
      ]);
    expect((await ask(secret, "add_project", { id: "zz" })).code).toBe("PRUNELLA_ROLE_REQUIRED");
    expect((await ask(secret, "restart_program", { name: "web-shop", project: "shop" })).code).toBe(
      "PRUNELLA_TOKEN_LIMITED",
    );
    expect((await ask(secret, "list_faults", { project: "default" })).code).toBe("PRUNELLA_ROLE_REQUIRED");
    expect((await ask(secret, "list_faults", { project: "shop" })).status).toBe(200);
  });
});

describe("what a person does", () => {
  it("stands in the ledger under their id, whichever operation it was, and verifies", async () => {
    const { kernel } = fixture.server;
    const { id } = await kernel.access.findPerson("owner-everywhere");
    const from = (await kernel.ledger.head()).size;
    const who = "owner-everywhere";
    for (const [operation, input] of [
      ["kill", {}],
      ["unkill", {}],
      ["resolve_fault", { id: things.get("fault 0 shop") }],
      ["mute_fault", { id: things.get("fault 0 shop") }],
      ["reopen_fault", { id: things.get("fault 0 shop") }],
      ["merge_faults", { id: things.get("fault 0 shop"), fault: things.get("fault 1 shop") }],
      ["unmerge_fault", { id: things.get("fault 1 shop") }],
      ["erase_fault", { id: things.get("fault 1 shop") }],
      ["add_project", { id: "made" }],
      ["add_rule", { project: "shop", when: { message: "slow *" }, group_as: "slow" }],
      ["remove_rule", { id: things.get("rule shop") }],
      ["restart_program", { name: "web-shop", project: "shop" }],
      ["decide_escalation", { id: things.get("escalation default"), decision: "leave_stopped" }],
      ["add_person", { name: "new", role: "viewer" }],
    ] as const)
      expect([operation, (await ask(who, operation, input)).status]).toEqual([operation, expect.closeTo(200, -1)]);
    await kernel.settle();
    const { size } = await kernel.ledger.head();
    const entries = (await kernel.ledger.entries(from, size)).map(({ entry }): unknown => JSON.parse(entry));
    const named = entries.flatMap((entry) => {
      const { by, subject } = Object(entry);
      return by === undefined && subject === undefined ? [] : [Object(by ?? subject)];
    });
    expect(named.length).toBeGreaterThanOrEqual(14);
    const others = named.filter((each) => each.id !== id);
    expect(others.filter((each) => each.kind === "person")).toEqual([]);
    expect((await ask(who, "verify_ledger", {})).body).toMatchObject({ ok: true, problems: [] });
  });

  it("ends with their removal: tokens, sessions and roles at once", async () => {
    const { kernel } = fixture.server;
    const { person } = await kernel.access.addPerson({
      name: "leaver",
      email: null,
      role: "owner",
      project: null,
      by: OPERATOR,
    });
    const { secret } = await kernel.access.createToken({
      personId: person.id,
      title: "x",
      effects: ["read"],
      project: null,
      expiresAt: null,
    });
    expect((await ask(secret, "get_me", {})).status).toBe(200);
    expect((await ask("owner-everywhere", "remove_person", { id: "leaver" })).status).toBe(204);
    expect((await ask(secret, "get_me", {})).code).toBe("PRUNELLA_SIGN_IN_REQUIRED");
  });
});
