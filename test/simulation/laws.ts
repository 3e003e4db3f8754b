import { LedgerEntry, type Trigger } from "@prunella/contract";
import type { World } from "./world.ts";
import type { Store } from "./store.ts";
import { checkCounts } from "./counts.ts";
import { createStandingLaws } from "./standing.ts";
import { createTree } from "./tree.ts";

type Of<T extends LedgerEntry["type"]> = Extract<LedgerEntry, { type: T }>;

/** What the simulation gave as policy; the laws are held against this, not against what an entry says of it. */
export type Policy = Pick<Trigger, "budgets" | "ceilings" | "debounce"> & {
  readonly target: string;
  /** What it may be registered as, by the digest of each; left out where it is always the same. */
  readonly variants?: ReadonlyMap<string, { readonly isDry: boolean; readonly cooldownMs: number }>;
};

interface Seen {
  readonly intent: Of<"attempt_intent">;
  startedAt: number | null;
  end: Of<"attempt_outcome">["state"] | null;
  verified: "held" | "ineffective" | null;
  effects: number;
}

export interface Laws {
  /** Reads what was committed since the last time, and holds it against everything before. */
  look(): void;
  /** Something outside is about to change because of an attempt; null: because of none. */
  effect(target: string, attemptId: string | null): void;
  /** All of it once more: what was read before has to stand as it did. */
  readAgain(): void;
  readonly root: () => string;
}

const PERSON_PER_HOUR = 10;
const HOUR_MS = 3_600_000;

/**
 * The laws, held by somebody who knows nothing of how the kernel keeps them: reads the entries that were
 * committed, one after the other, and what the rows say then.
 */
