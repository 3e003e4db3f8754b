import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

/** The quiet watch is over. */
export const VERIFY = workName("verify_attempt", LANES.people, z.strictObject({ attempt: z.string() }));
