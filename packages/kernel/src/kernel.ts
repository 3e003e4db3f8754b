import {
  PrunellaError,
  type Fix,
  type FixEnvelope,
  type FixHands,
  InvestigatorConfig,
  type MessageKind,
  type Probe,
  type ProbeHands,
  type RetentionConfig,
} from "@prunella/contract";
import { scrubEvent, scrubJson, scrubText, type Scrubber } from "@prunella/scrub";
import { createAccess, expiredSignIns } from "./access/access.ts";
import { createAttempts, createSwitches } from "./attempts/attempts.ts";
import { followUps } from "./attempts/follow.ts";
import { describeAttempt, describeDemotion } from "./attempts/message.ts";
import { reconcile } from "./attempts/reconcile.ts";
import { createTimeline } from "./audit/timeline.ts";
import { createCore, type Core } from "./core.ts";
import { askersOf } from "./escalations/asker.ts";
import { approvalsOver, createApprovals } from "./escalations/approvals.ts";
import { createEscalations, decisions } from "./escalations/escalations.ts";
import { describeEscalation } from "./escalations/message.ts";
import { makeLink } from "./escalations/link.ts";
import { createAway } from "./escalations/away.ts";
import { createSprints, openSprint, type SprintRule } from "./escalations/sprints.ts";
import { createEscalate } from "./escalations/open.ts";
import { describeSprint } from "./escalations/sprint-message.ts";
import { escalateStuck, stuckWork } from "./escalations/stuck.ts";
import { createDigest } from "./faults/digest.ts";
import { createFaults } from "./faults/faults.ts";
import { describeFault } from "./faults/message.ts";
import { wakings } from "./faults/wake.ts";
import { createCallers } from "./gate/callers.ts";
import { createAutofix } from "./envelopes/autofix.ts";
import { createEnvelopes } from "./envelopes/envelopes.ts";
import { lostRows } from "./envelopes/lost-row.ts";
import { createEnvelopeBook, type EnvelopeSwitches } from "./gate/envelope-book.ts";
import { createGate } from "./gate/gate.ts";
import { createRedeemer, toTicket } from "./gate/permit.ts";
import { redeemPermit } from "./gate/redeem.ts";
import type { Remedy } from "./gate/remedy.ts";
import type { NewId } from "./ids.ts";
import { goesTo, NO_CHANNELS, type Channels } from "./notify/channels.ts";
import { describeTest, type Describe } from "./notify/describe.ts";
import { createNotify, oldMessages } from "./notify/notify.ts";
import { notifications } from "./notify/send.ts";
import type { StormLimits } from "./intake/storm-guard.ts";
import { createWayIn } from "./intake/way-in.ts";
import type { Converse } from "./investigations/converse.ts";
import { investigations, requestInvestigation } from "./investigations/investigations.ts";
import { describeInvestigation } from "./investigations/message.ts";
import { noteTold } from "./investigations/told.ts";
import { createLedger, createLosses } from "./ledger/losses.ts";
import { createReloads } from "./ledger/reloads.ts";
import type { Signer } from "./ledger/note.ts";
import { pastHours } from "./ledger/tally.ts";
import { createWitness } from "./ledger/witness.ts";
import { createHousekeeping } from "./nodes/housekeeping.ts";
import { deadNodes } from "./nodes/node.ts";
import type { Calendar, Clock, Log, Meter, Rng } from "./ports.ts";
import { createDrills } from "./drills/drills.ts";
import { createHearing } from "./heartbeats/hearing.ts";
import { createHeartbeats } from "./heartbeats/heartbeats.ts";
import { createProbes } from "./probes/probes.ts";
import { createProjects } from "./projects/projects.ts";
import { createRehearsals } from "./rehearsal/rehearsal.ts";
import { createRetentionByProject } from "./retention/own-policy.ts";
import { retentionOf } from "./retention/policy.ts";
import { createRetention } from "./retention/retention.ts";
import { createReleases } from "./releases/releases.ts";
import { createIndexer } from "./search/indexer.ts";
import { createViews } from "./search/views.ts";
import { createByHand, createStartAndStop } from "./remedies/restart/by-hand.ts";
import { createPresence } from "./remedies/restart/presence.ts";
import { remedyOf } from "./remedies/enveloped/remedy.ts";
import { ENVELOPED, knownByName } from "./remedies/known.ts";
import { OF_PROGRAMS } from "./remedies/restart/trigger.ts";
import { createRestart } from "./remedies/restart/remedy.ts";
import { judgeAgain } from "./remedies/restart/revive.ts";
import { silence } from "./remedies/restart/silence.ts";
import { createSupervised, isExpected } from "./remedies/restart/supervised.ts";
import type { Engine } from "./store/engine.ts";
import { askAnew, judgeHeld, OF_ALL } from "./triggers/again.ts";
import { createTriggerCache } from "./triggers/cache.ts";
import { createClimb } from "./triggers/climb.ts";
import { createHold } from "./triggers/hold.ts";
import { secondLooks } from "./triggers/look-again.ts";
import { evaluations } from "./triggers/evaluate.ts";
import { createPolicies, targetsOf } from "./triggers/policy.ts";
import { createMaintenance, createPauses } from "./triggers/pauses.ts";
import { createTriggers } from "./triggers/triggers.ts";
import { createWorker } from "./work/worker.ts";

