import { scrubEvent, scrubJson, scrubText } from "@prunella/scrub";
import { createAccess } from "./access/access.ts";
import { createActing } from "./assembly/acting.ts";
import { createComingIn } from "./assembly/coming-in.ts";
import type { KernelDeps } from "./assembly/deps.ts";
import { createDue, createHouse } from "./assembly/due.ts";
import { createAttempts, createSwitches } from "./attempts/attempts.ts";
import { createTimeline } from "./audit/timeline.ts";
import { createCore, type Core } from "./core.ts";
import { createDrills } from "./drills/drills.ts";
import { createApprovals } from "./escalations/approvals.ts";
import { createAway } from "./escalations/away.ts";
import { createEscalations } from "./escalations/escalations.ts";
import { createSprints } from "./escalations/sprints.ts";
import { createFaults } from "./faults/faults.ts";
import { createCallers } from "./gate/callers.ts";
import { toTicket } from "./gate/permit.ts";
import { createHearing } from "./heartbeats/hearing.ts";
import { createHeartbeats } from "./heartbeats/heartbeats.ts";
import { createFilings } from "./filings/filings.ts";
import { createLedger, createLosses } from "./ledger/losses.ts";
import { createReloads } from "./ledger/reloads.ts";
import { createWitness } from "./ledger/witness.ts";
import { NO_CHANNELS } from "./notify/channels.ts";
import { createNotify } from "./notify/notify.ts";
import { createListening } from "./plugins/events.ts";
import { createPlugins } from "./plugins/plugins.ts";
import { createProbes } from "./probes/probes.ts";
import { createProjects } from "./projects/projects.ts";
import { createPromotions } from "./promotions/promotions.ts";
import { createRehearsals } from "./rehearsal/rehearsal.ts";
import { createReleases } from "./releases/releases.ts";
import { createByHand } from "./remedies/restart/by-hand.ts";
import { judgeAgain } from "./remedies/restart/revive.ts";
import { createSupervised } from "./remedies/restart/supervised.ts";
import { createRetentionByProject } from "./retention/own-policy.ts";
import { retentionOf } from "./retention/policy.ts";
import { createViews } from "./search/views.ts";
import { askAnew, judgeHeld, OF_ALL } from "./triggers/again.ts";
import { createMaintenance, createPauses } from "./triggers/pauses.ts";
import { createTriggers } from "./triggers/triggers.ts";

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
  const { scrubber = { scrubEvent, scrubText, scrubJson }, channels = NO_CHANNELS, calendar, place, signer } = deps;
  const { db, writer, newId } = core;
  // Each part wakes another that is made after it.
  const wake = () => worker.wake();
  const onAppended = (isUrgent: boolean) => (isUrgent ? worker.wake() : worker.wakeSoon());
  const servingSince = () => house.servingSince();
  const listening = createListening(core);
  const { hears } = listening;
  await listening.look();
  const isHeard = () => channels.list().length > 0 || hears("fault.new") || hears("fault.regressed");

  const acting = createActing(core, deps, { servingSince, wake, scrubText: scrubber.scrubText });
  const { indexer, digest, wayIn, report } = await createComingIn(core, deps, { scrubber, isHeard, onAppended });
  const given = { acting, channels, scrubText: scrubber.scrubText, digest: digest.run };
  const worker = createDue(core, deps, given);
  const house = await createHouse(core, deps, { ...given, onLook: lookAround });
  const stopListening = core.notices.subscribe(({ topic }) => {
    if (topic === "rules") wayIn.lookAround().catch(() => core.log.warn("rules of other servers could not be read"));
  });

  async function lookAround(): Promise<void> {
    await wayIn.lookAround();
    await listening.look();
    deps.lookElsewhere?.();
  }
  const flushSamples = async () => void (await Promise.all([wayIn.flushSamples(), deps.flushElsewhere?.()]));

  const { gate, remedies } = acting;
  const { kinds, hands } = deps.probes ?? { kinds: new Map(), hands: null };
  /** What most areas are given; each takes what it knows. */
  const all = {
    ...core,
    ...scrubber,
    ...acting.following,
    ...acting,
    calendar,
    place,
    report,
    wake,
    publish: core.publish,
  };
  const probes = createProbes({ ...all, kinds, hands });
  const heartbeats = { ...createHeartbeats(all), ...createHearing(all) };
  const rehearsals = createRehearsals(all);
  const promotions = createPromotions({ ...all, issuing: deps.issuing ?? null });

  return {
    /**
     * From now on what waits is carried out. Whoever opens a kernel first puts into force what its configuration
     * says: nothing that was left is judged by the policy of the last one.
     */
    begin(): void {
      worker.start();
      indexer.wake();
      promotions.begin().catch(() => core.log.warn("what is triaged could not be looked at"));
    },
    /** Null when events of this project may come in; doors ask before they read or write anything. */
    pressure: wayIn.pressure,
    /** Other threads of this process append too: what they did is digested here, and held back by what waits here. */
    appended: onAppended,
    backlog: digest.backlog,
    notices: core.notices,
    nodeId: core.nodeId,
    /** What can be done, by action. */
    remedies,
    redeemer: acting.following.redeemer,
    /** For an executor in another process. */
    redeemTicket: async (permitId: string, fence: number) => toTicket(await acting.redeem(permitId, fence), signer),

    report,
    lose: createLosses(core),
    projects: createProjects(core),
    retention: createRetentionByProject(core, retentionOf(deps.retention)),
    faults: createFaults({ ...all, flushSamples }),
    views: createViews(core),
    rules: wayIn.rules,
    releases: createReleases(core),
    sourceMaps: wayIn.sourceMaps,
    probes,
    heartbeats,
    triggers: createTriggers(all),
    pauses: createPauses(all),
    maintenance: createMaintenance(all),
    rehearsals,
    drills: createDrills({ ...all, prepare: wayIn.prepare, digest, suppose: gate.suppose }),
    attempts: createAttempts(core),
    envelopes: acting.envelopes,
    callers: createCallers({ ...core, gate }),
    filings: createFilings({ ...core, scrubText: scrubber.scrubText }),
    promotions,
    plugins: createPlugins({ ...all, redeemer: acting.following.redeemer }),
    supervised: createSupervised(all),
    /** What people have done to programs by hand. */
    act: createByHand(all),
    switches: createSwitches({
      ...core,
      async onTakenBack(tx, now, taken) {
        for (const attempt of taken) await askAnew(tx, newId, now, attempt);
      },
      onRelease: async (tx, now, since) => {
        await judgeHeld(tx, newId, { ...OF_ALL, now, since, refusal: "killed" });
        await judgeAgain(tx, now, newId, since);
      },
      wake,
    }),
    escalations: createEscalations({ ...all, signer }),
    approvals: createApprovals(all),
    sprints: createSprints(all),
    away: createAway(core),
    notify: createNotify({ ...core, channels, wake }),
    timeline: createTimeline(core),
    access: createAccess(core),
    ledger: createLedger(core),
    reloaded: createReloads(core),
    witness: createWitness(core, { signer, vkeys: deps.witnessed ?? [] }),

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
      listening.stop();
      await wayIn.flushSamples();
      await worker.close();
      await indexer.close();
      await writer.close();
      await core.notices.close();
    },
  };
}
