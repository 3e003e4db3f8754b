import { scrubEvent, scrubText, type Scrubber } from "@prunella/scrub";
import {
  PrunellaError,
  type Decided,
  type Decision,
  type Escalation,
  type Event,
  type Fingerprints,
  type Instruction,
  type KillSwitch,
  type Remedy,
  type RestartPolicy,
  type RuleCondition,
  type TriggerPage,
} from "@prunella/contract";
import { forgetExpired, hasSession, mintSignInCode, signIn, signOut } from "./access/access.ts";
import { decide } from "./escalations/decide.ts";
import { listEscalations, toEscalation } from "./escalations/list.ts";
import { PENDING, readRuling } from "./escalations/ruling.ts";
import { withdrawQuestions } from "./escalations/withdraw.ts";
import { faultDetail, readFault, readSample } from "./faults/detail.ts";
import { eraseFault, faultOfFingerprint } from "./faults/erase.ts";
import { changeWith, explain, factsFor } from "./faults/explain.ts";
import { listFaults } from "./faults/list.ts";
import { mergeFaults, unmergeFault } from "./faults/merge.ts";
import { changeStatus, resolveId, type FaultAction } from "./faults/status.ts";
import type { Evidence } from "./gate/facts.ts";
import { createHealer } from "./gate/healer.ts";
import { listAttempts, toAttempt } from "./gate/list.ts";
import { reconcile, recordOutcome } from "./gate/outcome.ts";
import { redeemPermit } from "./gate/permit.ts";
import { readKillSwitch, setKillSwitch } from "./gate/switches.ts";
import { createFinder } from "./grouping/finder.ts";
import { addRule, groupAs, listRules, removeRule } from "./grouping/rules.ts";
import type { NewId } from "./ids.ts";
import type { Incoming } from "./intake/fold.ts";
import { createIntake } from "./intake/intake.ts";
import { createStormGuard, type StormLimits } from "./intake/storm-guard.ts";
import { createSampleKeeper } from "./intake/samples.ts";
import { forgetSeen } from "./intake/seen.ts";
import { readEntries, readHead } from "./ledger/append.ts";
import { createNotices } from "./notices.ts";
import type { Clock, Log, Rng } from "./ports.ts";
import { addProject, listProjects } from "./projects/projects.ts";
import type { Engine } from "./store/engine.ts";
import { createSourceMaps } from "./sourcemaps/source-maps.ts";
import { summarise, tally } from "./store/tally.ts";
import { createWriter } from "./store/writer.ts";
import {
  announce,
  currentRun,
  forgetSilent,
  listSupervised,
  markDown,
  markGone,
  markRunning,
  nextInstruction,
  readRun,
  revive,
} from "./supervised/supervised.ts";
import { listTriggers } from "./triggers/registry.ts";

export interface KernelDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly newId: NewId;
  /** Above these doors are told to hold back. */
  readonly limits: StormLimits;
  /** Free bytes on the data folder's disk; null where nobody can tell. */
  readonly freeDisk: () => number | null;
  /** Of this installation's policy; the built-in rules alone when there is none. */
  readonly scrubber?: Pick<Scrubber, "scrubEvent" | "scrubText">;
}

const REMEDIES: ReadonlySet<Remedy> = new Set<Remedy>(["restart"]);
/** A supervisor asks at least every 25 s; silent for longer means that nobody would carry out a restart. */
const SUPERVISOR_SILENT_MS = 60_000;
const LONG_POLL_MS = 25_000;
/** A person who decided waits this long for the gate's answer. */
const RULING_MS = 2_000;
/** After a start: supervisors that survived it are back by then. */
const RECONNECT_MS = 30_000;
const TIDY_MS = 60_000;
/** A run whose supervisor was silent for this long ended without saying so. */
const SILENT_RUN_MS = 300_000;

export type Kernel = Awaited<ReturnType<typeof createKernel>>;

/**
 * The application functions. HTTP API, CLI and console are thin over these, so none can do what
 * another cannot. Closing waits for what is queued; nothing accepted is lost.
 */
