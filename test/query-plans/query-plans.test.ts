import { Config, FaultSort, RestartPolicy, RetentionConfig } from "@prunella/contract";
import { createRetention, createWriter, type Engine, type Kernel } from "@prunella/kernel";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../kernel-fixture.ts";
import { fullScans, walkOf, type Statement } from "./plans.ts";

const POLICY = RestartPolicy.parse({ backoff: { base_ms: 0, max_ms: 0 }, debounce: { count: 2, window_ms: 60_000 } });

/** What grows with history; a look at any other table may read all of it. */
const GROWING = [
  "delta",
  "event_seen",
  "event_sample",
  "source_map",
  "source_map_use",
  "trigger_hour",
  "trigger_evaluation",
  "fault",
  "fault_key",
  "fault_change",
  "fault_facet",
  "fault_document",
  "self_heal_attempts",
  "permit",
  "escalation_attempts",
  "self_heal_triggers",
  "pause",
  "maintenance",
  "audit_event",
  "model_use",
  "supervised",
  "ledger",
  "work",
  "probe_state",
  "heartbeat",
];

/** Says what a server does, and remembers the statements of each thing it does. */
async function watch(open: (typeof ENGINES)[number]["open"]) {
  let statements: Statement[] = [];
  const store = await open((statement) => void statements.push(statement));
  const clock = testClock();
  const kernel = await openKernel(store.engine, clock);
  return {
    engine: store.engine,
    kernel,
    clock,
    async during(step: () => Promise<unknown>): Promise<Statement[]> {
      statements = [];
      await step();
      return statements;
    },
    async [Symbol.asyncDispose]() {
      await kernel.close();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Enough rows that a planner with statistics prefers an index wherever there is one. */
async function grow(engine: Engine, kernel: Kernel): Promise<void> {
  for (let at = 0; at < 40; at += 1)
    await kernel.report("default", [anEvent({ message: `failure ${at}`, errors: [], release: `r${at}` })]);
  await kernel.settle();
  if (engine.kind === "postgres") await sql`analyze`.execute(engine.writer);
}

describe.each(ENGINES)("on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("a decision, from the crash to its outcome, scans nothing that grows", { timeout: 60_000 }, async () => {
    await using all = await watch(open);
    const { kernel, engine } = all;
    await grow(engine, kernel);
    const statements = await all.during(async () => {
      const program = { projectId: "default", name: "shop", pid: 1, policy: POLICY };
      const { runId } = await kernel.supervised.announce(program);
      for (let at = 0; at < 3; at += 1) {
        await kernel.supervised.crash(runId, (target) => aCrash(target));
        await kernel.settle();
        let told = await kernel.supervised.next(runId, null);
        all.clock.advance(5);
        if (told.kind === "hold" && told.escalation_id !== null) {
          await kernel.escalations.decide(told.escalation_id, "restart_once");
          told = await kernel.supervised.next(runId, told.attempt_id);
        }
        if (told.kind !== "restart") throw new Error(`a crash was answered ${told.kind}`);
        await kernel.redeemer(told.permit_id, told.fence);
        await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
        all.clock.advance(11_000);
        await kernel.settle();
      }
      await kernel.supervised.end(runId);
    });
    expect(statements.length).toBeGreaterThan(50);
    expect(await fullScans(engine, statements, GROWING)).toEqual([]);
  });

  test("a decision walks over no pause and no window that is over", { timeout: 60_000 }, async () => {
    await using all = await watch(open);
    const { kernel, engine, clock } = all;
    await grow(engine, kernel);
    const by = { kind: "person", id: "anna" } as const;
    const until = clock.now() + 60_000;
    await kernel.pauses.add({ projectId: "default", triggerId: null, reason: "deploy", until }, by);
    const window = { from: new Date(clock.now()).toISOString(), to: new Date(until).toISOString() };
    await kernel.maintenance.add({ projectId: "default", target: "program:shop", window, reason: "disk" }, by);
    clock.advance(60_000);
    // Many that are over, as years of them leave.
    await sql`insert into pause select p.project_id, f.fault_id, p.trigger_id, f.fault_id, p.owner, p.since, p.until_at, null, p.audit_log_id
      from pause p cross join fault f`.execute(engine.writer);
    await sql`insert into maintenance select m.project_id, f.fault_id, m.target, m.spec, m.reason, m.owner, m.created_at, m.closes_at, null, m.audit_log_id
      from maintenance m cross join fault f`.execute(engine.writer);
    if (engine.kind === "postgres") await sql`analyze`.execute(engine.writer);
    expect([await kernel.pauses.list(), await kernel.maintenance.list()]).toEqual([[], []]);
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    const statements = await all.during(async () => {
      await kernel.supervised.crash(runId, (target) => aCrash(target));
      await kernel.settle();
    });
    const facts = statements.find(({ sql: text }) => text.includes("from maintenance"));
    if (!facts) throw new Error("the decision asks for what stands");
    const plan = (await walkOf(engine, facts)).filter((line) => line.includes("_standing"));
    // The end bounds the walk, beside the project and the target or trigger.
    const bound = engine.kind === "sqlite" ? /AND <expr>>\?/ : /COALESCE\((?:until_at|closes_at), .*\) > /;
    expect(plan).toHaveLength(2);
    for (const line of plan) expect(line).toMatch(bound);
  });

  test("intake scans nothing that grows", { timeout: 60_000 }, async () => {
    await using all = await watch(open);
    await grow(all.engine, all.kernel);
    const statements = await all.during(async () => {
      for (let at = 0; at < 5; at += 1)
        await all.kernel.report("default", [anEvent(), anEvent({ target: "program:shop" })]);
      await all.kernel.settle();
    });
    expect(await fullScans(all.engine, statements, GROWING)).toEqual([]);
  });

  test("looks that are due, signs of life and silences scan nothing that grows", { timeout: 60_000 }, async () => {
    await using all = await watch(open);
    const { kernel, engine, clock } = all;
    const row = (at: number) => ({ name: `p${at}`, kind: "none", every: "10s", failures: 1, settings: {} });
    const many = Array.from({ length: 300 }, (_, at) => row(at));
    const { heartbeats } = Config.parse({
      heartbeats: many.map(({ name }) => ({ name, every: "1h", key: `file:${name}` })),
    });
    await kernel.heartbeats.configure(heartbeats, (name) => `a-key-of-some-length-${name}`);
    await sql`insert into probe_state (project_id, name, place, kind, target, settings, every_ms, timeout_ms, failures_needed, critical_bypass, status, category,
      detail, measured, since, failures, checked_at, due_at, leased_until, node_id, fence, strip, strip_at, changes, told)
      select 'default', name, 'test', 'none', 'probe:' || name, '{}', 10000, 10000, 1, 0, 'unknown', 'none', '', '{}', 0, 0, null,
      ${clock.now() + 3_600_000}, 0, '', 0, '', 0, '[]', '{}' from heartbeat`.execute(engine.writer);
    await sql`update probe_state set due_at = 0 where name = 'p7'`.execute(engine.writer);
    await grow(engine, kernel);
    const statements = await all.during(async () => {
      const hear = (kind: "ok" | "fail") => kernel.heartbeats.hear("p3", "a-key-of-some-length-file:p3", { kind }, "");
      await kernel.probes.settle();
      await hear("fail");
      await kernel.settle();
      await hear("ok");
      clock.advance(7_200_000);
      await kernel.heartbeats.settle();
    });
    expect(statements.length).toBeGreaterThan(20);
    // Once a minute a server looks for work of kinds that it does not know, along an index.
    const growing = GROWING.filter((table) => table !== "work");
    expect(await fullScans(engine, statements, growing)).toEqual([]);
  });

  test("the first page of every list scans nothing that grows", { timeout: 60_000 }, async () => {
    await using all = await watch(open);
    const { kernel, engine } = all;
    const { runId } = await kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    await kernel.supervised.crash(runId, (target) => aCrash(target));
    await kernel.settle();
    await grow(engine, kernel);
    const [fault] = (await kernel.faults.list({ status: "all", limit: 1 })).faults;
    const statements = await all.during(async () => {
      for (const status of ["active", "all", "open", "resolved"] as const)
        await kernel.faults.list({ status, limit: 50 });
      await kernel.faults.list({ status: "active", limit: 50, project: "default" });
      for (const sort of FaultSort.options) await kernel.faults.list({ status: "active", limit: 50, sort });
      for (const q of [
        "failure",
        "failure release:r1 -is:muted",
        '"failure 3" since:24h',
        "has:question",
        "0".repeat(32),
      ])
        await kernel.faults.list({ status: "all", limit: 50, q });
      await kernel.faults.detail(fault?.id ?? "");
      await kernel.faults.explain(fault?.id ?? "");
      for (const range of ["1h", "30d"] as const) await kernel.faults.trend(fault?.id ?? "", range);
      await kernel.faults.users(fault?.id ?? "");
      await kernel.faults.releases("default", 50);
      await kernel.faults.release("default", "shop@1.0.0");
      await kernel.faults.resolveId(fault?.id ?? "");
      await kernel.attempts.list({ limit: 50 });
      await kernel.attempts.list({ limit: 50, project: "default" });
      await kernel.attempts.list({ limit: 50, faultIds: [fault?.id ?? ""] });
      await kernel.escalations.list("open");
      await kernel.escalations.list("all");
      await kernel.triggers.list({ limit: 50 });
      await kernel.timeline.list({ limit: 50 });
      await kernel.timeline.list({ limit: 50, dmStatus: "sent" });
      await kernel.timeline.read(fault?.id ?? "");
      await kernel.supervised.list();
      await kernel.ledger.head();
      await kernel.ledger.entries(0, 50);
      for (const query of [{ type: "attempt_intent" }, { actor: "person:operator" }, { fault: "none" }, { before: 9 }])
        await kernel.ledger.find({ ...query, limit: 50 });
    });
    expect(await fullScans(engine, statements, GROWING)).toEqual([]);
  });

  test("every step of the retention scans nothing that grows", { timeout: 60_000 }, async () => {
    await using all = await watch(open);
    const { engine, kernel, clock } = all;
    await grow(engine, kernel);
    const words = ["anchor", "barrel", "copper", "dahlia", "ember"];
    const apart = async () => {
      for (const type of words)
        await kernel.report("default", [anEvent({ stack_text: null, sdk_fingerprint: [type], release: type })]);
      await kernel.settle();
    };
    await apart();
    const map = { version: 3, sources: ["a.ts"], sourcesContent: [null], names: [], mappings: "AAAA" };
    await kernel.sourceMaps.add({ project: "default", release: "1", file: "a.js", map });
    const [muted, root, member] = (await kernel.faults.list({ status: "all", limit: 3 })).faults.map(({ id }) => id);
    await kernel.faults.merge(root ?? "", member ?? "");
    await kernel.faults.triage(root ?? "", { action: "resolve" });
    await kernel.faults.triage(muted ?? "", { action: "mute" });
    const hour = clock.now() - 100 * 86_400_000;
    const used = { project_id: "default", trigger_id: "t", hour, evaluated: 1, held: 1, fired: 1 };
    await engine.writer.insertInto("trigger_hour").values(used).execute();
    const seen = { fault_id: "f", target: "", source: "sentry", trust: "local", level: "error", count: 1 } as const;
    const logged = { project_id: "default", trigger_id: "t", evaluation_id: "e", at: hour, held: 0, ...seen };
    await engine.writer.insertInto("trigger_evaluation").values(logged).execute();
    const writer = createWriter(engine);
    const now = clock.now() + 400 * 86_400_000;
    const tidyAll = async (config: Partial<RetentionConfig>, at: number) => {
      for (const { name, step } of createRetention({ ...RetentionConfig.parse({}), ...config }))
        for (let steps = 0; await writer.run((tx) => step(tx, at)); steps += 1)
          if (steps > 2_000) throw new Error(`${name} does not end`);
    };
    const aged = await all.during(async () => {
      await tidyAll({}, clock.now() + 40 * 86_400_000);
      await tidyAll({}, now);
    });
    const statements = [...aged];
    // Above the cap there is more to see: every stage of making room.
    await engine.writer.insertInto("project_bytes").values({ project_id: "default", shard: 99, bytes: 1e12 }).execute();
    await apart();
    const [other] = (await kernel.faults.list({ status: "active", limit: 1 })).faults;
    await kernel.faults.triage(other?.id ?? "", { action: "resolve" });
    await kernel.sourceMaps.add({ project: "default", release: "2", file: "a.js", map });
    statements.push(...(await all.during(() => tidyAll({}, now))));
    await writer.close();
    const texts = statements.map((statement) => statement.sql).join("\n");
    for (const table of [
      "event_seen",
      "trigger_hour",
      "trigger_evaluation",
      "source_map",
      "event_sample",
      "delta",
      "fault_key",
      "fault",
    ])
      expect(texts).toMatch(new RegExp(`delete from "?${table}"?\\s`));
    expect(await fullScans(engine, statements, GROWING)).toEqual([]);
  });

  test("finds a full scan where there is one", async () => {
    await using all = await watch(open);
    await grow(all.engine, all.kernel);
    const statements = await all.during(() =>
      all.engine.reader.selectFrom("fault").select("title").where("culprit", "=", "x").execute(),
    );
    expect(await fullScans(all.engine, statements, GROWING)).toEqual([expect.stringContaining("fault")]);
  });
});
