import type { Core } from "../core.ts";
import { createAutofix } from "../envelopes/autofix.ts";
import { createEnvelopes } from "../envelopes/envelopes.ts";
import { askersOf } from "../escalations/asker.ts";
import { createEscalate } from "../escalations/open.ts";
import { openSprint } from "../escalations/sprints.ts";
import { stuckWork } from "../escalations/stuck.ts";
import { createEnvelopeBook } from "../gate/envelope-book.ts";
import { createGate } from "../gate/gate.ts";
import { createRedeemer } from "../gate/permit.ts";
import { redeemPermit } from "../gate/redeem.ts";
import { createTriageRemedies } from "../promotions/remedies.ts";
import { createPluginCall } from "../plugins/remedy.ts";
import { remedyOf } from "../remedies/enveloped/remedy.ts";
import { ENVELOPED } from "../remedies/known.ts";
import { createStartAndStop } from "../remedies/restart/by-hand.ts";
import { createPresence } from "../remedies/restart/presence.ts";
import { createRestart } from "../remedies/restart/remedy.ts";
import { createClimb } from "../triggers/climb.ts";
import { createHold } from "../triggers/hold.ts";
import { createPolicies, targetsOf } from "../triggers/policy.ts";
import { NO_SWITCHES, SPRINTS, type KernelDeps } from "./deps.ts";

export type Acting = ReturnType<typeof createActing>;

interface Later {
  readonly servingSince: () => number;
  readonly wake: () => void;
  readonly scrubText: NonNullable<KernelDeps["scrubber"]>["scrubText"];
}

/** What can be done, who is asked when it does not help, and the one way into effects. */
export function createActing(core: Core, deps: KernelDeps, { servingSince, wake, scrubText }: Later) {
  const { db, writer, clock, newId, nodeId, publish } = core;
  const { calendar, fixing } = deps;

  const presence = createPresence({ clock, servingSince });
  const switches = fixing?.switches ?? NO_SWITCHES;
  const book = createEnvelopeBook(fixing?.envelopes ?? (() => []), switches);
  const enveloped = fixing ? [...ENVELOPED, ...fixing.fixes].map((fix) => remedyOf(fix, { ...fixing, book })) : [];
  const ofPrograms = [createRestart({ db, presence }), ...createStartAndStop({ db, presence })];
  const ofIssues = createTriageRemedies({ ...core, scrubText, issuing: deps.issuing ?? null, askers: () => askers });
  const remedies = new Map(
    [...ofPrograms, ...enveloped, createPluginCall(), ...ofIssues, ...(deps.remedies ?? [])].map((one) => [
      one.name,
      one,
    ]),
  );

  const askers = new Map([stuckWork(() => clock.now()), ...askersOf(remedies)].map((one) => [one.name, one]));
  const sprints = deps.sprints ?? SPRINTS;
  const escalate = createEscalate({ clock, newId, askers, sprints });
  const isClean = (text: string) => scrubText(text).text.value === text;
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

  /** Permits come from redeeming, and from nowhere else. */
  const redeem = async (permitId: string, fence: number) => {
    const given = { now: clock.now(), nodeId, permitId, fence, policyOf: policies.of, book, calendar };
    const redeemed = await writer.run((tx) => redeemPermit(tx, given));
    publish("attempts", redeemed.attemptId, 0, redeemed.target);
    return redeemed;
  };
  const redeemer = createRedeemer(redeem);
  const autofix = createAutofix({ ...core, scrubText, gate, remedies, book, wake });

  return {
    presence,
    book,
    remedies,
    askers,
    escalate,
    isClean,
    policies,
    gate,
    redeem,
    autofix,
    envelopes: createEnvelopes({ ...core, book, switches, remedies, autofix, askers, scrubText, wake }),
    /** What becomes of an attempt. */
    following: {
      ...core,
      escalate,
      climb,
      watchMs: policies.watchMs,
      isHeld: createHold({ policies, calendar, clock, newId }),
      remedies,
      redeemer,
      publish: core.notices.publish,
    },
  };
}
