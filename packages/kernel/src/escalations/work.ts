import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

/** A person decided for an effect: ask the gate with their authority. */
export const DECIDED = workName("escalation_decided", LANES.people, z.strictObject({ escalation: z.string() }));
/** What held a question back is over. */
export const REMIND = workName("escalation_remind", LANES.people, z.strictObject({ escalation: z.string() }));
/** Nobody decided: the default takes effect. */
export const DEFAULT = workName("escalation_default", LANES.people, z.strictObject({ escalation: z.string() }));
/** An approval that came before its question has waited for it in vain. */
export const APPROVAL_OVER = workName("approval_over", LANES.people, z.strictObject({ approval: z.string() }));
