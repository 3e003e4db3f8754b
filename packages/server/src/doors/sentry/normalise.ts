import { Target, type Breadcrumb, type Event, type Level, type Trust } from "@prunella/contract";
import { boundedText, boundedValue, NAME_MAX, textOrNull } from "../kit/bounded.ts";
import { clampMoment, readMoment } from "../kit/moment.ts";
import { isRecord } from "../kit/record.ts";
import { fillMessage } from "./message-params.ts";
import { readErrors } from "./stack.ts";

type Raw = Readonly<Record<string, unknown>>;

export interface NormaliseOptions {
  readonly trust: Trust;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** The id when the event has none of its own: 32 lower-case hex digits. */
  readonly fallbackId: string;
}

/**
 * One Sentry event, in any of the shapes SDKs of ten years send, as an `Event`; null when it is not an
 * object or is a transaction. Takes what it understands and leaves the rest: the published schema
 * rejects a third of real events. Everything that comes out is bounded.
 */
export function normaliseEvent(raw: unknown, { trust, receivedAt, fallbackId }: NormaliseOptions): Event | null {
  if (!isRecord(raw) || raw.type === "transaction") return null;
  const said = readMessage(raw);
  const { errors, stackText, framesCut, errorsCut, native } = readErrors(raw, said.message);
  const { tags, tagsCut } = readTags(raw.tags);
  const crumbs = listOf(raw.breadcrumbs);
  const context = readContext(raw);
  const crumbsCut = Math.max(0, crumbs.length - BREADCRUMBS_MAX);
  if (native !== null) context.native = native;
  if (framesCut + errorsCut + crumbsCut + tagsCut > 0) {
    context.cut = { frames: framesCut, errors: errorsCut, breadcrumbs: crumbsCut, tags: tagsCut };
  }
  return {
    id: readEventId(raw.event_id) ?? fallbackId,
    source: "sentry",
    trust,
    level: readLevel(raw.level),
    at: clampMoment(readMoment(raw.timestamp), receivedAt),
    release: textOrNull(raw.release, NAME_MAX),
    environment: textOrNull(raw.environment, NAME_MAX),
    platform: textOrNull(raw.platform, NAME_MAX),
    target: readTarget(tags),
    errors,
    message: said.message,
    message_template: said.template,
    stack_text: stackText,
    sdk_fingerprint: readFingerprint(raw.fingerprint),
    transaction: textOrNull(raw.transaction ?? raw.culprit, NAME_MAX),
    server_name: textOrNull(raw.server_name, NAME_MAX),
    exit_code: null,
    signal: null,
    tags,
    breadcrumbs: crumbs.slice(-BREADCRUMBS_MAX).map(readBreadcrumb),
    context,
  };
}

/** An id with or without hyphens in either case, as 32 lower-case hex digits; null for anything else and for all zeros. */
export function readEventId(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 36) return null;
  const id = (value.includes("-") ? value.replaceAll("-", "") : value).toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) && id !== NIL_ID ? id : null;
}

/** Sentry's levels, the words other loggers use, and Python's numbers. Unknown is `error`: nobody sends good news. */
export function readLevel(value: unknown): Level {
  const word = textOrNull(value, NAME_MAX);
  return (word === null ? undefined : LEVELS.get(word.toLowerCase())) ?? "error";
}

/** What the event names for remedies, when that is a well-formed target; a name alone is a program's. */
function readTarget(tags: Readonly<Record<string, string>>): string | null {
  const named = tags["prunella.target"] ?? tags.prunella_target;
  if (named === undefined) return null;
  const target = named.includes(":") ? named : `program:${named}`;
  return Target.safeParse(target).success ? target : null;
}

const NIL_ID = "0".repeat(32);
const BREADCRUMBS_MAX = 100;
const TAGS_MAX = 64;
const FINGERPRINT_MAX = 32;
const DEBUG_IMAGES_MAX = 100;
/** A UUID with hyphens. */
const DEBUG_ID_MAX = 36;
const CONTEXT_KEYS = ["request", "user", "contexts", "extra"] as const;

const LEVELS: ReadonlyMap<string, Level> = new Map<string, Level>([
  ["fatal", "fatal"],
  ["critical", "fatal"],
  ["50", "fatal"],
  ["error", "error"],
  ["40", "error"],
  ["warning", "warning"],
  ["warn", "warning"],
  ["30", "warning"],
  ["info", "info"],
  ["log", "info"],
  ["20", "info"],
  ["debug", "debug"],
  ["trace", "debug"],
  ["10", "debug"],
]);