export interface KernelDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly rng: Rng;
  readonly log: Log;
  readonly meter?: Meter;
  readonly newId: NewId;
  /** Of the data folder: whoever had it before is dead when this process has it. */
  readonly place: string;
  /** Signs what executors in other processes may do. */
  readonly signer: Signer;
  /** Vkeys of the ledgers of others that this one witnesses; none when there is no such list. */
  readonly witnessed?: readonly string[];
  /** Above these doors are told to hold back. */
  readonly limits: StormLimits;
  /** What ages, and what a project may take. */
  readonly retention: RetentionConfig;
  /** Free bytes on the data folder's disk; null where nobody can tell. */
  readonly freeDisk: () => number | null;
  /** Of this installation's policy; the built-in rules alone when there is none. */
  readonly scrubber?: Pick<Scrubber, "scrubEvent" | "scrubText" | "scrubJson">;
  /** Writes the bodies that other threads of this process hold back. */
  readonly flushElsewhere?: () => Promise<void>;
  /** Has whoever else takes events in read again what changed, as this kernel does by itself now and then. */
  readonly lookElsewhere?: () => void;
  /** How people are told; none when they are not. */
  readonly channels?: Channels;
  /** When a fault asks for the repair of its cause; the usual when nothing is said. */
  readonly sprints?: SprintRule;
  /** Kinds of probes, and what they reach of the outside; none where nothing is looked at. */
  readonly probes?: { readonly kinds: ReadonlyMap<string, Probe>; readonly hands: ProbeHands };
  /** Beside the built-in ones. */
  readonly remedies?: readonly Remedy[];
  /** What may be done inside envelopes: as the configuration stands now, their switches, and what carries it out. */
  readonly fixing?: {
    readonly envelopes: () => readonly FixEnvelope[];
    readonly switches: EnvelopeSwitches;
    readonly hands: FixHands;
    readonly timeout: (ms: number) => AbortSignal;
    /** Of providers, beside the built-in ones. */
    readonly fixes: readonly Fix[];
  };
  /** Who looks into what a probe found: the scripted one where nothing else is said. */
  readonly investigating?: { readonly config: () => InvestigatorConfig; readonly converse: Converse };
}

/** Nothing is on where nobody can turn it. */
const NO_SWITCHES: EnvelopeSwitches = {
  isOn: () => false,
  setBy: () => "nobody",
  turn: () => {
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Envelopes cannot be switched here." });
  },
};

/** What can be done about a failure where these are the fixes of providers. */
export const knownRemedies = (fixes: readonly Fix[]) =>
  knownByName([...OF_PROGRAMS, ...[...ENVELOPED, ...fixes].map(({ name }) => name)]);