export async function createKernel(deps: KernelDeps) {
  const { engine, clock, rng, newId, log, scrubber = { scrubEvent, scrubText } } = deps;
  const db = engine.reader;
  const writer = createWriter(engine);
  const notices = createNotices();
  let rules = await listRules(db);
  const startedAt = clock.now();
  /** When each supervisor was last heard of; only this process can know. */
  const heard = new Map<string, number>();
  /** Runs of which it is known that no answer was lost with an earlier owner. */
  const looked = new Set<string>();

  await writer.run(async (tx) => {
    await reconcile(tx, clock.now());
  });

  async function observe(projectId: string, target: string): Promise<Evidence> {
    const run = await currentRun(db, projectId, target);
    const observedAt = clock.now();
    const isConnected =
      run !== null && observedAt - (heard.get(run.run_id) ?? 0) < SUPERVISOR_SILENT_MS && run.state !== "down";
    return { observedAt, target: isConnected ? { runId: run.run_id, isHealthy: run.state === "running" } : null };
  }

  async function isExpected(projectId: string, target: string): Promise<boolean> {
    if (clock.now() - startedAt > RECONNECT_MS) return false;
    const run = await currentRun(db, projectId, target);
    return run?.state === "waiting" && !heard.has(run.run_id);
  }

  const healer = createHealer({
    engine,
    writer,
    clock,
    log,
    newId,
    remedies: REMEDIES,
    observe,
    isExpected,
    publish: notices.publish,
  });
  const finder = createFinder(db);
  const sourceMaps = await createSourceMaps({ engine, writer, clock, log, newId, scrubText: scrubber.scrubText });
  const keeper = createSampleKeeper({ writer, clock });
  const intake = createIntake({
    writer,
    newId,
    nodeId: newId(),
    maxPending: deps.limits.queue_events,
    onAppended({ added, samples, known, keys }, isUrgent) {
      finder.committed(known, keys);
      for (const [projectId, { newFaults, storedBytes }] of added) guard.added(projectId, newFaults, storedBytes);
      keeper.keep(samples);
      if (isUrgent) healer.wake();
      else healer.wakeSoon();
    },
  });
  const guard = createStormGuard({
    clock,
    limits: deps.limits,
    pending: () => intake.pending,
    freeDisk: deps.freeDisk,
  });

  /**
   * The only way in: scrub, fingerprint, append. Resolves after the commit that holds the events.
   * `keys` stands for doors whose format says what the fingerprint is.
   */
  async function report(projectId: string, events: readonly Event[], keys?: Fingerprints): Promise<void> {
    const receivedAt = clock.now();
    const mine = rules.filter((rule) => rule.project_id === projectId);
    const incoming: Incoming[] = [];
    for (const given of events) {
      const event = sourceMaps.has(projectId) ? await sourceMaps.symbolicate(projectId, given) : given;
      const name = mine.length === 0 ? null : groupAs(mine, event);
      const scrubbed = scrubber.scrubEvent(event);
      // What was kept is the SDK's own; a policy that never keeps it does not switch people's rules off.
      const sorted =
        name === null
          ? scrubbed.event.value
          : { ...scrubbed.event.value, sdk_fingerprint: ["rule", scrubber.scrubText(name).text.value] };
      const found = keys ? { fingerprints: keys, trace: null, lead: null } : await finder.find(projectId, sorted);
      const fingerprints: Fingerprints = name === null ? found.fingerprints : { ...found.fingerprints, by: "rule" };
      incoming.push({ projectId, receivedAt, scrubbed, ...found, fingerprints });
    }
    await intake.add(incoming);
  }

  let cancelTidy = clock.after(TIDY_MS, tidy);
  function tidy(): void {
    const now = clock.now();
    lookAround().catch(() =>
      log.warn("rules and source maps of other servers could not be read and will be tried again"),
    );
    writer
      .run(async (tx) => {
        await summarise(tx, now);
        await forgetSeen(tx, now);
        await forgetExpired(tx, now);
        if (now - startedAt <= SILENT_RUN_MS) return [];
        const silent = await forgetSilent(tx, now, (runId) => now - (heard.get(runId) ?? 0) > SILENT_RUN_MS);
        const closed = [];
        for (const run of silent)
          closed.push(...(await withdrawQuestions(tx, { now, newId, projectId: run.project_id, target: run.target })));
        return closed;
      })
      .then(tellDecided)
      .catch(() => log.warn("tidying up failed and will be tried again"));
    cancelTidy = clock.after(TIDY_MS, tidy);
  }

  function tellDecided(rows: readonly { escalation_id: string; version: number }[]): void {
    for (const { escalation_id: id, version } of rows)
      for (const topic of ["escalations", "supervised", "ledger"] as const) notices.publish({ topic, id, version });
  }

  /** Other servers on the same database take in rules and source maps too. */
  async function lookAround(): Promise<void> {
    rules = await listRules(db);
    await sourceMaps.refresh();
  }

  /** Resolves true at the next notice about a supervised program, false after `ms`. */
  function supervisedChange(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, () => finish(false));
      const unsubscribe = notices.subscribe((notice) => {
        if (notice.topic === "supervised" || notice.topic === "attempts" || notice.topic === "escalations")
          finish(true);
      });
      const finish = (changed: boolean) => {
        cancel();
        unsubscribe();
        resolve(changed);
      };
    });
  }

  healer.wake();

  return {
    report,
    /** Null when events of this project may come in; doors ask before they read or write anything. */
    pressure: guard.pressure,
    notices,
    /** Resolves when all that came in has been digested, judged and written. */
    async settle(): Promise<void> {
      await keeper.flush();
      await healer.settle();
    },

    projects: {
      list: () => listProjects(db),
      add: (given: { id: string; title?: string | undefined; by: "person" | "system" }) =>
        writer.run((tx) => addProject(tx, { ...given, now: clock.now(), rng })),
      async faultCounts(): Promise<Map<string, number>> {
        const rows = await db
          .selectFrom("fault")
          .select(["project_id", ({ fn }) => fn.countAll<number>().as("count")])
          .groupBy("project_id")
          .orderBy("project_id")
          .execute();
        return new Map(rows.map((row) => [row.project_id, Number(row.count)]));
      },
    },

    faults: {
      resolveId: (typed: string) => resolveId(db, "fault", "fault_id", typed),
      list: (query: Parameters<typeof listFaults>[2]) => listFaults(db, clock.now(), query),
      detail: (id: string) => faultDetail(db, clock.now(), id),
      sample: async (id: string, eventId: string) => readSample(db, await readFault(db, id), eventId),
      explain: (id: string) => explain(db, clock.now(), REMEDIES, id),
      async merge(intoId: string, id: string) {
        const root = await writer.run((tx) => mergeFaults(tx, clock.now(), intoId, id));
        for (const changed of [id, root]) notices.publish({ topic: "faults", id: changed, version: 0 });
        notices.publish({ topic: "ledger", id: "head", version: 0 });
        return faultDetail(db, clock.now(), root);
      },
      async unmerge(id: string) {
        const root = await writer.run((tx) => unmergeFault(tx, clock.now(), id));
        for (const changed of [id, root]) notices.publish({ topic: "faults", id: changed, version: 0 });
        notices.publish({ topic: "ledger", id: "head", version: 0 });
        return faultDetail(db, clock.now(), id);
      },
      async change(id: string, action: FaultAction) {
        const fault = await writer.run((tx) => changeStatus(tx, clock.now(), id, action));
        notices.publish({ topic: "faults", id, version: fault.version });
        notices.publish({ topic: "ledger", id: "head", version: 0 });
        return fault;
      },
    },

    /** People's own grouping rules; they decide for events that come from now on. */
    rules: {
      list: () => listRules(db),
      async add(given: { project: string; when: RuleCondition; group_as: string }) {
        const rule = await writer.run((tx) =>
          addRule(tx, clock.now(), newId, { projectId: given.project, when: given.when, groupAs: given.group_as }),
        );
        rules = await listRules(db);
        notices.publish({ topic: "ledger", id: "head", version: 0 });
        return rule;
      },
      async remove(ruleId: string): Promise<void> {
        await writer.run((tx) => removeRule(tx, clock.now(), ruleId));
        rules = await listRules(db);
        notices.publish({ topic: "ledger", id: "head", version: 0 });
      },
    },

    /** Maps from built code to its sources; they serve events that come from now on. */
    sourceMaps: { list: sourceMaps.list, add: sourceMaps.add, remove: sourceMaps.remove },

    /** Deletes what is kept of a fault, on request; takes a fault's id or a fingerprint. */
    async erase(typed: string): Promise<{ fault_id: string; events: number }> {
      const isFingerprint = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(typed.trim());
      const id = isFingerprint
        ? await faultOfFingerprint(db, typed.trim())
        : await resolveId(db, "fault", "fault_id", typed);
      await keeper.flush();
      const events = await writer.run((tx) => eraseFault(tx, clock.now(), id));
      await engine.scrubFiles();
      notices.publish({ topic: "faults", id, version: 0 });
      notices.publish({ topic: "ledger", id: "head", version: 0 });
      return { fault_id: id, events };
    },

    attempts: { list: (given: Parameters<typeof listAttempts>[1]) => listAttempts(db, given) },

    escalations: {
      resolveId: (typed: string) => resolveId(db, "escalation_attempts", "escalation_id", typed),
      list: (status: "open" | "all") => listEscalations(db, clock.now(), status),
      async decide(escalationId: string, decision: Decision) {
        const kill = await readKillSwitch(db);
        if (decision === "restart_once" && kill.on) {
          throw new PrunellaError("PRUNELLA_CONFLICT", {
            detail: "The kill switch is on: nothing acts.",
            hint: "Run `prunella unkill` first.",
          });
        }
        const row = await writer.run((tx) =>
          decide(tx, { now: clock.now(), newId, escalationId, decision, by: "person" }),
        );
        tellDecided([row]);
        healer.wake();
        return toEscalation(row);
      },
      /** What the gate ruled after a decision; waits for it a moment. */
      async ruling(escalation: Escalation): Promise<Omit<Decided, "escalation">> {
        const until = clock.now() + RULING_MS;
        for (;;) {
          const change = supervisedChange(Math.max(1, until - clock.now()));
          const found = await readRuling(db, escalation);
          if (found === null && clock.now() < until) await change;
          else {
            const ruling = found ?? PENDING;
            return { ...ruling, change_with: ruling.refusal === null ? null : changeWith(ruling.refusal) };
          }
        }
      },
    },

    switches: {
      read: () => readKillSwitch(db),
      async kill(on: boolean): Promise<KillSwitch> {
        const state = await writer.run((tx) => setKillSwitch(tx, clock.now(), newId, on, "person"));
        for (const topic of ["triggers", "attempts", "supervised", "ledger"] as const)
          notices.publish({ topic, id: "kill", version: 0 });
        healer.wake();
        return state;
      },
    },

    triggers: {
      async list(): Promise<TriggerPage> {
        const triggers: TriggerPage["triggers"] = [];
        for (const trigger of await listTriggers(db)) {
          const { used, active } = await factsFor(db, clock.now(), REMEDIES, trigger);
          const last = await db
            .selectFrom("self_heal_attempts")
            .selectAll()
            .where("project_id", "=", trigger.project_id)
            .where("trigger_id", "=", trigger.id)
            .orderBy("created_at", "desc")
            .orderBy("attempt_id", "desc")
            .executeTakeFirst();
          triggers.push({ ...trigger, used, active, last_attempt: last ? toAttempt(last) : null });
        }
        return { triggers, killed: await readKillSwitch(db) };
      },
    },

    supervised: {
      list: () => listSupervised(db),
      async announce(given: { projectId: string; target: string; pid: number | null; policy: RestartPolicy }) {
        const { runId, closed } = await writer.run(async (tx) => {
          const now = clock.now();
          const announced = await announce(tx, { ...given, now, newId });
          return { ...announced, closed: await withdrawQuestions(tx, { ...given, now, newId }) };
        });
        tellDecided(closed);
        heard.set(runId, clock.now());
        looked.add(runId);
        notices.publish({ topic: "supervised", id: given.target, version: 0 });
        notices.publish({ topic: "triggers", id: given.target, version: 0 });
        return { runId };
      },
      /** A crash is durable when this resolves; the gate's answer comes through `next`. */
      async crash(runId: string, toEvent: (target: string) => Event): Promise<void> {
        const run = await readRun(db, runId);
        heard.set(runId, clock.now());
        const down = writer.run((tx) => markDown(tx, clock.now(), run));
        await Promise.all([down, report(run.project_id, [toEvent(run.target)])]);
        for (const id of await down) notices.publish({ topic: "attempts", id, version: 0 });
      },
      async next(runId: string, seen: string | null): Promise<Instruction> {
        const until = clock.now() + LONG_POLL_MS;
        heard.set(runId, clock.now());
        if (!looked.has(runId)) {
          const found = await writer.run((tx) => revive(tx, clock.now(), newId, runId));
          if (found !== "later") looked.add(runId);
          if (found === "asked") healer.wake();
        }
        for (;;) {
          heard.set(runId, clock.now());
          // Subscribed before looking, so that nothing can slip through between the two.
          const change = supervisedChange(Math.max(1, until - clock.now()));
          const instruction = await nextInstruction(db, runId, seen);
          if (instruction.kind !== "wait" || clock.now() >= until) return instruction;
          await change;
        }
      },
      async outcome(
        attemptId: string,
        fence: number,
        state: "succeeded" | "failed",
        pid: number | null,
      ): Promise<void> {
        const attempt = await writer.run(async (tx) => {
          const ended = await recordOutcome(tx, clock.now(), newId, attemptId, fence, state);
          if (state === "succeeded" && ended.run_id !== null) await markRunning(tx, clock.now(), ended.run_id, pid);
          return ended;
        });
        notices.publish({ topic: "attempts", id: attemptId, version: attempt.version });
        notices.publish({ topic: "supervised", id: attempt.target, version: 0 });
        if (attempt.fault_id) notices.publish({ topic: "faults", id: attempt.fault_id, version: 0 });
        notices.publish({ topic: "ledger", id: "head", version: 0 });
        healer.wake();
      },
      async end(runId: string): Promise<void> {
        const run = await readRun(db, runId);
        const closed = await writer.run(async (tx) => {
          const now = clock.now();
          await markGone(tx, now, run);
          // A run that was replaced ends too; what is asked then is asked about its successor.
          if ((await currentRun(tx.db, run.project_id, run.target)) !== null) return [];
          return withdrawQuestions(tx, { now, newId, projectId: run.project_id, target: run.target });
        });
        tellDecided(closed);
        heard.delete(runId);
        looked.delete(runId);
        notices.publish({ topic: "supervised", id: run.target, version: 0 });
      },
    },

    redeem: async (permitId: string, fence: number) => {
      const redeemed = await writer.run((tx) => redeemPermit(tx, clock.now(), newId, permitId, fence));
      notices.publish({ topic: "attempts", id: redeemed.attemptId, version: 0 });
      return redeemed;
    },

    /** Losses that an SDK reports, or that a door caused, reach the ledger as one sum an hour. */
    lose: (projectId: string, losses: readonly { reason: string; quantity: number }[]) =>
      writer.run(async (tx) => {
        for (const { reason, quantity } of losses) await tally(tx, projectId, reason, clock.now(), quantity);
      }),

    access: {
      mint: () => writer.run((tx) => mintSignInCode(tx, clock.now(), rng)),
      signIn: (code: string) => writer.run((tx) => signIn(tx, clock.now(), rng, code)),
      hasSession: (token: string) => hasSession(db, clock.now(), token),
      signOut: (token: string) => writer.run((tx) => signOut(tx, token)),
    },

    ledger: { head: () => readHead(db), entries: (start: number, end: number) => readEntries(db, start, end) },

    async close(): Promise<void> {
      cancelTidy();
      await keeper.flush();
      await healer.close();
      await writer.close();
    },
  };
}
