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
