import { Delivery, PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import type { Core } from "../core.ts";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { setWork } from "../work/kind.ts";
import type { Channels } from "./channels.ts";
import type { Delivered } from "./describe.ts";
import { tell } from "./tell.ts";
import { OF_ALL } from "./route.ts";
import { SEND, sendName } from "./work.ts";

/** How long whoever tries a channel waits for what comes of it. */
const TEST_MS = 12_000;
const LOOK_MS = 50;
const KEPT_MS = 30 * 24 * 3_600_000;
const STEP_ROWS = 500;

const toDelivery = ({ within: _within, ...row }: Delivered): Delivery => Delivery.parse(row);

/** What people see of what they are told: how far each message has come, and a way to try again. */
export function createNotify(deps: Core & { readonly channels: Channels; readonly wake: () => void }) {
  const { db, writer, clock, channels } = deps;
  const read = (messageId: string, channel: string): Promise<Delivered | undefined> =>
    db
      .selectFrom("notify_delivery")
      .selectAll()
      .where("message_id", "=", messageId)
      .where("channel", "=", channel)
      .executeTakeFirst();
  const assertChannel = (name: string): void => {
    const names = channels.list().map((channel) => channel.name);
    if (names.includes(name)) return;
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no channel ${name}.`,
      hint: names.length === 0 ? "Channels stand in prunella.yaml under notify." : `There are: ${names.join(", ")}.`,
    });
  };

  return {
    /** Newest first; `sees`: of these projects alone, null: of all. */
    async deliveries(
      given: { readonly channel?: string | undefined; readonly subject?: string | undefined; readonly limit: number },
      sees: readonly string[] | null = null,
    ): Promise<Delivery[]> {
      let query = db.selectFrom("notify_delivery").selectAll();
      if (given.channel !== undefined) query = query.where("channel", "=", given.channel);
      if (given.subject !== undefined) query = query.where("subject", "=", given.subject);
      if (sees !== null) query = query.where("project_id", "in", sees);
      const found = await query
        .orderBy("told_at", "desc")
        .orderBy("message_id", "desc")
        .orderBy("channel", "desc")
        .limit(given.limit)
        .execute();
      return found.map(toDelivery);
    },
    /** When each channel took a message last. */
    async lastSent(): Promise<Map<string, number>> {
      const last = new Map<string, number>();
      for (const { name } of channels.list()) {
        const row = await db
          .selectFrom("notify_delivery")
          .select("sent_at")
          .where("channel", "=", name)
          .where("state", "=", "sent")
          .orderBy("told_at", "desc")
          .limit(1)
          .executeTakeFirst();
        if (row?.sent_at) last.set(name, row.sent_at);
      }
      return last;
    },
    /** Sends a message that says that it is a test; what came of it, within some seconds. */
    async test(channel: string): Promise<Delivery> {
      assertChannel(channel);
      const messageId = await writer.run((tx) =>
        tell(tx, deps.newId, { kind: "test", projectId: OF_ALL, subject: channel, at: clock.now(), level: "info" }),
      );
      deps.wake();
      const until = clock.now() + TEST_MS;
      for (;;) {
        const row = await read(messageId, channel);
        const isOver = clock.now() >= until;
        if (row && (row.state !== "waiting" || row.tries > 0 || isOver)) return toDelivery(row);
        if (isOver) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "The message is still on its way." });
        const { promise, resolve } = Promise.withResolvers<void>();
        clock.after(LOOK_MS, resolve);
        await promise;
      }
    },
    /** Tries again at once what failed or waits for its next try. */
    async retry(messageId: string, channel: string): Promise<Delivery> {
      assertChannel(channel);
      const row = await writer.run(async (tx) => {
        const now = clock.now();
        const [changed] = await tx.db
          .updateTable("notify_delivery")
          .set({ state: "waiting", due_at: now, told_at: now })
          .where("message_id", "=", messageId)
          .where("channel", "=", channel)
          .where("state", "in", ["failed", "waiting"])
          .returningAll()
          .execute();
        if (changed)
          setWork(tx, sendName(messageId, channel), {
            kind: SEND,
            projectId: changed.project_id,
            dueAt: now,
            payload: { message: messageId, channel },
          });
        return changed ?? null;
      });
      if (row === null)
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: "There is no such message on that channel that did not arrive.",
          hint: "See how far they have come: prunella notify list",
        });
      deps.wake();
      deps.publish("messages", messageId);
      return toDelivery(row);
    },
  };
}

/** Messages are a month old before they go. */
export const oldMessages: Tidying = {
  name: "old_messages",
  async step(tx, now, share = 1) {
    const limit = shareOf(STEP_ROWS, share);
    const deliveries = await sql`delete from notify_delivery where (project_id, message_id, channel) in (
      select project_id, message_id, channel from notify_delivery where told_at < ${now - KEPT_MS} order by told_at limit ${limit})`.execute(
      tx.db,
    );
    const messages = await sql`delete from notify_outbox where (project_id, message_id) in (
      select project_id, message_id from notify_outbox where routed_at < ${now - KEPT_MS} order by routed_at limit ${limit})`.execute(
      tx.db,
    );
    await tx.db
      .deleteFrom("notify_hour")
      .where("hour", "<", Math.floor((now - KEPT_MS) / 3_600_000))
      .execute();
    return Number(deliveries.numAffectedRows ?? 0n) === limit || Number(messages.numAffectedRows ?? 0n) === limit;
  },
};
