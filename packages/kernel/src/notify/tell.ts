import type { Level, MessageKind } from "@prunella/contract";
import { sql } from "kysely";
import type { NewId } from "../ids.ts";
import { batch } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import { setWork } from "../work/kind.ts";
import { ROUTE } from "./work.ts";

/** What people are to be told: by ids alone. What a message says is looked up when it goes out. */
export interface Telling {
  readonly kind: MessageKind;
  readonly projectId: string;
  /** The fault, escalation, attempt or sprint that it speaks of. */
  readonly subject: string;
  readonly at: number;
  /** How bad it is, for rules and quiet hours; an `error` where nothing else says. */
  readonly level?: Level;
  /** Told once under this name, however often the unit that tells it is done again. */
  readonly once?: string;
}

/** What tells itself by its name: an escalation opens once, a fault is new once. */
type Named = Telling & { readonly once: string };

/**
 * Puts a message into the outbox, in the unit that does what it tells: there is never one without the
 * other. Returns its id, which is the same each time that it is sent.
 */
export async function tell(tx: Tx, newId: NewId, given: Telling): Promise<string> {
  const messageId = given.once === undefined ? newId() : nameOf(given.kind, given.once);
  await put(tx, [[messageId, given]]);
  return messageId;
}

/** The same of several that have names of their own, in one statement. */
export async function tellAll(tx: Tx, given: readonly Named[]): Promise<void> {
  if (given.length > 0)
    await put(
      tx,
      given.map((one) => [nameOf(one.kind, one.once), one]),
    );
}

const nameOf = (kind: MessageKind, once: string): string => `${kind}.${once}`;

const COLUMNS = {
  project_id: "text",
  message_id: "text",
  kind: "text",
  subject: "text",
  level: "text",
  told_at: "int",
} as const;

async function put(tx: Tx, messages: readonly (readonly [string, Telling])[]): Promise<void> {
  const cells = messages.map(([messageId, { projectId, kind, subject, level = "error", at }]) => [
    projectId,
    messageId,
    kind,
    subject,
    level,
    at,
  ]);
  await sql`insert into notify_outbox (project_id, message_id, kind, subject, level, told_at, routed_at)
    select project_id, message_id, kind, subject, level, told_at, null from ${batch(tx.kind, COLUMNS, cells)} as given where true
    on conflict (project_id, message_id) do nothing`.execute(tx.db);
  const [first] = messages;
  if (first === undefined) return;
  const [messageId, { projectId, at }] = first;
  setWork(tx, `route.${messageId}`, { kind: ROUTE, projectId, dueAt: at, payload: {} });
}
