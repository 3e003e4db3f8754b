import { Because, type Trigger, type TriggerDeeds } from "@prunella/contract";
import { causeOf } from "../attempts/row.ts";
import { firstRefusal, widened, OURSELVES } from "../gate/checks.ts";
import type { EnvelopeBook } from "../gate/envelope-book.ts";
import type { Facts } from "../gate/facts.ts";
import { USELESS } from "../gate/judge.ts";
import { backoff } from "../gate/permits.ts";
import { PERMIT_LIFE_MS } from "../gate/work.ts";
import { leavesItDown } from "../gate/refusal.ts";
import type { Remedies } from "../gate/remedy.ts";
import type { Evidence, Request } from "../gate/request.ts";
import type { LastStorm } from "../gate/storm.ts";
import type { Calendar } from "../ports.ts";
import { OF_ALL } from "../triggers/again.ts";
import { judgeCounted, type Seen } from "../triggers/condition.ts";
import { createCounts } from "./counts.ts";
import { createDeeds, type Deeds } from "./deeds.ts";
import type { Deltas, Named, OneDelta } from "./deltas.ts";
import { factsOf, type Asked, type FactsDeps } from "./facts.ts";
import { createHeap } from "./heap.ts";
import { createHeld, type Ask } from "./held.ts";
import { createHealth } from "./health.ts";
import { createMemory, type Done } from "./memory.ts";
import { createObserved } from "./observed.ts";
import type { Past } from "./past.ts";
import { lookBackMs, statesOf } from "./policy-times.ts";
import { createWatching, type Concerned } from "./watching.ts";

export interface ReplayDeps {
  readonly remedies: Remedies;
  readonly calendar: Calendar;
  readonly book: EnvelopeBook;
  /** Lets others have their turn. */
  readonly turn: () => Promise<void>;
  readonly onReplayed: (deltas: number) => void;
  /** Hears of each row that a condition is held against, and of each time that one holds. */
  readonly watch?: { readonly looked: () => void; readonly held: (found: HeldAt) => void };
}

/** A condition held; with `for`: it still did when that was over. */
export interface HeldAt {
  readonly at: number;
  readonly target: string;
  readonly faultId: string | null;
  /** In the row that it held for. */
  readonly events: number;
}

const LIFE_MS = 24 * 3_600_000;
const TURN = 2_000;
/** Never written: what is rehearsed is because of nothing. */
const NOBODY = "00000000-0000-7000-8000-000000000000";

