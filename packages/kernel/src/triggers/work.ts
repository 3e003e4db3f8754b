import { Cause } from "@prunella/contract";
import { z } from "zod";
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
export type LookAgain = z.infer<typeof LOOK_AGAIN.payload>;

/** One look stands open for a trigger, a fault and a target. */
export const lookAgainName = ({ trigger, fault, target }: Evaluation): string =>
  `look:${trigger}:${fault ?? ""}:${target}`;
