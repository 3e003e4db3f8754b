import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

const woken = z.strictObject({
  session: z.string(),
  probe: z.string(),
  category: z.string(),
  target: z.string(),
  at: z.int(),
});

/** Each may wait for a program for an hour, and for fixes and messages, which need room beside it. */
const MOST_AT_ONCE = 8;
/** Somebody is to look into what a probe found. */
export const INVESTIGATE = workName("investigate", LANES.events, woken, true, MOST_AT_ONCE);
/** An investigation was begun and should have ended: its process has gone. People are told all the same. */
export const LOST = workName("lost_investigation", LANES.events, woken);
