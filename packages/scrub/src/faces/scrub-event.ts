import type { Breadcrumb, ErrorValue, Event, Frame } from "@prunella/contract";
import { markScrubbed, type DeepReadonly, type Scrubbed } from "./scrubbed.ts";
import { DEFAULTS, JsonScrubber, type JsonOptions, type RedactionCounts } from "./scrub-json.ts";

export type ScrubbedEvent = {
  event: Scrubbed<Event>;
  /** rule → how often */
  redactions: Record<string, number>;
};

/**
 * The only way an event becomes storable. Ids, enums and times stay; everything an outsider could
 * write is scrubbed, release and environment included.
 */
export function scrubEvent(given: DeepReadonly<Event>, options: EventOptions = NO_POLICY): ScrubbedEvent {
  const scrub = new JsonScrubber(options, TEXT_MAX);
  const event = options.neverKeep.length === 0 ? given : without(given, options.neverKeep);
  const memo = memoOf(options);
  const first = scrubFields(scrub, event, memo);
  const safe = scrub.everywhere(first, (again) => scrubFields(scrub, again, memo));
  return {
    event: markScrubbed<Event>(safe === first ? first : withOwnWords(safe, first)),
    redactions: scrub.counts satisfies RedactionCounts,
  };
}

/** A password may be the word for a level or a source: enums and ids stay what they are, and a target that held one is none. */
function withOwnWords(safe: DeepReadonly<Event>, first: DeepReadonly<Event>): DeepReadonly<Event> {
  const { id, source, trust, level, at, target } = first;
  return Object.freeze({ ...safe, id, source, trust, level, at, target: safe.target === target ? target : null });
}

function scrubFields(scrub: JsonScrubber, event: DeepReadonly<Event>, memo: CleanFrames): DeepReadonly<Event> {
  return Object.freeze({
    id: event.id,
    source: event.source,
    trust: event.trust,
    level: event.level,
    at: event.at,
    release: scrub.nullable(event.release, NAME_MAX),
    environment: scrub.nullable(event.environment, NAME_MAX),
    platform: scrub.nullable(event.platform, NAME_MAX),
    target: identifier(scrub, event.target),
    errors: Object.freeze(event.errors.map((error) => scrubError(scrub, error, memo))),
    message: scrub.nullable(event.message),
    message_template: scrub.nullable(event.message_template),
    stack_text: scrub.nullable(event.stack_text, STACK_TEXT_MAX),
    sdk_fingerprint: event.sdk_fingerprint === null ? null : texts(scrub, event.sdk_fingerprint),
    transaction: scrub.nullable(event.transaction, NAME_MAX),
    server_name: scrub.address(event.server_name),
    exit_code: event.exit_code,
    signal: scrub.nullable(event.signal),
    tags: scrub.within(NAME_MAX, () => scrub.any(event.tags, 0, "tags")) as Record<string, string>,
    breadcrumbs: Object.freeze(event.breadcrumbs.map((crumb) => scrubBreadcrumb(scrub, crumb))),
    context: scrub.any(event.context, 0, "context") as Record<string, unknown>,
  });
}

/** Longest text, name and raw stack that are kept. Doors hand over `CUT_SLACK` characters more, so that nothing is cut first. */
const TEXT_MAX = 8_192;
const NAME_MAX = 512;
const STACK_TEXT_MAX = 16 * 1_024;

/** Paths of fields that are never kept, beside what `JsonOptions` holds. */
export type EventOptions = JsonOptions & { readonly neverKeep: readonly (readonly string[])[] };

// One object for both, so that keys known from plain values are known here too.
const NO_POLICY: EventOptions = Object.assign(DEFAULTS, { neverKeep: [] });

/** Lists and maps become empty, other fields null; fields of tags and context are left out. */
function without(event: DeepReadonly<Event>, paths: readonly (readonly string[])[]): DeepReadonly<Event> {
  const out: DeepReadonly<Event> = { ...event };
  const fields: Record<string, unknown> = out;
  for (const [first, ...rest] of paths) {
    const value = fields[first!];
    if (rest.length > 0) fields[first!] = leaveOut(value, rest);
    else if (first === "sdk_fingerprint") fields[first] = null;
    else fields[first!] = Array.isArray(value) ? [] : typeof value === "object" && value !== null ? {} : null;
  }
  return out;
}

