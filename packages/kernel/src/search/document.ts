import type { Event } from "@prunella/contract";
import type { DeepReadonly } from "@prunella/scrub";
import { GAP } from "../store/full-text.ts";
import { endsOf, rawWords, toWord } from "./words.ts";

type KeptEvent = DeepReadonly<Event>;

/** What a search looks at, as people call it. */
export const SEARCHED = [
  "titles",
  "places",
  "messages",
  "causes",
  "functions and files",
  "tags",
  "users",
  "releases",
  "environments",
  "targets",
  "event ids",
  "fault ids",
] as const;

/** Words of one fault; more say nothing more of it. */
const MOST_WORDS = 4_000;
const MOST_ENDS = 1_000;
/** Of one text; a message may be a megabyte. */
const LONGEST_TEXT = 4_000;

export interface Described {
  readonly faultId: string;
  readonly title: string;
  readonly culprit: string;
  readonly events: readonly KeptEvent[];
}

/** The words by which a fault is found, from its kept bodies: they are scrubbed, and so is this. */
export function documentOf({ faultId, title, culprit, events }: Described): string[] {
  const words: string[] = [];
  const ends = new Set<string>();
  const seen = new Set<string>();
  const add = (text: string | null | undefined): void => {
    const short = (text ?? "").slice(0, LONGEST_TEXT);
    if (short === "" || seen.has(short) || words.length >= MOST_WORDS) return;
    seen.add(short);
    for (const raw of rawWords(short)) {
      words.push(toWord(raw));
      for (const end of endsOf(raw)) if (ends.size < MOST_ENDS) ends.add(end);
    }
    words.push(GAP);
  };
  for (const text of [...idTexts(faultId), title, culprit]) add(text);
  for (const event of events) for (const text of headTexts(event)) add(text);
  for (const event of events) for (const text of frameTexts(event)) add(text);
  return [...words.slice(0, MOST_WORDS), GAP, ...ends];
}

/** Whole, as tables shorten it, and in the parts that its dashes make. */
const idTexts = (id: string): string[] => [id.replaceAll("-", ""), id.slice(-8), id];

function* headTexts(event: KeptEvent): Generator<string | null> {
  yield* [event.id, event.message, event.message_template, event.transaction, event.server_name];
  yield* [event.release, event.environment, event.target, event.signal];
  for (const { type, value, module } of event.errors) yield* [type, value, module];
  for (const [key, value] of Object.entries(event.tags)) yield `${key} ${value}`;
  yield* userTexts(event);
}

function* frameTexts(event: KeptEvent): Generator<string | null> {
  let isParsed = false;
  for (const { frames } of event.errors)
    // The newest call stands last and says most.
    for (const frame of frames.toReversed()) {
      isParsed = true;
      yield* [frame.function, frame.filename, frame.module];
    }
  if (!isParsed) yield event.stack_text;
}

function userTexts({ context }: KeptEvent): string[] {
  const { user } = context;
  return typeof user === "object" && user !== null
    ? Object.values(user).filter((value): value is string => typeof value === "string")
    : [];
}

const LONGEST_USER = 200;
const NAMES = ["id", "username", "email"] as const;
/** All that the scrubber left of it, which is the same for everybody. */
const IS_REDACTION = /^\[REDACTED:[^\]]{1,40}\]$/;

/** Who met the failure, as the event says after scrubbing; null when it does not, or nothing of it is left. */
export function userOf({ context }: KeptEvent): string | null {
  const user: unknown = context["user"];
  if (typeof user !== "object" || user === null) return null;
  const given = new Map<string, unknown>(Object.entries(user));
  for (const name of NAMES) {
    const value = given.get(name);
    if (typeof value === "number") return String(value);
    if (typeof value === "string" && value !== "" && !IS_REDACTION.test(value)) return value.slice(0, LONGEST_USER);
  }
  return null;
}
