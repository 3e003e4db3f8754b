import { sql } from "kysely";
import type { AuditDeps } from "../audit/audit.ts";
import type { Core } from "../core.ts";
import type { Tx } from "../store/engine.ts";
import { addWork, setWork, workKind, type WorkKind } from "../work/kind.ts";
import { quietUntil, type Channels, type Sent } from "./channels.ts";
import { messageOf, type Delivered, type Describe } from "./describe.ts";
import { addDispatched } from "./dispatched.ts";
import { EVENT_OF, happen } from "./events.ts";
import { insertDeliveries, OF_ALL, route } from "./route.ts";
import { DIGEST, ROUTE, SEND, sendName } from "./work.ts";

const BACKOFF_MS = { first: 2_000, most: 900_000 };
/** Longer is not waited for because the other end says so. */
const LONGEST_WAIT_MS = 3_600_000;
/** What could not be handed over within a day is left, and shown. */
const LIFE_MS = 24 * 3_600_000;
/** Under the time after which the item may be claimed by another process. */
const ANSWER_MS = 20_000;
const MAX_ERROR = 200;

export type NotifyDeps = Core &
  AuditDeps & {
    readonly channels: Channels;
    readonly describe: Describe;
    /** What else is written when a message has come to its end at a channel, in the same unit. */
    readonly onEnd?: (tx: Tx, row: Delivered, state: "sent" | "failed") => Promise<void>;
  };

/** From the outbox to people. What fails here is tried again by itself and never becomes a question: that would be one more message. */
export function notifications(deps: NotifyDeps): WorkKind[] {
  const { db, writer, clock, channels } = deps;
  /** Channels that do not take messages now: told once. */
  const failing = new Set<string>();

  const read = (messageId: string, channel: string): Promise<Delivered | undefined> =>
    db
      .selectFrom("notify_delivery")
      .selectAll()
      .where("message_id", "=", messageId)
      .where("channel", "=", channel)
      .executeTakeFirst();

  const update = (tx: Tx, row: Delivered, values: Partial<Delivered>) =>
    tx.db
      .updateTable("notify_delivery")
      .set(values)
      .where("project_id", "=", row.project_id)
      .where("message_id", "=", row.message_id)
      .where("channel", "=", row.channel)
      .where("state", "=", "waiting")
      .execute();

  /** The same item again, later. */
  const again = (tx: Tx, row: Delivered, dueAt: number): void =>
    setWork(tx, sendName(row.message_id, row.channel), {
      kind: SEND,
      projectId: row.project_id,
      dueAt,
      payload: { message: row.message_id, channel: row.channel },
    });

  /** A message has come to its end at a channel, and with a digest all that stand in it. */
  async function noteEnd(tx: Tx, row: Delivered, state: "sent" | "failed", isMail: boolean): Promise<void> {
    const told =
      row.kind === "digest"
        ? await tx.db
            .selectFrom("notify_delivery")
            .selectAll()
            .where("within", "=", row.message_id)
            .orderBy("told_at")
            .orderBy("message_id")
            .execute()
        : [row];
    for (const one of told) {
      await addDispatched(tx, deps, { row: one, state, tries: row.tries + 1, isMail, at: clock.now() });
      await deps.onEnd?.(tx, one, state);
    }
  }

  async function handOver(row: Delivered): Promise<Sent | { readonly kind: "superseded" }> {
    const message = await messageOf(db, deps.describe, row);
    if (message === null) return { kind: "superseded" };
    const { promise, resolve } = Promise.withResolvers<Sent>();
    const cancel = clock.after(ANSWER_MS, () =>
      resolve({ kind: "later", error: "nobody answered in time", afterMs: null }),
    );
    const sent = await Promise.race([
      promise,
      channels
        .send(row.channel, message)
        .catch((): Sent => ({ kind: "later", error: "it could not be sent", afterMs: null })),
    ]);
    cancel();
    return sent;
  }

  function say(channel: string, error: string | null): void {
    if (error !== null && !failing.has(channel)) {
      failing.add(channel);
      deps.log.warn(`messages do not arrive at the channel ${channel} and will be sent again: ${error}`);
    } else if (error === null && failing.delete(channel))
      deps.log.info(`messages arrive at the channel ${channel} again`);
  }

  return [
    workKind(ROUTE, ({ finish, projectId }) =>
      writer.run(async (tx) => {
        finish(tx);
        const isMore = await route(tx, clock.now(), channels, ({ project_id, kind, subject, level, told_at: at }) => {
          const type = EVENT_OF[kind];
          if (type !== null) happen(tx, deps.newId, { projectId: project_id, type, subject, at, fields: { level } });
        });
        if (isMore) addWork(tx, deps.newId, { kind: ROUTE, projectId, dueAt: clock.now(), payload: {} });
      }),
    ),
    workKind(SEND, async ({ payload, finish }) => {
      const row = await read(payload.message, payload.channel);
      const spec = channels.list().find(({ name }) => name === payload.channel);
      if (row?.state !== "waiting") return writer.run(finish);
      const wait = spec === undefined ? null : quietUntil(clock.now(), spec, row);
      if (wait !== null)
        return writer.run(async (tx) => {
          finish(tx);
          await update(tx, row, { due_at: wait });
          again(tx, row, wait);
        });
      const came: Sent | { readonly kind: "superseded" } =
        spec === undefined ? { kind: "refused", error: "there is no such channel any more" } : await handOver(row);
      const isMail = spec?.isMail === true;
      await writer.run(async (tx) => {
        finish(tx);
        const now = clock.now();
        const tries = row.tries + 1;
        if (came.kind === "sent") {
          await update(tx, row, { state: "sent", sent_at: now, tries, error: null });
          return noteEnd(tx, row, "sent", isMail);
        }
        if (came.kind === "superseded") return update(tx, row, { state: "superseded", tries: row.tries });
        const error = came.error.replaceAll(/[^ -~]/g, " ").slice(0, MAX_ERROR);
        if (came.kind === "refused" || now - row.told_at > LIFE_MS) {
          await update(tx, row, { state: "failed", tries, error });
          return noteEnd(tx, row, "failed", isMail);
        }
        const backoff = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(row.tries, 20));
        const dueAt = now + Math.min(LONGEST_WAIT_MS, Math.max(backoff, came.afterMs ?? 0));
        await update(tx, row, { tries, error, due_at: dueAt });
        again(tx, row, dueAt);
      });
      if (came.kind !== "superseded") say(row.channel, came.kind === "sent" ? null : came.error);
      deps.publish("messages", row.message_id);
    }),
    workKind(DIGEST, ({ payload: { channel, hour }, finish }) =>
      writer.run(async (tx) => {
        finish(tx);
        const now = clock.now();
        const messageId = `digest.${channel}.${hour}`;
        const over = await tx.db
          .updateTable("notify_delivery")
          .set({ state: "digested", within: messageId })
          .where("channel", "=", channel)
          .where("state", "=", sql.lit("digest"))
          .returning("level")
          .execute();
        if (over.length === 0) return;
        const level = LEVELS.find((each) => over.some((row) => row.level === each)) ?? "info";
        const message = { project_id: OF_ALL, message_id: messageId, subject: channel, level, told_at: now };
        await insertDeliveries(tx, [
          { message: { ...message, kind: "digest" }, channel, state: "waiting", dueAt: now },
        ]);
        setWork(tx, sendName(messageId, channel), {
          kind: SEND,
          projectId: OF_ALL,
          dueAt: now,
          payload: { message: messageId, channel },
        });
      }),
    ),
  ];
}

const LEVELS = ["fatal", "error", "warning", "info", "debug"] as const;