function leaveOut(value: unknown, path: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const out: Record<string, unknown> = { ...value };
  const [first, ...rest] = path;
  if (!Object.hasOwn(out, first!)) return value;
  if (rest.length === 0) delete out[first!];
  else out[first!] = leaveOut(out[first!], rest);
  return out;
}

/** A target that holds a secret is none: a placeholder would not be a valid name. */
function identifier(scrub: JsonScrubber, target: string | null): string | null {
  return target === null || scrub.text(target) === target ? target : null;
}

function scrubError(scrub: JsonScrubber, error: DeepReadonly<ErrorValue>, memo: CleanFrames): DeepReadonly<ErrorValue> {
  return Object.freeze({
    type: scrub.nullable(error.type, NAME_MAX),
    value: scrub.nullable(error.value),
    module: scrub.nullable(error.module, NAME_MAX),
    handled: error.handled,
    mechanism: scrub.nullable(error.mechanism, NAME_MAX),
    frames: scrubFrames(scrub, error.frames, memo),
  });
}

/**
 * Doors hand out one frozen list for equal frames, so most events of a fault bring a list that was
 * scrubbed before. What came of a list in which nothing was found is kept as long as the list.
 */
function scrubFrames(scrub: JsonScrubber, frames: readonly DeepReadonly<Frame>[], clean: CleanFrames): Frames {
  const known = clean.get(frames);
  if (known !== undefined) {
    scrub.addTexts(known.texts);
    return known.safe;
  }
  const before = scrub.total;
  let safe: Frames = [];
  const texts = scrub.textsOf(() => {
    safe = Object.freeze(frames.map((frame) => scrubFrame(scrub, frame)));
  });
  if (scrub.total === before && isFrozen(frames)) clean.set(frames, { safe, texts });
  return safe;
}

function isFrozen(frames: readonly DeepReadonly<Frame>[]): boolean {
  return (
    Object.isFrozen(frames) &&
    frames.every((f) => Object.isFrozen(f) && Object.isFrozen(f.pre_context) && Object.isFrozen(f.post_context))
  );
}

type Frames = readonly DeepReadonly<Frame>[];
type CleanFrames = WeakMap<readonly DeepReadonly<Frame>[], { readonly safe: Frames; readonly texts: string }>;

/** Each policy finds something else. */
const memos = new WeakMap<EventOptions, CleanFrames>();

function memoOf(options: EventOptions): CleanFrames {
  let memo = memos.get(options);
  if (memo === undefined) memos.set(options, (memo = new WeakMap()));
  return memo;
}

function scrubFrame(scrub: JsonScrubber, frame: DeepReadonly<Frame>): DeepReadonly<Frame> {
  // In the order in which they stand in the file.
  const pre_context = lines(scrub, frame.pre_context);
  const context_line = frame.context_line === null ? null : scrub.line(frame.context_line);
  const post_context = lines(scrub, frame.post_context);
  scrub.endLines();
  return Object.freeze({
    function: scrub.nullable(frame.function, NAME_MAX),
    module: scrub.nullable(frame.module, NAME_MAX),
    filename: scrub.nullable(frame.filename, NAME_MAX),
    line: frame.line,
    column: frame.column,
    in_app: frame.in_app,
    context_line,
    pre_context,
    post_context,
  });
}

function scrubBreadcrumb(scrub: JsonScrubber, crumb: DeepReadonly<Breadcrumb>): DeepReadonly<Breadcrumb> {
  return Object.freeze({
    at: crumb.at,
    category: scrub.nullable(crumb.category, NAME_MAX),
    level: scrub.nullable(crumb.level, NAME_MAX),
    message: scrub.nullable(crumb.message),
    data: scrub.any(crumb.data, 0, "data"),
  });
}

function texts(scrub: JsonScrubber, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? EMPTY : Object.freeze(lines.map((line) => scrub.text(line, NAME_MAX)));
}

function lines(scrub: JsonScrubber, list: readonly string[]): readonly string[] {
  return list.length === 0 ? EMPTY : Object.freeze(list.map((line) => scrub.line(line)));
}

const EMPTY: readonly string[] = Object.freeze([]);
