import { createHash } from "node:crypto";
import type { Args, Trigger } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Told } from "../nodes/notices.ts";
import type { Clock } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Writer } from "../store/writer.ts";
import { addWork, setWork } from "../work/kind.ts";
import { firstRefusal } from "./checks.ts";
import { assertClean } from "./clean.ts";
import type { Escalate } from "./episode.ts";
import { readFacts, type Facts } from "./facts.ts";
import { readRung } from "./ladder.ts";
import { asksNobody, recordRefusal } from "./refusal.ts";
import type { Remedies, Remedy } from "./remedy.ts";
import type { Evidence, Policy, Request } from "./request.ts";
import { insertAttempt, rowOf } from "./record.ts";
import type { Verdict } from "./verdict.ts";
import { ACT, EXPIRE } from "./work.ts";

/** A permit that nobody redeems within this time after its backoff is void. */
const PERMIT_LIFE_MS = 60_000;

export interface GateDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly remedies: Remedies;
  /** The trigger or grant that bounds a request, from the same snapshot as the rest. */
  readonly policyOf: (
    db: Engine["reader"],
    request: Pick<Request, "projectId" | "subject" | "triggerId">,
  ) => Promise<Policy>;
  readonly escalate: Escalate;
  /** True when the scrubber would leave a text as it is. */
  readonly isClean: (text: string) => boolean;
  readonly publish: (notice: Told) => void;
}

export interface Gate {
  /**
   * screen → evidence → commit. `within` runs in the unit that holds the verdict. Nobody else makes
   * permits.
   */
  ask(request: Request, within?: (tx: Tx, verdict: Verdict) => Promise<void> | void): Promise<Verdict>;
  /** What the checks would look at now; for people who want to know why. */
  facts(request: Request): Promise<Facts>;
}

export function createGate(deps: GateDeps): Gate {
  const { engine, writer, clock } = deps;

  async function factsFrom(db: Engine["reader"], request: Request, evidence: Evidence | null): Promise<Facts> {
    const policy = await deps.policyOf(db, request);
    const rung = await readRung(db, { now: clock.now(), request, trigger: policy.trigger });
    const action = request.action ?? rung?.action ?? null;
    const remedy = action === null ? null : (deps.remedies.get(action) ?? null);
    return readFacts(db, { now: clock.now(), request, policy, rung, action, remedy, evidence });
  }

  async function look(facts: Facts): Promise<Evidence | null> {
    const { remedy, request } = facts;
    const refused = firstRefusal(facts);
    if (!remedy || (refused && asksNobody(refused))) return null;
    const observation = await remedy.observe(request.projectId, request.target, {
      ...facts.rung?.args,
      ...request.args,
    });
    return { observedAt: clock.now(), observation };
  }

  /**
   * Every check again on fresh rows and the evidence, then budget, ledger intent, attempt and permit in
   * one unit. Without evidence it can only refuse what asks nobody; null says that evidence is needed.
   */
  async function commit(tx: Tx, request: Request, evidence: Evidence | null): Promise<Verdict | null> {
    await lockHead(tx);
    const facts = await factsFrom(tx.db, request, evidence);
    const refused = firstRefusal(facts);
    const { remedy } = facts;
    // What screening needed no evidence for, such as the kill switch, does not hold any more: look first, or
    // a target that stays down would ask nobody.
    if (refused && evidence === null && remedy && !asksNobody(refused)) return null;
    if (refused) return recordRefusal(tx, facts, refused, deps);
    const observation = evidence?.observation;
    if (!evidence) return null;
    if (!remedy || !observation) throw new Error("the checks let an unknown action or target pass");
    const args = { ...remedy.args.parse({ ...facts.rung?.args, ...request.args }), ...observation.args };
    assertClean(args, deps.isClean);
    return { kind: "permitted", attemptId: await permit(tx, facts, remedy, args, deps.newId) };
  }

  return {
    async ask(request, within) {
      for (;;) {
        // A refusal too needs to know what it leaves behind: a target that is well asks nobody.
        const evidence = await look(await factsFrom(engine.reader, request, null));
        const verdict = await writer.run(async (tx) => {
          const answer = await commit(tx, request, evidence);
          if (answer) await within?.(tx, answer);
          return answer;
        });
        if (verdict) {
          announce(deps.publish, request, verdict);
          return verdict;
        }
      }
    },
    facts: (request) => factsFrom(engine.reader, request, null),
  };
}

async function permit(tx: Tx, facts: Facts, remedy: Remedy, args: Args, newId: NewId): Promise<string> {
  const { now, request, policy } = facts;
  const { trigger } = policy;
  const [attemptId, permitId] = [newId(), newId()];
  const notBefore = now + (request.subject.kind === "trigger" && trigger ? backoff(trigger, facts.streak) : 0);
  const expiresAt = notBefore + PERMIT_LIFE_MS;
  const args_sha256 = createHash("sha256")
    .update(canonicalJson({ action: remedy.name, target: request.target, args: { ...args } }))
    .digest("hex");
  // Per target, whoever asks, so that an executor that slept through its turn cannot act late.
  const fence = facts.lastFence + 1;
  const intent = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_intent",
    project: request.projectId,
    attempt: attemptId,
    subject: request.subject,
    trigger: request.triggerId,
    trigger_version: trigger?.version ?? null,
    fault: request.faultId,
    target: request.target,
    action: remedy.name,
    args_sha256,
    because: request.because,
    cause: request.cause,
    fence,
    not_before: notBefore,
    expires_at: expiresAt,
    budgets: facts.budgets.map(({ scope, max, window_ms, used }) => ({ scope, max, window_ms, used: used + 1 })),
    ceilings: facts.ceilings.map(({ scope, max, active }) => ({ scope, max, active: active + 1 })),
  });
  insertAttempt(tx, {
    ...rowOf(facts, attemptId, intent),
    state: "permitted",
    args: JSON.stringify(args),
    fence,
    rung: facts.rung?.at ?? 0,
    not_before: notBefore,
  });
  tx.later(rows(tx.db)`insert into permit
      (project_id, permit_id, attempt_id, action, target, args, args_sha256, fence, not_before, expires_at, redeemed_at)
    values (${request.projectId}, ${permitId}, ${attemptId}, ${remedy.name}, ${request.target}, ${JSON.stringify(args)}, ${args_sha256},
      ${fence}, ${notBefore}, ${expiresAt}, null)`);
  const { projectId } = request;
  const payload = { attempt: attemptId };
  setWork(tx, attemptId, { kind: EXPIRE, projectId, dueAt: expiresAt, payload });
  if (remedy.act) addWork(tx, newId, { kind: ACT, projectId, dueAt: notBefore, payload });
  return attemptId;
}

/** No wait before the first attempt of a streak, then base, 2·base, 4·base … up to the maximum. */
function backoff(trigger: Pick<Trigger, "backoff">, streak: number): number {
  return streak === 0 ? 0 : Math.min(trigger.backoff.max_ms, trigger.backoff.base_ms * 2 ** Math.min(streak - 1, 30));
}

function announce(publish: GateDeps["publish"], request: Request, verdict: Verdict): void {
  publish({ topic: "attempts", id: verdict.attemptId, version: 1, about: request.target });
  if (verdict.kind === "refused" && verdict.escalationId !== null)
    publish({ topic: "escalations", id: verdict.escalationId, version: 1, about: request.target });
  if (request.faultId !== null) publish({ topic: "faults", id: request.faultId, version: 0 });
  publish({ topic: "ledger", id: "head", version: 0 });
}