/**
 * `logentry`, or `message` as text or as an object. Old clients send text and parameters apart: the
 * template groups, and people read it with its values.
 */
function readMessage(raw: Raw): { message: string | null; template: string | null } {
  const entry = raw.logentry ?? raw["sentry.interfaces.Message"] ?? raw.message;
  const plain = textOrNull(raw.message);
  if (!isRecord(entry)) return { message: textOrNull(entry) ?? plain, template: null };
  const template = textOrNull(entry.message);
  const areReprs = entry === raw["sentry.interfaces.Message"] && raw.platform === "python";
  // Some clients send the template as formatted text too, and as the event's own message.
  const said = [textOrNull(entry.formatted), plain].find((text) => text !== null && text !== template) ?? null;
  const message = said ?? (template === null ? null : (fillMessage(template, entry.params, { areReprs }) ?? template));
  return { message, template };
}

/** An object, a list of pairs, or a list of `{key, value}`. */
function readTags(raw: unknown): { tags: Record<string, string>; tagsCut: number } {
  const tags: Record<string, string> = {};
  let kept = 0;
  let tagsCut = 0;
  const add = (key: unknown, value: unknown): void => {
    // Assigning __proto__ would set the prototype; no honest tag has that name.
    if (typeof key !== "string" || key === "" || key === "__proto__") return;
    const text = kept < TAGS_MAX ? textOrNull(value, NAME_MAX) : null;
    if (text !== null) {
      tags[boundedText(key, NAME_MAX)] = text;
      kept += 1;
    } else if (kept >= TAGS_MAX) tagsCut += 1;
  };
  if (Array.isArray(raw)) {
    for (const tag of raw) {
      if (Array.isArray(tag)) add(tag[0], tag[1]);
      else if (isRecord(tag)) add(tag.key, tag.value);
    }
  } else if (isRecord(raw)) for (const key in raw) add(key, raw[key]);
  return { tags, tagsCut };
}

function listOf(raw: unknown): readonly unknown[] {
  const list = isRecord(raw) ? raw.values : raw;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function readBreadcrumb(raw: unknown): Breadcrumb {
  const crumb = isRecord(raw) ? raw : {};
  return {
    at: readMoment(crumb.timestamp),
    category: textOrNull(crumb.category ?? crumb.type, NAME_MAX),
    level: textOrNull(crumb.level, NAME_MAX),
    message: textOrNull(crumb.message),
    data: crumb.data === undefined ? null : boundedValue(crumb.data),
  };
}

/** Other words for our own parts. */
const AUTO = /^\{\{ {0,8}(?:auto|default) {0,8}\}\}$/i;

function readFingerprint(raw: unknown): string[] | null {
  if (!Array.isArray(raw)) return typeof raw === "string" && raw !== "" ? [boundedText(raw, NAME_MAX)] : null;
  const parts: string[] = [];
  for (const part of raw.slice(0, FINGERPRINT_MAX)) {
    const text = textOrNull(part, NAME_MAX);
    if (text !== null) parts.push(AUTO.test(text) ? "{{ default }}" : text);
  }
  return parts.length === 0 ? null : parts;
}

/** `modules`, `spans` and `sdk.integrations` are left out: they are large, and no one here reads them. */
function readContext(raw: Raw): Record<string, unknown> {
  const context: Record<string, unknown> = {};
  for (const key of CONTEXT_KEYS) {
    const value = raw[key] ?? (key === "request" ? raw["sentry.interfaces.Http"] : undefined);
    if (value !== undefined && value !== null) context[key] = boundedValue(value);
  }
  if (isRecord(raw.sdk)) {
    context.sdk = { name: textOrNull(raw.sdk.name, NAME_MAX), version: textOrNull(raw.sdk.version, NAME_MAX) };
  }
  const images = readDebugImages(raw.debug_meta);
  if (images.length > 0) context.debug_images = images;
  return context;
}

/** Of `debug_meta`, which built file carries which debug id: what frames are looked up by in source maps. */
function readDebugImages(raw: unknown): { code_file: string; debug_id: string }[] {
  const images: { code_file: string; debug_id: string }[] = [];
  if (!isRecord(raw) || !Array.isArray(raw.images)) return images;
  for (let at = 0; at < raw.images.length && images.length < DEBUG_IMAGES_MAX; at += 1) {
    const image: unknown = raw.images[at];
    if (!isRecord(image) || image.type !== "sourcemap") continue;
    const file = textOrNull(image.code_file, NAME_MAX);
    const id = textOrNull(image.debug_id, DEBUG_ID_MAX);
    if (file !== null && id !== null) images.push({ code_file: file, debug_id: id });
  }
  return images;
}
