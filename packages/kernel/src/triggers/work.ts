import { Cause } from "@prunella/contract";
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { LANES, workName } from "../work/kind.ts";

/** A trigger's condition held: ask the gate. */
export const EVALUATE = workName(
  "evaluate_trigger",
  LANES.people,
  z.strictObject({ trigger: z.string(), fault: z.string().nullable(), target: z.string(), cause: Cause }),
);
/**
 * The same for an event that anyone could have sent: behind everything else, and one row for a trigger
 * and fault however many come.
 */
export const EVALUATE_PUBLIC = workName("evaluate_public", LANES.events, EVALUATE.payload);
export type Evaluation = z.infer<typeof EVALUATE.payload>;

/** Whose lane it waits in: what anyone could have sent never goes before what people wait for. */
export const evaluationOf = ({ cause }: Pick<Evaluation, "cause">) =>
  cause.trust === "public" ? EVALUATE_PUBLIC : EVALUATE;

/**
 * What a trigger's asking again about a target at one moment is called, so that it waits once. An id like any
 * other, because intents name the evaluation that they came from: its time is that moment, the rest is a digest.
 */
export function againName(projectId: string, { trigger, target }: Evaluation, dueAt: number): string {
  const digest = createHash("sha256").update(canonicalJson({ projectId, trigger, target, dueAt })).digest("hex");
  const time = dueAt.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digest.slice(0, 3)}-8${digest.slice(3, 6)}-${digest.slice(6, 18)}`;
}

/** A condition with `for` held: look whether it still does. */
export const LOOK_AGAIN = workName(
  "look_again",
  LANES.people,
  z.strictObject({
    trigger: z.string(),
    fault: z.string().nullable(),
    target: z.string(),
    cause: Cause,
    /** The fault that its events are counted under. */
    seen: z.string(),
    /** When it held first. */
    since: z.number(),
    is_new: z.boolean(),
    is_regressed: z.boolean(),
  }),
);
/** The same for an event that anyone could have sent. */
export const LOOK_AGAIN_PUBLIC = workName("look_again_public", LANES.events, LOOK_AGAIN.payload);
export type LookAgain = z.infer<typeof LOOK_AGAIN.payload>;

/** One look stands open for a trigger, a fault and a target. */
export const lookAgainName = ({ trigger, fault, target }: Evaluation): string =>
  `look:${trigger}:${fault ?? ""}:${target}`;
