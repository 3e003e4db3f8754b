import { topicOf } from "@prunella/contract";
import { sql } from "kysely";
import { batch, skipLocked } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { setWork } from "../work/kind.ts";
import { goesTo, type Channels, type ChannelSpec } from "./channels.ts";
import { DIGEST, SEND, sendName } from "./work.ts";

type Told = Tables["notify_outbox"];

const MOST = 200;
const HOUR_MS = 3_600_000;
/** An hour; escalations are not counted. */
const OF_ONE_SUBJECT = 3;
/** Of no project alone; as for roles. */
export const OF_ALL = "*";

/**
 * Finds where messages go that were told, and queues their sending. One unit that waits for the disk: what
 * goes out afterwards is never of something that a power failure undoes. True when there may be more.
 */
export async function route(
  tx: Tx,
  now: number,
  channels: Channels,
  also: (told: Told) => void = () => undefined,
): Promise<boolean> {
  const { rows: taken } =
    await sql<Told>`update notify_outbox set routed_at = ${now} where (project_id, message_id) in (
    select project_id, message_id from notify_outbox where routed_at is null order by told_at, message_id limit ${MOST} ${skipLocked(tx.kind)})
    returning *`.execute(tx.db);
  const told = taken.toSorted((a, b) => a.told_at - b.told_at || (a.message_id < b.message_id ? -1 : 1));
  told.forEach(also);
  const ways = Map.groupBy(
    told.flatMap((message) => goesTo(channels, message).map((channel) => ({ message, channel }))),
    ({ channel }) => channel.name,
  );
  for (const [, each] of [...ways].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const channel = each[0]?.channel;
    if (channel !== undefined)
      await deliver(
        tx,
        now,
        channel,
        each.map(({ message }) => message),
      );
  }
  return taken.length === MOST;
}

async function deliver(tx: Tx, now: number, channel: ChannelSpec, told: readonly Told[]): Promise<void> {
  const hour = Math.floor(now / HOUR_MS);
  const isUrgent = ({ kind }: Told): boolean => topicOf(kind) === "escalation";
  const tests = told.filter(({ kind }) => kind === "test");
  const urgent = told.filter(isUrgent);
  const usual = told.filter((message) => !isUrgent(message) && message.kind !== "test");
  const [others, tooMany] = await withinShare(tx, channel.name, hour, usual);
  // Whoever floods a project with new faults must not use up what escalations need.
  const kept = Math.floor(channel.perHour / 4);
  const urgentNow = await takeSlots(tx, channel.name, hour, urgent.length, channel.perHour);
  const othersNow = await takeSlots(tx, channel.name, hour, others.length, channel.perHour - kept);
  const now_ = [...tests, ...urgent.slice(0, urgentNow), ...others.slice(0, othersNow)];
  const later = [...urgent.slice(urgentNow), ...others.slice(othersNow), ...tooMany];
  await insertDeliveries(tx, [
    ...now_.map((message) => ({ message, channel: channel.name, state: "waiting" as const, dueAt: now })),
    ...later.map((message) => ({
      message,
      channel: channel.name,
      state: "digest" as const,
      dueAt: (hour + 1) * HOUR_MS,
    })),
  ]);
  for (const { project_id: projectId, message_id: message } of now_)
    setWork(tx, sendName(message, channel.name), {
      kind: SEND,
      projectId,
      dueAt: now,
      payload: { message, channel: channel.name },
    });
  if (later.length > 0)
    setWork(tx, `digest.${channel.name}.${hour}`, {
      kind: DIGEST,
      projectId: OF_ALL,
      dueAt: (hour + 1) * HOUR_MS,
      payload: { channel: channel.name, hour },
    });
}

/** What comes and goes, such as a probe that is red each minute, must not use up what the rest needs: more stands in the digest. */
async function withinShare(tx: Tx, channel: string, hour: number, told: readonly Told[]): Promise<[Told[], Told[]]> {
  const [within, over]: [Told[], Told[]] = [[], []];
  const sent = new Map<string, number>();
  for (const message of told) {
    const { subject } = message;
    const before = sent.get(subject) ?? (await toldOf(tx, channel, hour, subject));
    sent.set(subject, before + 1);
    (before < OF_ONE_SUBJECT ? within : over).push(message);
  }
  return [within, over];
}

async function toldOf(tx: Tx, channel: string, hour: number, subject: string): Promise<number> {
  const before = await tx.db
    .selectFrom("notify_delivery")
    .select("message_id")
    .where("subject", "=", subject)
    .where("told_at", ">=", hour * HOUR_MS)
    .where("channel", "=", channel)
    .limit(OF_ONE_SUBJECT)
    .execute();
  return before.length;
}

/** How many of them the hour still allows; whoever asks next sees that they are taken. */
async function takeSlots(tx: Tx, channel: string, hour: number, wanted: number, most: number): Promise<number> {
  if (wanted === 0) return 0;
  const { rows } = await sql<{
    used: number;
  }>`insert into notify_hour (channel, hour, used) values (${channel}, ${hour}, 0)
    on conflict (channel, hour) do update set used = notify_hour.used returning used`.execute(tx.db);
  const free = Math.max(0, Math.min(wanted, most - (rows[0]?.used ?? 0)));
  if (free > 0)
    await tx.db
      .updateTable("notify_hour")
      .set(({ eb }) => ({ used: eb("used", "+", free) }))
      .where("channel", "=", channel)
      .where("hour", "=", hour)
      .execute();
  return free;
}

const COLUMNS = {
  project_id: "text",
  message_id: "text",
  channel: "text",
  kind: "text",
  subject: "text",
  level: "text",
  state: "text",
  told_at: "int",
  due_at: "int",
} as const;

export interface NewDelivery {
  readonly message: Pick<Told, "project_id" | "message_id" | "subject" | "level" | "told_at"> & {
    readonly kind: Told["kind"] | "digest";
  };
  readonly channel: string;
  readonly state: "waiting" | "digest";
  readonly dueAt: number;
}

export async function insertDeliveries(tx: Tx, given: readonly NewDelivery[]): Promise<void> {
  if (given.length === 0) return;
  const cells = given.map(({ message, channel, state, dueAt }) => [
    message.project_id,
    message.message_id,
    channel,
    message.kind,
    message.subject,
    message.level,
    state,
    message.told_at,
    dueAt,
  ]);
  await sql`insert into notify_delivery (project_id, message_id, channel, kind, subject, level, state, told_at, due_at, sent_at, tries, error, within)
    select project_id, message_id, channel, kind, subject, level, state, told_at, due_at, null, 0, null, null
    from ${batch(tx.kind, COLUMNS, cells)} as given where true on conflict (project_id, message_id, channel) do nothing`.execute(
    tx.db,
  );
}
