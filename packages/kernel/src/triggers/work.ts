import { Cause } from "@prunella/contract";
import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

/** A trigger's condition held: ask the gate. */
export const EVALUATE = workName(
  "evaluate_trigger",
  LANES.people,
  z.strictObject({ trigger: z.string(), fault: z.string().nullable(), target: z.string(), cause: Cause }),
);
export type Evaluation = z.infer<typeof EVALUATE.payload>;
