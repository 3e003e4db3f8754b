import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

/** The time of a snooze is over. */
export const WAKE = workName("wake_fault", LANES.own, z.strictObject({ fault: z.string() }));

/** One fault has one end of its snooze. */
export const wakeName = (faultId: string): string => `wake:${faultId}`;
