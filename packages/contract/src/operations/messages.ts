import { z } from "zod";
import { ChannelKind, Delivery } from "../messages.ts";
import { operation } from "./operation.ts";

export const MessageQuery = z.strictObject({
  channel: z.string().max(40).optional(),
  /** The escalation or fault that they speak of. */
  subject: z.string().max(200).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(200).default(50),
});
export const MessagePage = z.strictObject({
  messages: z.array(Delivery),
  /** As the configuration has them. */
  channels: z.array(
    z.strictObject({ name: z.string(), kind: ChannelKind, per_hour: z.int(), last_sent_at: z.int().nullable() }),
  ),
});
export type MessagePage = z.infer<typeof MessagePage>;

export const MESSAGES = {
  list_messages: operation({
    method: "GET",
    path: "/v1/messages",
    query: MessageQuery,
    output: MessagePage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what people were told, newest first, and how far each message has come",
  }),
  test_channel: operation({
    method: "POST",
    path: "/v1/channels/:channel/test",
    params: z.strictObject({ channel: z.string().min(1).max(40) }),
    output: Delivery,
    status: 200,
    who: "operator",
    within: "all",
    effect: "act",
    summary: "sends a test to one channel; what came of it within some seconds",
  }),
  retry_message: operation({
    method: "POST",
    path: "/v1/messages/retry",
    body: z.strictObject({ message_id: z.string().min(1).max(200), channel: z.string().min(1).max(40) }),
    output: Delivery,
    status: 200,
    who: "operator",
    within: "all",
    effect: "act",
    summary: "tries again at once what did not arrive",
  }),
} as const;
