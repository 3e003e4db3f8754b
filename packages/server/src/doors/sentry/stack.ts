import type { ErrorValue, Frame } from "@prunella/contract";
import { bothEnds, boundedText, NAME_MAX, textOrNull, TEXT_MAX } from "../kit/bounded.ts";
import { isRecord } from "../kit/record.ts";
import { isNative, placeFrames, readImages, readPlace, type NativeContext, type Place } from "./native.ts";

type Raw = Readonly<Record<string, unknown>>;

export interface ReadErrors {
  readonly errors: ErrorValue[];
  /** Raw stack text, when a client sent text where frames belong; at most 16 KiB. */
  readonly stackText: string | null;
  /** How much was left out of the middle. */
  readonly framesCut: number;
  readonly errorsCut: number;
  /** Of a native crash: what a symbol server would be asked. */
  readonly native: NativeContext | null;
}

/**
 * The chain of errors of one event, oldest cause first. Frames are taken from the errors; when none has
 * any, from the event's own `stacktrace` or its crashed thread. A message with a stack but no error
 * becomes one error without a type, as the newest SDKs send it.
 */
export function readErrors(event: Raw, message: string | null): ReadErrors {
  const listed = errorList(event.exception ?? event["sentry.interfaces.Exception"]);
  const kept = bothEnds(listed, ERRORS_HEAD, ERRORS_TAIL);
  const images = readImages(event.debug_meta);
  let framesCut = 0;
  let stackText: string | null = null;
  let native: NativeContext | null = null;
  const take = (stacktrace: unknown): Frame[] => {
    if (typeof stacktrace === "string") {
      stackText = boundedText(stacktrace, STACK_TEXT_MAX);
      return [];
    }
    const given = isRecord(stacktrace) ? stacktrace.frames : stacktrace;
    const { frames, cut, places } = given instanceof FrameList ? given : readFrames(given);
    framesCut += cut;
    if (places === null) return frames;
    const placed = placeFrames(frames, places, images);
    // The last one read is what was thrown.
    native = placed.context ?? native;
    return placed.frames;
  };
  const errors: ErrorValue[] = [];
  for (const raw of kept) {
    const error = readError(raw, take(raw.stacktrace ?? threadOf(event.threads, raw.thread_id)));
    if (error.type !== null || error.value !== null || error.frames.length > 0) errors.push(error);
  }
  if (!errors.some((error) => error.frames.length > 0)) {
    const frames = take(event.stacktrace ?? event["sentry.interfaces.Stacktrace"] ?? crashedThread(event.threads));
    const thrown = errors.at(-1);
    if (frames.length > 0 && thrown !== undefined) errors[errors.length - 1] = { ...thrown, frames };
    else if (frames.length > 0) {
      // A program that ended with a text (Go's `panic("…")`) ended at a place: that decides. A message was only logged there.
      const value = event.level === "fatal" && message !== null ? null : message;
      const said = message === null ? named(null, null, frames, null) : { type: null, value };
      errors.push({ ...said, module: null, handled: null, mechanism: null, frames });
    }
  }
  return { errors, stackText, framesCut, errorsCut: listed.length - kept.length, native };
}

// The crash end decides grouping, the other end says how the program got there.
const FRAMES_HEAD = 50;
const FRAMES_TAIL = 200;
const ERRORS_HEAD = 10;
const ERRORS_TAIL = 40;
const STACK_TEXT_MAX = 16 * 1024;
const CONTEXT_LINES_MAX = 20;

/** `{values: […]}`, a bare list, or a single error: all three are in the wild. */
export function errorList(exception: unknown): Raw[] {
  const values = isRecord(exception) && "values" in exception ? exception.values : exception;
  if (Array.isArray(values)) return values.filter(isRecord);
  return isRecord(values) ? [values] : [];
}

function readError(raw: Raw, frames: Frame[]): ErrorValue {
  const mechanism = isRecord(raw.mechanism) ? raw.mechanism : null;
  const type = textOrNull(raw.type, NAME_MAX);
  const value = typeof raw.value === "object" && raw.value !== null ? objectText(raw.value) : textOrNull(raw.value);
  return {
    ...named(type, value, frames, mechanism),
    module: textOrNull(raw.module, NAME_MAX),
    handled: typeof mechanism?.handled === "boolean" ? mechanism.handled : null,
    mechanism: textOrNull(mechanism?.type, NAME_MAX),
    frames,
  };
}

