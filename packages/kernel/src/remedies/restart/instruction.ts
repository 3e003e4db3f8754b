import type { Instruction } from "@prunella/contract";
import type { Engine } from "../../store/engine.ts";
import type { Tables } from "../../store/tables.ts";
import { readRun, type Run } from "./run.ts";
import { RESTART } from "./trigger.ts";

type Attempt = Tables["self_heal_attempts"];

/**
 * What the supervisor of a run is to do now. `seen` is the attempt it was told about last, so that
 * it hears of a refusal once.
 */
export async function nextInstruction(db: Engine["reader"], runId: string, seen: string | null): Promise<Instruction> {
  const run = await readRun(db, runId);
  if (run.state === "down" || run.state === "gone") {
    const decided = await db
      .selectFrom("escalation_attempts")
      .select("escalation_id")
      .where("project_id", "=", run.project_id)
      .where("target", "=", run.target)
      .where("status", "in", ["decided", "expired"])
      .orderBy("decided_at", "desc")
      .limit(1)
      .executeTakeFirst();
    return { kind: "stop", escalation_id: run.state === "down" ? (decided?.escalation_id ?? null) : null };
  }
  if (run.state !== "waiting") return { kind: "wait" };
  // One trigger's permit stands, whatever the gate has told another one of this target since.
  const granted = await newestAttempt(db, run, "permitted");
  const instruction = granted ? await permitted(db, granted) : null;
  if (instruction !== null) return instruction;
  const attempt = await newestAttempt(db, run);
  if (!attempt || attempt.attempt_id === seen) return { kind: "wait" };
  if (attempt.state !== "refused") return { kind: "wait" };
  const escalation = await db
    .selectFrom("escalation_attempts")
    .select("escalation_id")
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("status", "=", "open")
    .executeTakeFirst();
  return {
    kind: "hold",
    attempt_id: attempt.attempt_id,
    refusal: attempt.refusal ?? "",
    detail: attempt.refusal_detail ?? "",
    escalation_id: escalation?.escalation_id ?? null,
  };
}

async function permitted(db: Engine["reader"], attempt: Attempt): Promise<Instruction | null> {
  const permit = await db
    .selectFrom("permit")
    .selectAll()
    .where("project_id", "=", attempt.project_id)
    .where("attempt_id", "=", attempt.attempt_id)
    .where("redeemed_at", "is", null)
    .executeTakeFirst();
  if (!permit) return null;
  return {
    kind: "restart",
    attempt_id: attempt.attempt_id,
    permit_id: permit.permit_id,
    fence: permit.fence,
    not_before: permit.not_before,
    subject: { kind: attempt.subject_kind, id: attempt.subject_id },
  };
}

/**
 * What the gate last said of a restart since the run came into its present state. `answer`: but for what
 * it refused because another attempt was under way, for then that one is the answer, whatever became of it.
 */
export async function newestAttempt(
  db: Engine["reader"],
  run: Run,
  which: "permitted" | "answer" | "any" = "any",
): Promise<Attempt | undefined> {
  return (
    db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .$if(which === "permitted", (query) => query.where("state", "=", "permitted"))
      .$if(which === "answer", (query) =>
        query.where(({ or, eb }) => or([eb("refusal", "is", null), eb("refusal", "<>", "ceiling_reached")])),
      )
      .where("project_id", "=", run.project_id)
      .where("target", "=", run.target)
      .where("action", "=", RESTART)
      .where("created_at", ">=", run.since)
      // A public event that names the program is judged too, and tells its supervisor nothing.
      .where(({ or, eb }) => or([eb("refusal", "is", null), eb("refusal", "<>", "untrusted_source")]))
      .orderBy("created_at", "desc")
      .orderBy("attempt_id", "desc")
      .limit(1)
      .executeTakeFirst()
  );
}
