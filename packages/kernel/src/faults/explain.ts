import { Fingerprints, Refusal, REFUSALS, type AttemptState, type Explanation, type Trigger } from "@prunella/contract";
import { idOf, type Remedies, type Remedy } from "../gate/remedy.ts";
import { changeWith } from "../gate/ways.ts";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { toTrigger } from "../triggers/registry.ts";
import { withUse } from "../triggers/use.ts";
import { cameBack } from "./came-back.ts";
import { readFault } from "./detail.ts";
import { hasBelievable } from "./believable.ts";

type Db = Engine["reader"];
type Row = Tables["self_heal_attempts"];

/** Targets and triggers that are shown with a fault; more than a person reads. */
const MOST = 20;

/** Names the check that refused last, and the switch that would change it. */
export async function explain(db: Db, now: number, remedies: Remedies, faultId: string): Promise<Explanation> {
  const fault = await readFault(db, faultId);
  const targets = await db
    .selectFrom("delta")
    .select("target")
    .distinct()
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "=", faultId)
    .where("target", "<>", "")
    .orderBy("target")
    .limit(MOST)
    .execute();
  const attempt = await db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "=", faultId)
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .limit(1)
    .executeTakeFirst();
  const names = targets.map((row) => row.target);
  const triggers: Explanation["triggers"] = [];
  for (const trigger of await triggersOf(db, fault.project_id, names))
    triggers.push({ trigger, ...(await withUse(db, now, trigger)) });
  const question = await questionOf(db, fault);
  const isOnlyPublic = !attempt && triggers.length > 0 && !(await hasBelievable(db, fault));
  return {
    fault_id: faultId,
    status: fault.status,
    summary: isOnlyPublic ? UNTRUSTED.detail : summarise(fault, attempt, question, names, triggers, remedies),
    refusal: attempt?.refusal
      ? describeRefusal(attempt, Refusal.parse(attempt.refusal), remedies)
      : isOnlyPublic
        ? { ...UNTRUSTED, at: fault.last_seen }
        : null,
    grouping: Fingerprints.parse(JSON.parse(fault.fingerprints)),
    triggers,
  };
}

/** What is said of events that were only counted. */
const UNTRUSTED = {
  refusal: "untrusted_source",
  check: REFUSALS.untrusted_source,
  detail: "Anyone who knows the public DSN key could have sent these events, so no trigger acts because of them.",
  change_with: changeWith("untrusted_source", undefined, ""),
  attempt_id: null,
} as const;

async function triggersOf(db: Db, projectId: string, targets: readonly string[]): Promise<Trigger[]> {
  if (targets.length === 0) return [];
  const rows = await db
    .selectFrom("self_heal_triggers")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("target", "in", targets)
    .where("removed", "=", 0)
    .orderBy("trigger_id")
    .limit(MOST)
    .execute();
  return rows.map(toTrigger);
}

type Question = Pick<
  Tables["escalation_attempts"],
  "asker" | "target" | "status" | "decision" | "decided_at" | "expires_at"
>;

/** The newest question about a fault, whatever became of it. */
const questionOf = (db: Db, fault: { fault_id: string }): Promise<Question | undefined> =>
  db
    .selectFrom("escalation_attempts")
    .select(["asker", "target", "status", "decision", "decided_at", "expires_at"])
    .where("fault_id", "=", fault.fault_id)
    .orderBy("opened_at", "desc")
    .limit(1)
    .executeTakeFirst();

/** A refusal is past as soon as it is written: what stands now is the question it left, or its answer. */
function afterRefusal(attempt: Row, question: Question | undefined, remedies: Remedies): string | null {
  if (!question || question.target !== attempt.target) return null;
  const remedy = remedies.get(question.asker);
  if (!remedy) return null;
  const name = remedy.words.name(question.target);
  if (question.status === "open")
    return `${name} waits for a person: ${remedy.words.question(question.target)} The gate had refused to ${remedy.words.verb}: ${attempt.refusal_detail ?? attempt.refusal}`;
  // Withdrawn before its time: somebody acted by hand, or what it was about is gone.
  if (question.status === "expired" && (question.decided_at ?? 0) < question.expires_at)
    return `${name} waited for a person, and the question was settled without an answer.`;
  const choice = remedy.choices.find((one) => one.name === question.decision);
  if (choice?.effect !== "leave") return null;
  return question.status === "expired"
    ? `${name} ${choice.done}, because nobody decided in time.`
    : `${name} ${choice.done}, as a person decided.`;
}

function summarise(
  fault: Pick<Tables["fault"], "last_seen">,
  attempt: Row | undefined,
  question: Question | undefined,
  targets: readonly string[],
  triggers: Explanation["triggers"],
  remedies: Remedies,
): string {
  const nameOf = (target: string) => remedies.get(attempt?.action ?? "")?.words.name(target) ?? idOf(target);
  const words = wordsOf(remedies.get(attempt?.action ?? ""));
  if (attempt?.state === "refused")
    return (
      afterRefusal(attempt, question, remedies) ??
      `The gate refused to ${words.verb}: ${attempt.refusal_detail ?? attempt.refusal}`
    );
  if (attempt?.verification === "held") return `${nameOf(attempt.target)} was ${words.done} and has held.`;
  if (attempt?.verification === "ineffective")
    return cameBack(fault.last_seen, attempt)
      ? `${nameOf(attempt.target)} was ${words.done} and failed again.`
      : `${nameOf(attempt.target)} was ${words.done}, and it has not come back; another failure of ${nameOf(attempt.target)} followed.`;
  if (attempt?.verification === "watching")
    return `${nameOf(attempt.target)} was ${words.done}; whether it holds shows soon.`;
  if (attempt) return `An attempt to ${words.verb} ${nameOf(attempt.target)} ${STATES[attempt.state]}.`;
  if (triggers.length > 0) return "A trigger watches this target, and has not been evaluated for this fault yet.";
  if (targets.length > 0)
    return `No trigger watches ${targets.map(nameOf).join(", ")}, so nothing is done about this fault.`;
  return "Its events name no target, so there is nothing that Prunella could act on.";
}

const wordsOf = (remedy: Remedy | undefined) => remedy?.words ?? { verb: "act", done: "acted on" };

const STATES: Record<AttemptState, string> = {
  refused: "was refused",
  permitted: "is permitted and waits to be done",
  running: "is running",
  succeeded: "succeeded",
  failed: "failed",
  expired: "was not begun in time",
  abandoned: "was abandoned: nobody said how it ended",
};

function describeRefusal(attempt: Row, refusal: Refusal, remedies: Remedies): NonNullable<Explanation["refusal"]> {
  const check = Object.entries(REFUSALS).find(([name]) => name === refusal)?.[1] ?? 4;
  return {
    refusal,
    check,
    detail: attempt.refusal_detail ?? "",
    change_with: changeWith(refusal, remedies.get(attempt.action ?? ""), attempt.project_id),
    at: attempt.ended_at ?? attempt.created_at,
    attempt_id: attempt.attempt_id,
  };
}
