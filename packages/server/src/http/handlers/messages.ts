import type { MESSAGES } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const messages: Handlers<typeof MESSAGES> = {
  async list_messages(query, { kernel, sees, channels }) {
    const last = await kernel.notify.lastSent();
    return {
      messages: await kernel.notify.deliveries(query, sees),
      channels: channels.map(({ name, kind, per_hour }) => ({
        name,
        kind,
        per_hour,
        last_sent_at: last.get(name) ?? null,
      })),
    };
  },
  test_channel: ({ channel }, { kernel }) => kernel.notify.test(channel),
  retry_message: ({ message_id, channel }, { kernel }) => kernel.notify.retry(message_id, channel),
};
