import { createHash } from "node:crypto";
import type { Args, Fix, FixHands, FixSeen, FixTold } from "@prunella/contract";
import { z } from "zod";
import { definitionIn, ENVELOPE, type EnvelopeBook } from "../../gate/envelope-book.ts";
import { Permit } from "../../gate/permit.ts";
import { idOf, type Remedy } from "../../gate/remedy.ts";
import { canonicalJson } from "../../ledger/canonical-json.ts";

export interface EnvelopedDeps {
  readonly book: EnvelopeBook;
  readonly hands: FixHands;
  /** Ends after so long. */
  readonly timeout: (ms: number) => AbortSignal;
}

/** A look is short, whatever the action may take. */
const LOOK_MS = 10_000;
const BETWEEN_LOOKS_MS = 500;

/**
 * A fix as a remedy: it acts inside an envelope alone, on what the envelope pins. The digest of that is an
 * argument of the permit, so what was changed in between is not carried out.
 */
export function remedyOf(fix: Fix, { book, hands, timeout }: EnvelopedDeps): Remedy {
  /** From the envelope that the gate judged by and the permit pins, never from another that lists the same. */
  function toldOf(projectId: string, target: string, named: Args[string] | undefined): FixTold | null {
    const asked = { projectId, envelope: typeof named === "string" ? named : null, action: fix.name, target };
    const envelope = book.of({ ...asked, remedy: { isEnveloped: true } })?.envelope;
    const action = envelope ? definitionIn(envelope, fix.name, target) : null;
    if (!envelope || !action) return null;
    return { action, baseUrl: envelope.base_url, credential: envelope.token ?? fix.provider?.credential ?? null };
  }

  const look = (target: string, told: FixTold, within = LOOK_MS): Promise<FixSeen | null> =>
    fix.look(target, told, hands, timeout(within));

  /** Done, and well within the time that it was given; where nobody can say, the quiet watch will not say so either. */
  async function actAndWait(target: string, told: FixTold): Promise<boolean> {
    const signal = timeout(told.action.timeout);
    if (!(await fix.act(target, told, hands, signal))) return false;
    while (!signal.aborted) {
      const seen = await fix.look(target, told, hands, signal).catch(() => null);
      if (seen?.isHealthy || seen?.isUnknown) return true;
      await hands.pause(BETWEEN_LOOKS_MS, signal);
    }
    return false;
  }

  return {
    name: fix.name,
    aliases: fix.aliases,
    targetKinds: fix.targetKinds,
    isEnveloped: true,
    args: z.strictObject({}),
    lacks(projectId, target, envelope) {
      if (fix.provider === null) return null;
      const credential = toldOf(projectId, target, envelope)?.credential ?? fix.provider.credential;
      return hands.isSet(credential) ? null : fix.provider.name;
    },
    async observe(projectId, target, args) {
      const told = toldOf(projectId, target, args[ENVELOPE]);
      const seen = told && (await look(target, told));
      if (!told || !seen) return null;
      return {
        isReachable: true,
        isHealthy: seen.isHealthy,
        // Nothing says when it is down again but its probe, which says so once.
        staysDown: !seen.isHealthy,
        args: { told_sha256: digestOf(told) },
        state: seen.state,
        ...(seen.hinders === undefined ? {} : { hinders: seen.hinders }),
        ...(seen.labels === undefined ? {} : { labels: seen.labels }),
      };
    },
    async act(permit) {
      const { action, projectId, target, args } = Permit.use(permit);
      const told = toldOf(projectId, target, args[ENVELOPE]);
      if (action !== fix.name || !told || args["told_sha256"] !== digestOf(told)) return false;
      return actAndWait(target, told);
    },
    async verify(projectId, target, args) {
      const told = toldOf(projectId, target, args[ENVELOPE]);
      const seen = told && (await look(target, told));
      if (!seen || seen.isUnknown) return "inconclusive";
      return seen.isHealthy ? "healthy" : "unhealthy";
    },
    mayTouchHealthy: false,
    symptoms: [],
    choices: [
      {
        name: `${fix.name}_once`.slice(0, 48),
        effect: "act",
        label: `${capital(fix.words.verb)} once`,
        promise: "It is done one more time, outside the budget. If it fails again, you are asked again.",
        done: `is ${fix.words.done} once more`,
      },
      {
        name: "leave_as_is",
        effect: "leave",
        label: "Leave as it is",
        promise: "Nothing is done.",
        done: "is left as it is",
      },
    ],
    defaultChoice: "leave_as_is",
    leave: async () => undefined,
    words: {
      verb: fix.words.verb,
      done: fix.words.done,
      name: idOf,
      question: (target) => `${capital(fix.words.verb)} ${idOf(target)} once more?`,
      missing: fix.words.missing,
      healthy: fix.words.healthy,
      reach: "List what may be fixed with `prunella envelopes list`.",
      settings: {
        envelope_disabled: "`prunella envelopes list` names it, `prunella envelopes on --help` how to switch it on.",
      },
    },
  };
}

/** Over what the envelope says, never over a secret: a credential stands there by its name. */
function digestOf({ action, baseUrl, credential }: FixTold): Args[string] {
  const { targets: _targets, as: _as, ...pinned } = action;
  return createHash("sha256")
    .update(canonicalJson({ ...JSON.parse(JSON.stringify(pinned)), baseUrl, credential }))
    .digest("hex");
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