/** Plays what came in through the decisions of a policy, in time that is not ours. Nothing is written. */
export async function replay(
  policy: readonly Trigger[],
  recorded: { readonly deltas: Deltas; readonly past: Past; readonly since: number; readonly until: number },
  deps: ReplayDeps,
): Promise<Map<string, TriggerDeeds>> {
  const { deltas, past, since, until } = recorded;
  const nameOf = (projectId: string, id: string) => `${projectId} ${id}`;
  const deeds = new Map<string, Deeds>(
    policy.map((each) => [nameOf(each.project_id, each.id), createDeeds(each.budgets)]),
  );
  const triggers = new Map(policy.map((each) => [nameOf(each.project_id, each.id), each]));
  const due = createHeap<(now: number) => Promise<void> | void>();
  const memory = createMemory();
  const counts = createCounts(lookBackMs(policy));
  const observed = createObserved(past.attempts, past.escalations);
  const states = statesOf(deltas.names);
  const health = createHealth(policy);
  const watchedOf = new Map<string, { done: Done; from: number; until: number }>();
  const askedOf = new Map<string, Asked[]>();
  const storms = new Map<string, LastStorm>();
  const taken = new Map<string, number>();
  const waiting = new Set<string>();
  const looking = new Set<string>();
  const held = createHeld();
  const knownIn = new Map<string, number>();
  let isKilled = past.wasKilled;

  const factDeps: FactsDeps = {
    ...deps,
    memory,
    counts,
    past,
    askedOf: (projectId, target) => askedOf.get(nameOf(projectId, target)) ?? [],
    stormOf: (trigger) => storms.get(nameOf(trigger.project_id, trigger.id)) ?? null,
    takenOf: (id) => taken.get(id) ?? 0,
    isKilled: () => isKilled,
    evidenceOf({ request, remedy }, trigger, now): Evidence | null {
      if (!remedy) return null;
      const seen = observed.target(request.projectId, trigger.id, request.target, now);
      const isHealthy = seen === "healthy";
      const observation =
        seen === "missing" ? null : { isReachable: true, isHealthy, staysDown: request.isAwaited, args: {} };
      return { observedAt: now, observation, peers: health.peersOf(trigger, remedy.name, now) };
    },
  };

  for (const row of past.attempts) {
    if (row.state === "refused" || (row.subject_kind === "trigger" && row.created_at >= since)) continue;
    const because = Because.shape.kind.parse(row.because_kind);
    due.add(row.created_at, () => {
      const done: Done = {
        at: row.created_at,
        projectId: row.project_id,
        triggerId: row.trigger_id,
        target: row.target,
        faultId: row.fault_id,
        subject: row.subject_kind,
        because,
        rung: row.rung,
        state: "running",
        verification: null,
        notBefore: row.not_before,
        endedAt: null,
      };
      memory.add(done);
      if (row.ended_at !== null)
        due.add(row.ended_at, async (at) => {
          memory.end(done, row.state, at);
          // What a person had decided and the kill switch took back is judged again by policy.
          const trigger =
            row.subject_kind === "person" ? triggers.get(nameOf(row.project_id, row.trigger_id ?? "")) : null;
          if (row.state !== "expired" || !trigger || row.cause === null || !isKilled) return;
          await ask({ trigger, faultId: row.fault_id, target: row.target, cause: causeOf(row) }, at);
        });
      if (row.verified_at !== null) due.add(row.verified_at, () => void (done.verification = row.verification));
    });
  }
  for (const said of past.said)
    due.add(said.at, async (now) => {
      if (said.kind === "kill") isKilled = said.on;
      else states.say(said);
      if (said.kind === "status" && said.isResolved) health.resolved(said.faultId);
      if (said.kind === "kill" && !said.on) await askHeld({ ...OF_ALL, refusal: "killed", since: 0 }, now);
    });
  for (const {
    lifted_at: liftedAt,
    until_at: ends,
    since: from,
    project_id: projectId,
    trigger_id: id,
  } of past.pauses) {
    const of = { ...OF_ALL, refusal: "paused", since: from, projectId, triggerId: id === "" ? null : id };
    // One that was over made room for the next of its name later; nobody lifted it.
    const isOver = liftedAt !== null && ends !== null && ends <= liftedAt;
    if (liftedAt !== null && !isOver && liftedAt <= until) due.add(liftedAt, (now) => askHeld(of, now));
  }
  for (const { ended_at: endedAt, created_at: from, project_id: projectId, target } of past.maintenance) {
    const where = { projectId: projectId === "*" ? null : projectId, target: target === "" ? null : target };
    const of = { ...OF_ALL, ...where, refusal: "outside_window", since: from };
    if (endedAt !== null && endedAt <= until) due.add(endedAt, (now) => askHeld(of, now));
  }

  const concernedBy = createWatching(policy);
  const plain = new Map<number, { readonly seen: Seen; readonly concerned: readonly Concerned[] }>();
  for (let nth = 0; nth < deltas.size; nth += 1) {
    const delta = deltas.at(nth);
    const name = deltas.names[delta.name];
    if (!name || delta.at > until) continue;
    while (due.next() <= delta.at) await step();
    await arrive(delta, name);
    if (nth % TURN === TURN - 1) {
      deps.onReplayed(TURN);
      await deps.turn();
    }
  }
  while (due.next() <= until) await step();
  deps.onReplayed(deltas.size % TURN);
  return new Map([...deeds].map(([key, one]) => [key, one.told()]));

  async function step(): Promise<void> {
    const now = due.next();
    await due.take()?.(now);
  }

  async function arrive(delta: OneDelta, name: Named): Promise<void> {
    const { at: now } = delta;
    if (name.release !== "" && !knownIn.has(name.release)) knownIn.set(name.release, now);
    const isRegressed = states.cameIn(name, now, knownIn.get(name.release) ?? 0);
    counts.add({ name, second: delta.second, count: delta.count });
    if (now < since) return;
    fail(name, now);
    const isNew = delta.isFirst && name.fault.rootId === name.fault_id;
    const { seen, concerned } = concernedWith(delta.name, name, isNew, isRegressed);
    for (const one of concerned) await hold(one, seen, name, delta);
  }

  /** Of most rows the answer is that of the row of the same name before. */
  function concernedWith(nth: number, name: Named, isNew: boolean, isRegressed: boolean) {
    const isPlain = !isNew && !isRegressed;
    const before = isPlain ? plain.get(nth) : undefined;
    if (before) return before;
    const { fault } = name;
    const seen: Seen = {
      ...name,
      root_id: fault.rootId,
      error_class: fault.errorClass,
      template: fault.template,
      isNew,
      isRegressed,
    };
    const found = { seen, concerned: concernedBy(name.project_id, seen) };
    if (isPlain) plain.set(nth, found);
    return found;
  }

  /** What the digest does for each trigger that a row may concern. */
  async function hold(
    { trigger, plain: said }: Concerned,
    seen: Seen,
    name: Named,
    { at: now, count: events }: OneDelta,
  ): Promise<void> {
    const { condition, envelope } = trigger;
    if (name.trust === "public" && !envelope.allow_public) return;
    deps.watch?.looked();
    const isHeld =
      said ??
      (await judgeCounted(condition, seen, async (counted) =>
        counts.isReached(name, counted, now, envelope.allow_public),
      ));
    if (!isHeld) return;
    const one: Ask = {
      trigger,
      faultId: seen.root_id,
      target: name.target.startsWith(`${OURSELVES}:`) ? name.target : (trigger.target ?? name.target),
      cause: { source: name.source, trust: name.trust, level: name.level },
    };
    const holds = (at: number): Promise<void> => {
      deps.watch?.held({ at, target: one.target, faultId: one.faultId, events });
      return ask(one, at);
    };
    if (condition.for_ms === undefined) return holds(now);
    const look = `${trigger.project_id} ${trigger.id} ${one.faultId ?? ""} ${one.target}`;
    if (looking.has(look)) return;
    looking.add(look);
    due.add(now + condition.for_ms, async (then) => {
      looking.delete(look);
      if (await isStillBad(trigger, seen, name, now, then)) await holds(then);
    });
  }

  async function isStillBad(trigger: Trigger, seen: Seen, name: Named, from: number, now: number): Promise<boolean> {
    if (states.isResolved(seen.root_id)) return false;
    if (name.source === "probe" || name.source === "heartbeat") return true;
    const { condition, envelope } = trigger;
    for (const one of counts.ofFault(name).toReversed()) {
      if (one.second <= Math.floor(from / 1_000)) return false;
      if (one.name.trust === "public" && !envelope.allow_public) continue;
      const { fault: _fault, ...row } = one.name;
      const isHeld = await judgeCounted(condition, { ...seen, ...row }, async (counted) =>
        counts.isReached(one.name, counted, now, envelope.allow_public),
      );
      if (isHeld) return true;
    }
    return false;
  }

  /** A failure within the quiet watch of a remedy that was never carried out says that it did not help. */
  function fail(name: Named, now: number): void {
    if (name.target === "") return;
    const key = nameOf(name.project_id, name.target);
    health.failed(name.project_id, name.target, name.fault.rootId, now);
    const watch = watchedOf.get(key);
    if (!watch || now <= watch.from || now >= watch.until) return;
    watch.done.verification = "ineffective";
    watchedOf.delete(key);
  }

  async function ask(one: Ask, now: number): Promise<void> {
    const { trigger, target, cause } = one;
    const request: Request = {
      projectId: trigger.project_id,
      subject: { kind: "trigger", id: trigger.id },
      triggerId: trigger.id,
      action: null,
      target,
      args: {},
      because: { kind: "evaluation", id: NOBODY },
      faultId: one.faultId,
      cause,
      isAwaited: cause?.source === "supervisor",
    };
    const facts = factsOf(factDeps, trigger, request, now);
    const refused = firstRefusal(facts);
    const tally = deeds.get(nameOf(trigger.project_id, trigger.id));
    if (!refused) return permit(one, facts);
    tally?.refused(now, refused.refusal);
    held.add(refused.refusal, one, now);
    if (refused.refusal === "storm" && refused.passesAt !== null) {
      const key = nameOf(trigger.project_id, trigger.id);
      if (storms.get(key)?.until !== refused.passesAt)
        storms.set(key, { until: refused.passesAt, bad: facts.evidence?.peers?.bad ?? [] });
    }
    if (leavesItDown(facts, refused)) escalate(one, facts.action, refused.refusal, now);
    const { passesAt } = refused;
    const again = `${passesAt ?? 0} ${trigger.project_id} ${trigger.id} ${target}`;
    if (passesAt === null || waiting.has(again)) return;
    waiting.add(again);
    due.add(passesAt, async (then) => {
      waiting.delete(again);
      await ask(one, then);
    });
  }

  function escalate({ trigger, target }: Ask, action: string | null, reason: string, now: number): void {
    const projectId = trigger.project_id;
    const episode = `${action ?? "work"} ${trigger.id} ${target}`;
    const key = nameOf(projectId, target);
    const list = askedOf.get(key) ?? [];
    askedOf.set(key, list);
    const open = list.find((each) => each.triggerId === trigger.id && each.endsAt > now && each.openedAt <= now);
    if (open) return;
    const ends = observed.questionEnds(projectId, episode, now);
    list.push({
      projectId,
      triggerId: trigger.id,
      target,
      reason,
      openedAt: now,
      endsAt: ends === "open" ? Infinity : (ends ?? now + LIFE_MS),
    });
    deeds.get(nameOf(projectId, trigger.id))?.escalated(reason);
  }

  function permit(one: Ask, facts: Facts): void {
    const { trigger, target } = one;
    const { now } = facts;
    const projectId = trigger.project_id;
    if (facts.override !== null && widened(facts).length > 0)
      taken.set(facts.override.id, (taken.get(facts.override.id) ?? 0) + 1);
    if (facts.useless >= USELESS) escalate(one, facts.action, "ineffective", now);
    deeds.get(nameOf(projectId, trigger.id))?.fired(
      now,
      facts.budgets.map(({ used }) => used + 1),
    );
    const notBefore = now + backoff(trigger, facts.streak);
    const done: Done = {
      at: now,
      projectId,
      triggerId: trigger.id,
      target,
      faultId: one.faultId,
      subject: "trigger",
      because: "evaluation",
      rung: facts.rung?.at ?? 0,
      state: "running",
      verification: null,
      notBefore,
      endedAt: null,
    };
    memory.add(done);
    const then = observed.attempt(projectId, trigger.id, target, now);
    if (then === null) return assume(done, one, facts, notBefore);
    const { ended_at: endedAt, verified_at: verifiedAt, verify_at: verifyAt, state } = then;
    if (endedAt !== null)
      due.add(Math.max(now, endedAt), async (at) => {
        memory.end(done, state, at);
        if (state === "succeeded") health.healed(projectId, target);
        // Taken back, or turned away: while policy stands still it asks again, and else a person's word came between.
        else if (state === "expired" && standsStill(one, facts, at)) await ask(one, at);
        else if (state !== "expired" || endedAt >= notBefore + PERMIT_LIFE_MS) await handOn(done, one, facts, at);
      });
    if (verifiedAt !== null)
      due.add(Math.max(now, verifiedAt), async (at) => {
        done.verification = then.verification;
        if (then.verification === "ineffective" && verifyAt !== null && verifiedAt >= verifyAt)
          await handOn(done, one, facts, at);
      });
  }

  /** It was never carried out: see `ASSUMED`. */
  function assume(done: Done, one: Ask, facts: Facts, notBefore: number): void {
    const { trigger, target } = one;
    const { request } = facts;
    const key = nameOf(request.projectId, target);
    due.add(notBefore, async (at) => {
      if (standsStill(one, facts, at)) {
        memory.end(done, "expired", at);
        return ask(one, at);
      }
      memory.end(done, "succeeded", at);
      health.healed(request.projectId, target);
      const watch = { done, from: notBefore, until: notBefore + trigger.verify_ms };
      done.verification = "watching";
      watchedOf.set(key, watch);
      due.add(watch.until, () => {
        if (done.verification === "watching") done.verification = "held";
        if (watchedOf.get(key) === watch) watchedOf.delete(key);
      });
    });
  }

  /** As `createHold` and whoever takes permits back. */
  function standsStill({ trigger }: Ask, { request }: Facts, now: number): boolean {
    const { pauses, maintenanceUntil, quietUntil } = factsOf(factDeps, trigger, request, now);
    return isKilled || pauses.length > 0 || maintenanceUntil !== null || quietUntil !== null;
  }

  async function askHeld(of: Parameters<typeof held.take>[0], now: number): Promise<void> {
    for (const one of held.take(of)) await ask(one, now);
  }

  /** The next rung of the ladder, and after the last a person. */
  async function handOn(done: Done, one: Ask, facts: Facts, now: number): Promise<void> {
    if (done.rung + 1 < one.trigger.remedies.length) return ask(one, now);
    escalate(one, facts.action, "ineffective", now);
  }
}