/** The repair of a cause is asked for by the third time in a week. */
const SPRINTS: SprintRule = { count: 3, within_ms: 7 * 86_400_000 };

export type Kernel = Awaited<ReturnType<typeof createKernel>>;

/**
 * The application functions. HTTP API, CLI and console are thin over these, so none can do what
 * another cannot. Closing waits for what is queued; nothing accepted is lost.
 */
export async function createKernel(deps: KernelDeps) {
  const core = createCore(deps);
  try {
    return await assemble(core, deps);
  } catch (error) {
    // The line to other servers would keep a process alive that could not start.
    await core.notices.close();
    throw error;
  }
}

async function assemble(core: Core, deps: KernelDeps) {
  const { clock, calendar, newId, scrubber = { scrubEvent, scrubText, scrubJson }, channels = NO_CHANNELS } = deps;
  const { db, writer, publish, nodeId } = core;
  const wake = () => worker.wake();

  // What can be done, and who asks when it does not help.
  const presence = createPresence({ clock, servingSince: () => house.servingSince() });
  const { fixing } = deps;
  const switches = fixing?.switches ?? NO_SWITCHES;
  const book = createEnvelopeBook(fixing?.envelopes ?? (() => []), switches);
  const enveloped = fixing ? [...ENVELOPED, ...fixing.fixes].map((fix) => remedyOf(fix, { ...fixing, book })) : [];
  const remedies = new Map(
    [
      createRestart({ db, presence }),
      ...createStartAndStop({ db, presence }),
      ...enveloped,
      ...(deps.remedies ?? []),
    ].map((one) => [one.name, one]),
  );
  const askers = new Map([stuckWork(() => clock.now()), ...askersOf(remedies)].map((one) => [one.name, one]));
  const sprints = deps.sprints ?? SPRINTS;
  const escalate = createEscalate({ clock, newId, askers, sprints });
  const isClean = (text: string) => scrubber.scrubText(text).text.value === text;
  const policies = createPolicies();
  const climb = createClimb({ policies, clock, newId });
  const gate = createGate({
    ...core,
    calendar,
    remedies,
    book,
    policyOf: policies.of,
    targetsOf,
    escalate,
    openSprint: (tx, trouble) => openSprint(tx, newId, clock.now(), trouble, sprints.within_ms),
    isClean,
    publish: core.notices.publish,
  });

  // The way into effects: permits come from redeeming, and from nowhere else.
  const redeem = async (permitId: string, fence: number) => {
    const given = { now: clock.now(), nodeId, permitId, fence, policyOf: policies.of, book, calendar };
    const redeemed = await writer.run((tx) => redeemPermit(tx, given));
    publish("attempts", redeemed.attemptId, 0, redeemed.target);
    return redeemed;
  };
  const redeemer = createRedeemer(redeem);

  // What people are told, looked up when it goes out.
  const ofEscalation = describeEscalation(core, {
    askers,
    remedies,
    linkTo: (escalationId, expiresAt) => makeLink(deps.signer, { escalationId, expiresAt, nonce: newId() }),
  });
  const describers: Record<MessageKind, Describe> = {
    escalation_opened: ofEscalation,
    escalation_changed: ofEscalation,
    escalation_reminded: ofEscalation,
    escalation_resolved: ofEscalation,
    fault_new: describeFault(core),
    fault_regressed: describeFault(core),
    sprint_opened: describeSprint(core),
    attempt_ineffective: describeAttempt(core),
    envelope_demoted: describeDemotion(core),
    investigation: describeInvestigation(core),
    test: describeTest,
  };
  const isHeard = () => channels.list().length > 0;
  const audit = { newId, scrubText: scrubber.scrubText };
  const autofix = createAutofix({ ...core, ...audit, gate, remedies, book, wake });

  const envelopes = createEnvelopes({ ...core, book, switches, remedies, autofix, scrubText: scrubber.scrubText });
  const { investigating } = deps;

  // The way in for events.
  const indexer = createIndexer({ ...core, onIndexed: (faultId) => publish("faults", faultId) });
  const digest = createDigest({ ...core, triggers: createTriggerCache(db), onDigested: indexer.wake, isHeard });
  const onAppended = (isUrgent: boolean) => (isUrgent ? worker.wake() : worker.wakeSoon());
  const { limits, freeDisk } = deps;
  const wayIn = await createWayIn({ core, scrubber, limits, freeDisk, backlog: digest.backlog, onAppended });
  const { lookAround } = wayIn;
  // What a probe found wakes the investigator, in the unit that holds the finding.
  const report: typeof wayIn.report = (projectId, events, keys, within) =>
    wayIn.report(projectId, events, keys, async (tx) => {
      await within?.(tx);
      for (const { source, trust, tags, target } of events) {
        const probe = source === "probe" && trust === "local" ? tags["probe"] : undefined;
        if (probe === undefined) continue;
        const category = tags["category"] ?? "unknown";
        await requestInvestigation(tx, audit, { projectId, probe, category, target: target ?? "", at: clock.now() });
      }
    });
  const flushSamples = async () => void (await Promise.all([wayIn.flushSamples(), deps.flushElsewhere?.()]));

  // What is due, and what one process does for all.
  const attemptDeps = {
    ...core,
    newId,
    escalate,
    climb,
    watchMs: policies.watchMs,
    isHeld: createHold({ policies, calendar, clock, newId }),
    remedies,
    redeemer,
    publish: core.notices.publish,
  };
  const worker = createWorker({
    ...core,
    before: digest.run,
    kinds: [
      ...evaluations({ ...core, gate, isExpected: isExpected(db, presence) }),
      ...secondLooks({ ...core, policies }),
      ...followUps(attemptDeps),
      ...wakings(core),
      lostRows({ ...core, ...audit, remedies, book }),
      ...notifications({
        ...core,
        ...audit,
        channels,
        describe: (given) => describers[given.kind](given),
        onEnd: noteTold,
      }),
      ...investigations({
        ...core,
        ...audit,
        autofix,
        envelopes,
        config: investigating?.config ?? (() => InvestigatorConfig.parse({})),
        converse: investigating?.converse ?? null,
        timeout: fixing?.timeout ?? (() => new AbortController().signal),
        isHeard: (projectId, subject) =>
          goesTo(channels, { kind: "investigation", project_id: projectId, subject, level: "error" }).length > 0,
      }),
      approvalsOver(core),
      ...decisions({ ...core, askers, gate, isExpected: isExpected(db, presence) }),
    ],
    onStuck: escalateStuck(escalate),
  });
  const house = await createHousekeeping({
    ...core,
    node: { id: nodeId, place: deps.place },
    duties: [pastHours, expiredSignIns, silence({ ...core, askers, presence })],
    tidyings: [...createRetention(deps.retention), oldMessages],
    deadNodes: (now) => deadNodes(db, now),
    onDead: (tx, dead, now) => reconcile(tx, { now, nodeId: dead, remedies, escalate, climb }),
    onLook: async () => {
      await lookAround();
      deps.lookElsewhere?.();
    },
  });
  const stopListening = core.notices.subscribe(({ topic }) => {
    if (topic === "rules") lookAround().catch(() => core.log.warn("rules of other servers could not be read"));
  });
  const probes = createProbes({
    ...core,
    kinds: deps.probes?.kinds ?? new Map(),
    hands: deps.probes?.hands ?? null,
    report,
    scrubText: scrubber.scrubText,
    scrubJson: scrubber.scrubJson,
    place: deps.place,
  });
  const { scrubText: scrubWords } = scrubber;
  const heartbeats = {
    ...createHeartbeats({ ...core, calendar: deps.calendar, report, isClean, place: deps.place }),
    ...createHearing({ ...core, calendar: deps.calendar, report, scrubText: scrubWords }),
  };
  const drills = createDrills({ ...core, prepare: wayIn.prepare, digest, suppose: gate.suppose, policies });
  const rehearsals = createRehearsals({ ...core, remedies, calendar, book });

  return {
    /**
     * From now on what waits is carried out. Whoever opens a kernel first puts into force what its configuration
     * says: nothing that was left is judged by the policy of the last one.
     */
    begin(): void {
      worker.start();
      indexer.wake();
    },
    report,
    probes,
    heartbeats,
    /** Null when events of this project may come in; doors ask before they read or write anything. */
    pressure: wayIn.pressure,
    /** Other threads of this process append too: what they did is digested here, and held back by what waits here. */
    appended: onAppended,
    backlog: digest.backlog,
    notices: core.notices,
    nodeId,
    lose: createLosses(core),
    projects: createProjects(core),
    retention: createRetentionByProject(core, retentionOf(deps.retention)),
    faults: createFaults({ ...core, askers, remedies, flushSamples }),
    notify: createNotify({ ...core, channels, wake }),
    views: createViews({ ...core, newId }),
    rules: wayIn.rules,
    releases: createReleases(core),
    sourceMaps: wayIn.sourceMaps,
    attempts: createAttempts(core),
    escalations: createEscalations({
      ...core,
      askers,
      remedies,
      wake,
      signer: deps.signer,
      scrubText: scrubber.scrubText,
    }),
    approvals: createApprovals({
      ...core,
      gate,
      askers,
      remedies,
      wake,
      isClean,
      scrubText: scrubber.scrubText,
    }),
    switches: createSwitches({
      ...core,
      onTakenBack: (tx, now, taken) => taken.forEach((attempt) => askAnew(tx, newId, now, attempt)),
      onRelease: async (tx, now, since) => {
        await judgeHeld(tx, newId, { ...OF_ALL, now, since, refusal: "killed" });
        await judgeAgain(tx, now, newId, since);
      },
      wake,
    }),
    pauses: createPauses({ ...core, calendar, scrubText: scrubber.scrubText, wake }),
    sprints: createSprints({ ...core, scrubText: scrubber.scrubText }),
    away: createAway(core),
    maintenance: createMaintenance({ ...core, calendar, scrubText: scrubber.scrubText, wake }),
    rehearsals,
    drills,
    triggers: createTriggers({ ...core, calendar, remedies, isClean }),
    callers: createCallers({ ...core, gate }),
    /** What can be done, by action. */
    remedies,
    envelopes,
    supervised: createSupervised({
      ...core,
      calendar,
      escalate,
      climb,
      watchMs: policies.watchMs,
      askers,
      remedies,
      isClean,
      report,
      wake,
      scrubText: scrubber.scrubText,
    }),
    /** What people have done to programs by hand. */
    act: createByHand({ ...core, gate, remedies }),
    redeemer,
    /** For an executor in another process. */
    redeemTicket: async (permitId: string, fence: number) => toTicket(await redeem(permitId, fence), deps.signer),
    timeline: createTimeline(core),
    access: createAccess(core),
    ledger: createLedger(core),
    reloaded: createReloads(core),
    witness: createWitness(core, { signer: deps.signer, vkeys: deps.witnessed ?? [] }),

    /** Whether rows can be read, and a unit committed: each rejects when not. */
    reachable: {
      database: async (): Promise<void> => void (await db.selectFrom("ledger_head").select("size").execute()),
      writer: (): Promise<void> => writer.run(async () => undefined),
    },
    /** Resolves when all that came in has been digested, judged and written. */
    async settle(): Promise<void> {
      await flushSamples();
      await worker.settle();
      await indexer.settle();
    },
    async close(): Promise<void> {
      rehearsals.close();
      await probes.close();
      await heartbeats.close();
      await house.close();
      stopListening();
      await wayIn.flushSamples();
      await worker.close();
      await indexer.close();
      await writer.close();
      await core.notices.close();
    },
  };
}
