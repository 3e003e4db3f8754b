import { Event, type ErrorValue } from "@prunella/contract";
import { listAttempts } from "../attempts/list.ts";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { memberIds } from "./merge.ts";

const FRAMES_MAX = 40;
const STACK_MAX = 8_000;
const TRIED_MAX = 10;

/** What whoever mends a fault wants to know of it, beside what its row says. All of it is scrubbed already. */
export interface AboutFault {
  /** Of its newest kept event: the thrown error first, of each error its own frames before those of others. */
  readonly stack: string | null;
  readonly tried: string | null;
  /** The release that the project was in before the one it was first seen in: what came between is suspect. */
  readonly previous_release: string | null;
}

export async function aboutFault(db: Engine["reader"], fault: Tables["fault"]): Promise<AboutFault> {
  const ids = await memberIds(db, fault);
  const newest = await db
    .selectFrom("event_sample")
    .select("body")
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "in", ids)
    .orderBy("received_at", "desc")
    .orderBy("event_id")
    .limit(1)
    .executeTakeFirst();
  return {
    stack: newest === undefined ? null : stackOf(Event.parse(JSON.parse(newest.body))),
    tried: await triedOf(db, ids),
    previous_release: await releaseBefore(db, fault),
  };
}

/** A line for each of the last attempts (epoch milliseconds, action, target, end) on account of these faults, the newest first; null: there were none. */
export async function triedOf(db: Engine["reader"], faultIds: readonly string[]): Promise<string | null> {
  const { attempts } = await listAttempts(db, { faultIds, limit: TRIED_MAX });
  const lines = attempts.map(
    ({ action, target, state, refusal, created_at: at }) =>
      `${at} ${action ?? "nothing"} ${target}: ${refusal ?? state}`,
  );
  return lines.length === 0 ? null : lines.join("\n");
}

async function releaseBefore(db: Engine["reader"], fault: Tables["fault"]): Promise<string | null> {
  if (fault.first_release === "") return null;
  const [before] = await rows<{ version: string }>(db)`
    select b.version from release_seen a join release_seen b on b.project_id = a.project_id and b.first_at < a.first_at
    where a.project_id = ${fault.project_id} and a.version = ${fault.first_release}
    order by b.first_at desc, b.version limit 1`;
  return before?.version ?? null;
}

function stackOf({ errors, stack_text: text }: Event): string | null {
  const lines = errors.toReversed().flatMap((error, at) => linesOf(error, at > 0));
  const whole = lines.length > 0 ? lines.join("\n") : text;
  return whole === null ? null : whole.slice(0, STACK_MAX);
}

function linesOf({ type, value, frames }: ErrorValue, isCause: boolean): string[] {
  const last = frames.toReversed();
  const isOwn = ({ in_app: isInApp }: (typeof frames)[number]) => isInApp === true;
  const ordered = [...last.filter(isOwn), ...last.filter((frame) => !isOwn(frame))].slice(0, FRAMES_MAX);
  const place = ({ filename, module, line, column }: (typeof frames)[number]) =>
    [filename ?? module ?? "?", line, line === null ? null : column].filter((part) => part !== null).join(":");
  return [
    `${isCause ? "caused by " : ""}${type ?? "Error"}${value === null ? "" : `: ${value}`}`,
    ...ordered.map((frame) => `  ${isOwn(frame) ? "*" : " "} ${frame.function ?? "?"} (${place(frame)})`),
  ];
}
