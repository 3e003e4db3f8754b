import { InvestigatorConfig } from "@prunella/contract";
import { expiredSignIns } from "../access/access.ts";
import { followUps } from "../attempts/follow.ts";
import { reconcile } from "../attempts/reconcile.ts";
import type { Core } from "../core.ts";
import { lostRows } from "../envelopes/lost-row.ts";
import { approvalsOver } from "../escalations/approvals.ts";
import { decisions } from "../escalations/escalations.ts";
import { escalateStuck } from "../escalations/stuck.ts";
import { wakings } from "../faults/wake.ts";
import { investigations } from "../investigations/investigations.ts";
import { noteTold } from "../investigations/told.ts";
import { pastHours } from "../ledger/tally.ts";
import { createHousekeeping } from "../nodes/housekeeping.ts";
import { deadNodes } from "../nodes/node.ts";
import { goesTo, type Channels } from "../notify/channels.ts";
import { oldMessages } from "../notify/notify.ts";
import { notifications } from "../notify/send.ts";
import { loseInvocations } from "../plugins/invocations.ts";
import { pluginEvents } from "../plugins/events.ts";
import { EVENT } from "../notify/events.ts";
import { releaseHanded } from "../plugins/handing.ts";
import { DELIVERY, keptDeliveries } from "../plugins/kept-deliveries.ts";
import { oldInvocations } from "../plugins/ageing.ts";
import { triageLooks } from "../promotions/look.ts";
import { silence } from "../remedies/restart/silence.ts";
import { isExpected } from "../remedies/restart/supervised.ts";
import { createRetention } from "../retention/retention.ts";
import { evaluations } from "../triggers/evaluate.ts";
import { secondLooks } from "../triggers/look-again.ts";
import { createWorker } from "../work/worker.ts";
import type { Acting } from "./acting.ts";
import type { KernelDeps } from "./deps.ts";
import { describersOf } from "./describers.ts";

interface Given {
  readonly acting: Acting;
  readonly channels: Channels;
  readonly scrubText: NonNullable<KernelDeps["scrubber"]>["scrubText"];
  readonly digest: Parameters<typeof createWorker>[0]["before"];
}

/** What waits for its time: every kind of work, one line each. */
export function createDue(core: Core, deps: KernelDeps, { acting, channels, scrubText, digest }: Given) {
  const { investigating, fixing, signer } = deps;
  const { gate, policies, askers, remedies, presence } = acting;
  const expects = isExpected(core.db, presence);
  const describers = describersOf(core, { askers, remedies, signer });
  return createWorker({
    ...core,
    before: digest,
    kinds: [
      ...evaluations({ ...core, gate, isExpected: expects }),
      ...secondLooks({ ...core, policies }),
      ...followUps(acting.following),
      ...wakings(core),
      lostRows({ ...core, ...acting, scrubText }),
      ...notifications({
        ...core,
        scrubText,
        channels,
        describe: (given) => describers[given.kind](given),
        onEnd: noteTold,
      }),
      ...investigations({
        ...core,
        ...acting,
        scrubText,
        config: investigating?.config ?? (() => InvestigatorConfig.parse({})),
        converse: investigating?.converse ?? null,
        timeout: fixing?.timeout ?? (() => new AbortController().signal),
        isHeard: (projectId, subject) =>
          goesTo(channels, { kind: "investigation", project_id: projectId, subject, level: "error" }).length > 0,
      }),
      triageLooks({ ...core, ...acting, scrubText, issuing: deps.issuing ?? null }),
      pluginEvents({ ...core, tellPlugins: deps.tellPlugins ?? null }),
      keptDeliveries(core, deps.takeUp ?? null),
      approvalsOver(core),
      ...decisions({ ...core, askers, gate, isExpected: expects }),
    ],
    onStuck: escalateStuck(acting.escalate),
  });
}

/** What one process does for all, now and then. */
export function createHouse(
  core: Core,
  { place, retention }: KernelDeps,
  given: Pick<Given, "acting" | "scrubText"> & { readonly onLook: () => Promise<void> },
) {
  const { acting, scrubText, onLook } = given;
  const { askers, presence, following } = acting;
  return createHousekeeping({
    ...core,
    node: { id: core.nodeId, place },
    duties: [pastHours, expiredSignIns, silence({ ...core, askers, presence })],
    tidyings: [...createRetention(retention), oldMessages, oldInvocations],
    deadNodes: (now) => deadNodes(core.db, now),
    onDead: async (tx, dead, now) => {
      await reconcile(tx, { ...following, now, nodeId: dead });
      await releaseHanded(tx, now, dead, [EVENT.name, DELIVERY.name]);
      await loseInvocations(tx, { ...core, askers, scrubText }, dead);
    },
    onLook,
  });
}
