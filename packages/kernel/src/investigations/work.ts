import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

const woken = z.strictObject({
  session: z.string(),
  probe: z.string(),
  category: z.string(),
  target: z.string(),
  at: z.int(),
});

/** Somebody is to look into what a probe found. */
export const INVESTIGATE = workName("investigate", LANES.events, woken, true);
/** An investigation was begun and should have ended: its process has gone. People are told all the same. */
export const LOST = workName("lost_investigation", LANES.events, woken);