export function createLaws(
  store: Store,
  { policies, events, violated, windows }: Pick<World, "policies" | "events" | "violated" | "windows">,
): Laws {
  const attempts = new Map<string, Seen>();
  const active = new Set<Seen>();
  const watched = new Set<string>();
  const intents: Of<"attempt_intent">[] = [];
  const asked = new Set<string>();
  const decided = new Set<string>();
  const fences = new Map<string, number>();
  const tree = createTree();
  const standing = createStandingLaws({ policies, windows, violated });
  let isKilled = false;
  let looked = -1;

  function intend(entry: Of<"attempt_intent">): void {
    const { subject, trigger, target, because, cause } = entry;
    const policy = policies.get(trigger ?? subject.id);
    if (isKilled) violated("an intent while the kill switch is on");
    if (attempts.has(entry.attempt)) violated("an attempt has two intents");
    if (entry.fence <= (fences.get(target) ?? 0)) violated(`the fence of ${target} does not count up`);
    fences.set(target, entry.fence);
    if (cause?.trust === "public") violated("what anybody could have sent led to an intent");
    if (subject.kind === "trigger" && policy?.target !== target)
      violated(`${trigger} acts on ${target}, which is not its target`);
    if (subject.kind === "grant" && policy?.target !== target) violated(`a grant reaches ${target}`);
    if (because.kind === "evaluation" && asked.has(because.id)) violated("one evaluation led to two answers");
    asked.add(because.id);
    if (because.kind === "escalation" && !decided.delete(because.id))
      violated("an intent names a decision that was not made, or has served");
    const seen: Seen = { intent: entry, startedAt: null, end: null, verified: null, effects: 0 };
    attempts.set(entry.attempt, seen);
    active.add(seen);
    intents.push(entry);
    standing.intend(entry);
    if (policy) holdTo(policy, entry);
    if (
      subject.kind === "person" &&
      countOf((one) => one.subject.kind === "person" && one.target === target, entry.at - HOUR_MS) > PERSON_PER_HOUR
    )
      violated(`people had ${target} changed more than ${PERSON_PER_HOUR} times within an hour`);
  }

  const countOf = (is: (one: Of<"attempt_intent">) => boolean, since: number): number =>
    intents.filter((one) => one.at > since && is(one)).length;

  function holdTo({ budgets, ceilings, debounce }: Policy, entry: Of<"attempt_intent">): void {
    const { subject, trigger, target, at } = entry;
    const isSame = (one: Of<"attempt_intent">, scope: string) =>
      scope === "trigger" ? one.trigger === trigger : one.target === target;
    const isWidened = standing.isWidened(entry);
    if (subject.kind !== "person")
      for (const { scope, max, window_ms } of budgets) {
        const used = countOf((one) => one.subject.kind === subject.kind && isSame(one, scope), at - window_ms);
        if (used > max && !isWidened)
          violated(`${used} attempts of ${trigger ?? subject.id} within ${window_ms} ms, budget ${max}`);
      }
    for (const { scope, max } of ceilings) {
      const now = [...active].filter((one) => isSame(one.intent, scope)).length;
      if (now > max) violated(`${now} attempts of ${trigger ?? subject.id} are active, ceiling ${max}`);
    }
    if (subject.kind !== "trigger" || debounce.count === 1) return;
    // The window ends with the last failure before it was judged, however long that was put off.
    const [row] = store.read(
      "select coalesce(sum(count), 0) as n from delta where target = ? and trust <> 'public' and second > ? + (select max(second) from delta where target = ? and trust <> 'public' and second <= ?)",
      target,
      -Math.ceil(debounce.window_ms / 1000),
      target,
      Math.floor(at / 1000),
    );
    const failures = Number(row?.["n"]);
    if (failures < debounce.count)
      violated(`${trigger} acts after ${failures} failures within its debounce window, not ${debounce.count}`);
  }

  function follow(entry: Of<"attempt_started" | "attempt_outcome" | "attempt_verified">): void {
    const seen = attempts.get(entry.attempt);
    if (!seen) return violated(`${entry.type} without an earlier intent`);
    switch (entry.type) {
      case "attempt_started":
        if (isKilled) violated("an effect begins while the kill switch is on");
        if (seen.startedAt !== null || seen.end !== null) violated("an attempt starts twice, or after its end");
        if (entry.at < seen.intent.not_before || entry.at >= seen.intent.expires_at)
          violated("a permit is redeemed outside of its time");
        if (seen.intent.fence !== fences.get(seen.intent.target)) violated("a permit that was outrun is redeemed");
        standing.start(seen.intent, entry.at);
        seen.startedAt = entry.at;
        return;
      case "attempt_outcome":
        if (seen.end !== null) violated("an attempt ends twice");
        seen.end = entry.state;
        active.delete(seen);
        if (entry.state === "succeeded") watched.add(entry.attempt);
        return;
      case "attempt_verified":
        if (seen.verified !== null || seen.end !== "succeeded")
          violated("what did not succeed, or is verified, is verified");
        seen.verified = entry.verification;
        watched.delete(entry.attempt);
    }
  }

  function read(entry: LedgerEntry, index: number): void {
    standing.read(entry, index);
    switch (entry.type) {
      case "attempt_intent":
        return intend(entry);
      case "attempt_refused":
        if (entry.because.kind === "evaluation" && asked.has(entry.because.id))
          violated("one evaluation led to two answers");
        return void asked.add(entry.because.id);
      case "attempt_started":
      case "attempt_outcome":
      case "attempt_verified":
        return follow(entry);
      case "escalation_decided":
        return void (entry.acts && decided.add(entry.escalation));
      case "switch_changed":
        if (entry.switch === "kill") isKilled = entry.on;
    }
  }

  /** What is under way and what is watched stands in rows and entries alike. */
  function compareRows(): void {
    const rows = store.read(
      "select attempt_id, state, verification from self_heal_attempts where state in ('permitted', 'running') or verification = 'watching'",
    );
    // Every index of attempts tells what is under way by the time of its end, and a refusal by its reason.
    for (const { attempt_id: id } of store.read(
      "select attempt_id from self_heal_attempts where (ended_at is null) <> (state in ('permitted', 'running')) or (refusal is not null) <> (state = 'refused')",
    ))
      violated(`the attempt ${String(id)} has ended and has not`);
    if (rows.length !== active.size + watched.size) violated("rows and entries differ in what is under way");
    for (const { attempt_id: id, state, verification } of rows) {
      const seen = attempts.get(String(id));
      const says = !seen || seen.end ? null : seen.startedAt === null ? "permitted" : "running";
      if (verification === "watching" ? !watched.has(String(id)) : state !== says)
        violated(`an attempt is ${String(state)} in its row and ${says} in the ledger`);
    }
  }

  return {
    look() {
      if (store.isInUnit) violated("a unit waits for something else than its own statements");
      if (store.commits() === looked) return;
      looked = store.commits();
      const found = store.read("select idx, entry from ledger where idx >= ? order by idx", tree.size());
      for (const { idx, entry } of found) {
        if (idx !== tree.size()) violated("the ledger has a gap");
        tree.append(String(entry));
        read(LedgerEntry.parse(JSON.parse(String(entry))), Number(idx));
      }
      const [head] = store.read("select size, root from ledger_head");
      if (head?.["size"] !== tree.size() || head["root"] !== tree.root())
        violated("the head is not that of the entries");
      compareRows();
      checkCounts(store, events, violated);
    },
    readAgain() {
      const again = createTree();
      for (const { entry } of store.read("select entry from ledger order by idx")) again.append(String(entry));
      if (again.root() !== tree.root()) violated("the past has changed");
    },
    effect(target, attemptId) {
      this.look();
      const seen = attemptId === null ? undefined : attempts.get(attemptId);
      if (!seen) return violated(`${target} is changed without an earlier intent`);
      if (seen.startedAt === null) violated(`${target} is changed before the ledger says that it begins`);
      if (seen.intent.target !== target) violated(`${target} is changed with a permit for ${seen.intent.target}`);
      seen.effects += 1;
      if (seen.effects > 1) violated("one permit had two effects");
    },
    root: () => tree.root(),
  };
}
