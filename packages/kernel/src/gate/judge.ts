import type { NewId } from "../ids.ts";
import { lockHead } from "../ledger/append.ts";
import type { Calendar, Clock } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { argsToDo, isSame, lookedFor } from "./args.ts";
import { firstRefusal, isOther, widened } from "./checks.ts";
import { assertClean } from "./clean.ts";
import { NO_ENVELOPES, type EnvelopeBook } from "./envelope-book.ts";
import type { Escalate } from "./episode.ts";
import { readFacts, type Facts } from "./facts.ts";
import { readRung } from "./ladder.ts";
import { takeOverride } from "./overrides.ts";
import { allow, writePermits, type Allowed } from "./permits.ts";
import { asksNobody, episodeOf, recordRefusal } from "./refusal.ts";
import type { Remedies, Remedy } from "./remedy.ts";
import type { Evidence, Policy, Request } from "./request.ts";
import { openWhenSevere, type OpenSprint } from "./severe.ts";
import { lookAtPeers, MOST_PEERS, type Peers } from "./storm.ts";
import { beginStage } from "./stage.ts";
import type { Verdict } from "./verdict.ts";

/** After so many in a row that seemed to succeed and did not help, a person hears of it; the budget says how long it goes on. */
export const USELESS = 3;

export interface JudgeDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly calendar: Calendar;
  readonly remedies: Remedies;
  /** Envelopes of the configuration; none when there is no such book. */
  readonly book?: EnvelopeBook;
  /** Targets of a project that its triggers have an action for; a storm is judged by them. */
  readonly targetsOf: (db: Engine["reader"], projectId: string, action: string) => Promise<readonly string[]>;
  /** The trigger or grant that bounds a request, from the same snapshot as the rest. */
  readonly policyOf: (
    db: Engine["reader"],
    request: Pick<Request, "projectId" | "subject" | "triggerId">,
  ) => Promise<Policy>;
  readonly escalate: Escalate;
  readonly openSprint: OpenSprint;
  /** True when the scrubber would leave a text as it is. */
  readonly isClean: (text: string) => boolean;
}

/** One request in the unit that judges it, perhaps with others. */
export interface Asked {
  readonly request: Request;
  /** null: nothing was looked up for it. */
  readonly evidence: Evidence | null;
  readonly within: ((tx: Tx, verdict: Verdict) => Promise<void> | void) | undefined;
}

interface Bounded extends Asked {
  readonly policy: Policy;
}

/**
 * Every check on fresh rows, then budget, ledger intent, attempt and permit, or the refusal, in one unit. As if
 * one request were judged after the other: those that share a reading of the facts cannot change each other's.
 * null says that a remedy has to look beyond the database first.
 */
export async function judge(tx: Tx, asked: readonly Asked[], deps: JudgeDeps): Promise<(Verdict | null)[]> {
  await lockHead(tx);
  const policies = await Promise.all(asked.map(({ request }) => deps.policyOf(tx.db, request)));
  const bounded = asked.flatMap((one, at): Bounded[] => (policies[at] ? [{ ...one, policy: policies[at] }] : []));
  const verdicts: (Verdict | null)[] = [];
  while (verdicts.length < bounded.length) {
    const rest = bounded.slice(verdicts.length);
    verdicts.push(...(await judgeApart(tx, rest.slice(0, countApart(rest)), deps)));
  }
  return verdicts;
}

/** How many, from the first, cannot change what another of them is judged by: other targets, other triggers. */
function countApart(asked: readonly Bounded[]): number {
  const taken = new Set<string>();
  for (const [at, { request, policy }] of asked.entries()) {
    const names = [request.target, `trigger ${request.triggerId ?? request.target}`];
    const keys = names.map((name) => `${request.projectId} ${name}`);
    if (at > 0 && (countsOverOthers(policy) || keys.some((key) => taken.has(key)))) return at;
    for (const key of keys) taken.add(key);
  }
  return asked.length;
}

/** Whether what is done to other targets by other triggers counts too. */
const countsOverOthers = ({ budgets, ceilings }: Policy): boolean =>
  [...budgets, ...ceilings].some(({ scope }) => scope === "project" || scope === "global");

