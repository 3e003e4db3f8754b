import { z } from "zod";
import { LANES, workName } from "../work/kind.ts";

/** Messages were told: it is to be found where they go. */
export const ROUTE = workName("notify_route", LANES.own, z.strictObject({}));
/** One message to one channel; whatever is at the other end may be slow. */
export const SEND = workName(
  "notify_send",
  LANES.own,
  z.strictObject({ message: z.string(), channel: z.string() }),
  true,
);
/** An hour is over in which a channel had more messages than it may have. */
export const DIGEST = workName("notify_digest", LANES.own, z.strictObject({ channel: z.string(), hour: z.int() }));

export const sendName = (message: string, channel: string): string => `send.${channel}.${message}`;
