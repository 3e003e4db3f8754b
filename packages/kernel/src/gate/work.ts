import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

const ofAttempt = z.strictObject({ attempt: z.string() });

/** A permit that nobody redeems within this time after its backoff is void. */
export const PERMIT_LIFE_MS = 60_000;

/** A permit's time is over. */
export const EXPIRE = workName("expire_permit", LANES.people, ofAttempt);
/** An effect that was started should have reported by now. */
export const ABANDON = workName("abandon_attempt", LANES.people, ofAttempt);
/** A remedy that acts in this process has its permit: carry it out. */
export const ACT = workName("act", LANES.people, ofAttempt, true);