async function judgeApart(tx: Tx, asked: readonly Bounded[], deps: JudgeDeps): Promise<(Verdict | null)[]> {
  const all = await Promise.all(asked.map((one) => gather(tx, one, deps)));
  const verdicts: (Verdict | null)[] = [];
  const allowed: Allowed[] = [];
  for (const facts of all) {
    const ruled = await rule(tx, facts, deps);
    if (ruled) await openWhenSevere(tx, facts, ruled.kind === "refused" ? ruled.refused : null, deps);
    if (ruled?.kind === "allowed") allowed.push(ruled);
    verdicts.push(ruled && (ruled.kind === "allowed" ? { kind: "permitted", attemptId: ruled.attemptId } : ruled));
  }
  await writePermits(tx, allowed, deps.newId);
  for (const [at, { within }] of asked.entries()) {
    const verdict = verdicts[at];
    if (verdict) await within?.(tx, verdict);
  }
  return verdicts;
}

async function gather(tx: Tx, { request, policy, evidence }: Bounded, deps: JudgeDeps): Promise<Facts> {
  const now = deps.clock.now();
  const meant = await meantBy(tx.db, request, policy, deps);
  const reading = readFacts(tx.db, { now, request, ...meant, evidence }, deps.calendar);
  // Nothing that is asked here leaves the database, and nothing can change between the look and the permit.
  const { remedy } = meant;
  if (!remedy?.readsRowsAlone) return reading;
  const looking = remedy.observe(request.projectId, request.target, lookedFor({ request, ...meant }), tx.db);
  const around = peersOf({ request, policy }, remedy, tx.db, deps);
  const [facts, observation, peers] = await Promise.all([reading, looking, around]);
  return { ...facts, evidence: { observedAt: now, observation, peers } };
}

/** How the targets are that a storm of the trigger is judged by; null where it has no bounds for one. */
export async function peersOf(
  { request, policy: { trigger } }: Pick<Facts, "request" | "policy">,
  remedy: Remedy,
  db: Engine["reader"],
  { targetsOf }: Pick<JudgeDeps, "targetsOf">,
): Promise<Peers | null> {
  if (!trigger?.storm || request.subject.kind !== "trigger") return null;
  const { projectId } = request;
  const isOwn = trigger.storm.over === "trigger";
  const all = isOwn ? trigger.envelope.targets : await targetsOf(db, projectId, remedy.name);
  return lookAtPeers(remedy, db, projectId, all.slice(0, MOST_PEERS));
}

/** Without evidence it can only refuse what asks nobody. */
async function rule(tx: Tx, facts: Facts, deps: JudgeDeps): Promise<Allowed | Verdict | null> {
  const { remedy, evidence } = facts;
  const refused = firstRefusal(facts);
  // What screening needed no evidence for, such as the kill switch, does not hold any more: look first, or
  // a target that stays down would ask nobody.
  if (refused && evidence === null && remedy && !asksNobody(refused)) return null;
  if (refused) return recordRefusal(tx, facts, refused, deps);
  if (!evidence) return null;
  if (!remedy || !evidence.observation) throw new Error("the checks let an unknown action or target pass");
  const args = argsToDo(facts, evidence.observation);
  const { approved } = facts.request;
  if (approved !== undefined && (args === null || !isSame(args, approved)))
    return recordRefusal(tx, facts, isOther(facts.request.target), deps);
  if (args === null) throw new Error("the checks let arguments pass that the remedy does not take");
  assertClean(args, deps.isClean);
  if (facts.override !== null && widened(facts).length > 0)
    await takeOverride(tx, facts.request.projectId, facts.override.id);
  if (!facts.isStageKept) await beginStage(tx, facts.request.projectId, facts.governing);
  if (facts.useless >= USELESS) await deps.escalate(tx, { ...episodeOf(facts), reason: "ineffective", isNotice: true });
  return allow(facts, remedy, args, deps.newId);
}

/**
 * What is to be done: the request's action or where the trigger's ladder has come to, who can, and inside which
 * envelope, as its switch stands now.
 */
export async function meantBy(
  db: Engine["reader"],
  request: Request,
  policy: Policy,
  { clock, remedies, book = NO_ENVELOPES }: Pick<JudgeDeps, "clock" | "remedies" | "book">,
): Promise<Pick<Facts, "policy" | "rung" | "action" | "remedy" | "governing" | "lacks" | "barred">> {
  const rung = await readRung(db, { now: clock.now(), request, trigger: policy.trigger });
  const action = request.action ?? rung?.action ?? null;
  const remedy = action === null ? null : (remedies.get(action) ?? null);
  const { projectId, target, envelope = null } = request;
  const governing = book.of({ projectId, envelope, action, target, remedy });
  return {
    policy,
    rung,
    action,
    remedy,
    governing,
    lacks: remedy?.lacks?.(projectId, target, governing?.name) ?? null,
    barred: (await remedy?.bars?.(db, { ...request, args: request.approved ?? request.args }, clock.now())) ?? null,
  };
}