/** A signal, an exception of Mach or of Windows: how the system stops a program, not what was wrong in it. */
const STOPPED = /^(?:SIG[A-Z0-9]{2,8}|EXC_[A-Z_]{3,30}|EXCEPTION_[A-Z_]{3,40}|0x[0-9a-f]{8})$/i;

/**
 * What has no class has the name of the function it failed in; so has what an SDK made up a class for
 * (`synthetic`), where that says no more than that the program was stopped.
 */
function named(
  type: string | null,
  value: string | null,
  frames: readonly Frame[],
  mechanism: Raw | null,
): Pick<ErrorValue, "type" | "value"> {
  const isMadeUp = mechanism?.synthetic === true && type !== null && STOPPED.test(type);
  if (!isMadeUp && (type !== null || value !== null)) return { type, value };
  const own = frames.findLast((frame) => frame.in_app === true && frame.function !== null);
  const call = (own ?? frames.findLast((frame) => frame.function !== null))?.function ?? null;
  if (!isMadeUp || call === null) return { type: type ?? call, value };
  return { type: call, value: value === null ? type : `${type}: ${value}` };
}

/** An object where text belongs. Only its keys are said: writing all of it could be deep or long. */
function objectText(value: object): string {
  return boundedText(`[object: ${Object.keys(value).slice(0, 20).join(", ")}]`, TEXT_MAX);
}

/** What was read of a list of frames; frozen when it serves more than one event. */
export class FrameList {
  readonly frames: Frame[];
  /** How many were left out of the middle. */
  readonly cut: number;
  /** Where frames of native code stand, in order; null when none is. What that means depends on the event's images. */
  readonly places: readonly Place[] | null;

  constructor(frames: Frame[], cut: number, places: readonly Place[] | null) {
    this.frames = frames;
    this.cut = cut;
    this.places = places;
  }
}

export function readFrames(given: unknown): FrameList {
  const frames = Array.isArray(given) ? given.filter(isRecord) : [];
  const ends = bothEnds(frames, FRAMES_HEAD, FRAMES_TAIL);
  const places = ends.some(isNative) ? ends.map(readPlace) : null;
  return new FrameList(ends.map(readFrame), frames.length - ends.length, places);
}

/** `vars` is left out on purpose: it is where secrets are, and nothing here reads it. */
function readFrame(raw: Raw): Frame {
  return {
    function: textOrNull(raw.function, NAME_MAX),
    module: textOrNull(raw.module, NAME_MAX),
    filename: textOrNull(raw.filename, NAME_MAX) ?? textOrNull(raw.abs_path, NAME_MAX),
    line: position(raw.lineno),
    column: position(raw.colno),
    in_app: typeof raw.in_app === "boolean" ? raw.in_app : null,
    context_line: typeof raw.context_line === "string" ? boundedText(raw.context_line, NAME_MAX) : null,
    pre_context: lines(raw.pre_context),
    post_context: lines(raw.post_context),
  };
}

function position(value: unknown): number | null {
  const number = typeof value === "string" && value.length <= 10 ? Number.parseInt(value, 10) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function lines(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  const kept: string[] = [];
  for (let i = 0; i < value.length && i < CONTEXT_LINES_MAX; i += 1) {
    const line: unknown = value[i];
    kept.push(typeof line === "string" ? boundedText(line, NAME_MAX) : "");
  }
  return kept;
}

/** The stack of the thread that an error says it was thrown in. */
function threadOf(threads: unknown, id: unknown): unknown {
  if (typeof id !== "string" && typeof id !== "number") return undefined;
  return errorList(threads).find((one) => String(one.id) === String(id))?.stacktrace;
}

function crashedThread(threads: unknown): unknown {
  const list = errorList(threads);
  const thread = list.find((one) => one.crashed === true) ?? list.find((one) => one.current === true) ?? list[0];
  return thread?.stacktrace;
}
