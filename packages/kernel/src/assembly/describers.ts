import type { MessageKind } from "@prunella/contract";
import { describeAttempt, describeDemotion } from "../attempts/message.ts";
import type { Core } from "../core.ts";
import { makeLink } from "../escalations/link.ts";
import { describeEscalation } from "../escalations/message.ts";
import { describeSprint } from "../escalations/sprint-message.ts";
import { describeFault } from "../faults/message.ts";
import { describeInvestigation } from "../investigations/message.ts";
import type { Signer } from "../ledger/note.ts";
import { describeTest, type Describe } from "../notify/describe.ts";
import type { Acting } from "./acting.ts";

/** What people are told of each kind, looked up when it goes out. */
export function describersOf(
  core: Core,
  { askers, remedies, signer }: Pick<Acting, "askers" | "remedies"> & { readonly signer: Signer },
): Readonly<Record<MessageKind, Describe>> {
  const ofEscalation = describeEscalation(core, {
    askers,
    remedies,
    linkTo: (escalationId, expiresAt) => makeLink(signer, { escalationId, expiresAt, nonce: core.newId() }),
  });
  return {
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
}
