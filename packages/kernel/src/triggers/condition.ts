import type { Condition, Level, Source, Trigger } from "@prunella/contract";
import { severity } from "../gate/severity.ts";

/** An event, or a second of equal ones, as conditions see it. Empty where it says nothing. */
export interface Seen {
  readonly fault_id: string;
  /** The fault that it is shown as, when others were merged into one. */
  readonly root_id: string;
  readonly source: Source;
  readonly target: string;
  readonly level: Level;
  readonly environment: string;
  readonly release: string;
  /** Name of the probe or the heartbeat. */
  readonly origin: string;
  readonly error_class: string;
  readonly template: string;
  readonly isNew: boolean;
  readonly isRegressed: boolean;
}

/** A part of a condition that only a look at what was counted can tell. */
export type Counted = Condition & { readonly count: NonNullable<Condition["count"]> };

/** What the condition says without looking anything up; null: that depends on what was counted. */
export function judge(condition: Condition, seen: Seen): boolean | null {
  const parts = [
    isSaid(condition, seen),
    ...(condition.all ?? []).map((one) => judge(one, seen)),
    condition.any === undefined ? true : anyOf(condition.any.map((one) => judge(one, seen))),
    condition.not === undefined ? true : opposite(judge(condition.not, seen)),
  ];
  if (parts.includes(false)) return false;
  return parts.includes(null) || condition.count !== undefined ? null : true;
}

/** The same with counts looked up, and only where they matter. */
export async function judgeCounted(
  condition: Condition,
  seen: Seen,
  isReached: (counted: Counted) => Promise<boolean>,
): Promise<boolean> {
  const plain = judge(condition, seen);
  if (plain !== null) return plain;
  const { count } = condition;
  if (count !== undefined && !(await isReached({ ...condition, count }))) return false;
  for (const one of condition.all ?? []) if (!(await judgeCounted(one, seen, isReached))) return false;
  if (condition.not !== undefined && (await judgeCounted(condition.not, seen, isReached))) return false;
  if (condition.any === undefined) return true;
  for (const one of condition.any) if (await judgeCounted(one, seen, isReached)) return true;
  return false;
}

function anyOf(parts: readonly (boolean | null)[]): boolean | null {
  return parts.includes(true) ? true : parts.includes(null) ? null : false;
}

const opposite = (said: boolean | null): boolean | null => (said === null ? null : !said);

/** Exactly, code unit by code unit: a look-alike is something else. */
function isSaid(condition: Condition, seen: Seen): boolean {
  const { level, probe, heartbeat, fault, is } = condition;
  const isSame = (wanted: string | undefined, said: string) => wanted === undefined || wanted === said;
  return (
    isSame(condition.source, seen.source) &&
    isSame(condition.target, seen.target) &&
    isSame(condition.environment, seen.environment) &&
    isSame(condition.release, seen.release) &&
    isSame(condition.class, seen.error_class) &&
    isSame(condition.message, seen.template) &&
    (condition.message_begins === undefined || seen.template.startsWith(condition.message_begins)) &&
    (fault === undefined || fault === seen.fault_id || fault === seen.root_id) &&
    (level === undefined || severity(seen.level) >= severity(level)) &&
    (probe === undefined || (seen.source === "probe" && probe === seen.origin)) &&
    (heartbeat === undefined || (seen.source === "heartbeat" && heartbeat === seen.origin)) &&
    (is === undefined || (is === "new" ? seen.isNew : seen.isRegressed))
  );
}

/** What a condition can be found by, the most telling first. */
const TELLING = [
  "fault",
  "target",
  "probe",
  "heartbeat",
  "message",
  "class",
  "release",
  "is",
  "environment",
  "source",
  "level",
] as const satisfies readonly (keyof Condition)[];
type Telling = (typeof TELLING)[number];

const keyOf = (field: Telling, value: string): string => `${field} ${value}`;

export interface Keys {
  /** An event for which the condition holds has one of these. */
  readonly keys: readonly string[];
  /** How telling the least of them is; lower is better. */
  readonly rank: number;
}

/** By what a condition is found; null: any event may fulfil it. */
export function keysOf(condition: Condition): Keys | null {
  const found: Keys[] = TELLING.flatMap((field, rank) => {
    const value = condition[field];
    return value === undefined ? [] : [{ keys: [keyOf(field, value)], rank }];
  });
  for (const one of condition.all ?? []) {
    const keys = keysOf(one);
    if (keys) found.push(keys);
  }
  if (condition.any !== undefined) {
    const each = condition.any.map(keysOf);
    if (each.every((keys) => keys !== null))
      found.push({
        keys: [...new Set(each.flatMap(({ keys }) => keys))],
        rank: Math.max(...each.map(({ rank }) => rank)),
      });
  }
  return found.toSorted((a, b) => a.rank - b.rank || a.keys.length - b.keys.length)[0] ?? null;
}

const LEVELS: readonly Level[] = ["debug", "info", "warning", "error", "fatal"];

/** Under which keys conditions may stand that an event fulfils: a dozen, however many triggers there are. */
export function keysOfEvent(seen: Seen): string[] {
  const keys = [keyOf("fault", seen.fault_id), keyOf("source", seen.source)];
  const add = (field: Telling, value: string) => {
    if (value !== "") keys.push(keyOf(field, value));
  };
  if (seen.root_id !== seen.fault_id) add("fault", seen.root_id);
  add("target", seen.target);
  if (seen.source === "probe") add("probe", seen.origin);
  if (seen.source === "heartbeat") add("heartbeat", seen.origin);
  add("message", seen.template);
  add("class", seen.error_class);
  add("release", seen.release);
  add("environment", seen.environment);
  if (seen.isNew) add("is", "new");
  if (seen.isRegressed) add("is", "regressed");
  for (const level of LEVELS) if (severity(seen.level) >= severity(level)) add("level", level);
  return keys;
}

/** The target that every event has for which it holds; null: it names none. */
const targetOf = (condition: Condition): string | null =>
  condition.target ?? condition.all?.map(targetOf).find((target) => target !== null) ?? null;

/** What a trigger is about, first of all; empty: whatever its events name. */
export const mainTarget = ({ target, condition }: Pick<Trigger, "target" | "condition">): string =>
  target ?? targetOf(condition) ?? "";
