import type { ErrorValue, Event, Fingerprints } from "@prunella/contract";
import { scrubEvent } from "../faces/scrub-event.ts";
import { sha256 } from "../text/sha256.ts";
import { isClean, type DeepReadonly } from "../faces/scrubbed.ts";
import { readCause } from "../stacks/cause-line.ts";
import { parseStack, type ParsedStack } from "../stacks/parse-stack.ts";
import { readLines } from "../stacks/read-lines.ts";
import { isGroup, membersDecide, titledGroup } from "./exception-group.ts";
import type { Versioned } from "./version.ts";
import { cleanFrames, isNameless, kernelFrames, recursion } from "./v1-frames.ts";
import { cleanClass } from "./v1-names.ts";
import { kindOfPanic } from "./v1-panic.ts";
import { plainMessage } from "../stacks/json-log.ts";
import { messageTemplate } from "./v1-template.ts";

/** Errors of one chain that count, from the thrown one. */
const CHAIN = 6;
/** Frames of the thrown error that count, from the crash end; of each cause; and of a trace for similarity. */
const TOP = 6;
const TOP_OF_CAUSE = 3;
const TRACE = 24;
/** Errors of a chain without any stack that count. */
const MAX_CAUSES = 12;
/** Characters of a text without any stack that count. */
const SAID = 300;

type ReadError = DeepReadonly<ErrorValue>;

/**
 * Version 1: parsers for every language, generated names and machinery left out, kernel reports by
 * (bug type, crash function). A raw event is scrubbed first, whole, because what is removed at one
 * place of it goes from the others too; so the raw and the scrubbed one have one key. The parsers and the scrubber that it calls may change; `golden/` pins what all
 * of them give together. Keys and trace come at once, because reading the text is most of the work.
 */
export function fingerprintV1(given: DeepReadonly<Event>): Versioned {
  const event = cleanOf(given);
  const errors = errorsOf(event);
  const thrown = errors.at(-1);
  const className = classOf(thrown);
  const message = messageOf(event, thrown);
  const template = message === null ? null : messageTemplate(plainMessage(message));
  const isKernel = thrown?.mechanism === "kernel";
  const stacks = errors.map((error, i) => stackOf(error, i === errors.length - 1 ? TRACE : TOP));
  const isLogged = thrown !== undefined && thrown.type === null && orNothing(thrown.value) !== null && isMessage(event);
  const topFrame = isLogged ? null : (stacks.findLast((stack) => stack.length > 0)?.[0] ?? null);
  // Where the frame on top has no name, or all frames are a library's, the message's own words tell two failures apart.
  const isSaid = topFrame !== null && (isNameless(topFrame) || (!isKernel && isForeign(errors)));
  const said = isSaid ? template : kindOfPanic(className, message, template);

  const base =
    topFrame === null
      ? byMessage(event, className, template, causesOf(errors))
      : isKernel
        ? { by: "stack" as const, parts: ["v1 kernel", `class ${className}`, `at ${topFrame}`] }
        : byStack(errors, stacks, said);
  const { by, parts } = withSdkParts(event.sdk_fingerprint, base);
  return {
    fingerprints: {
      version: 1,
      strict: digest(parts),
      loose: topFrame === null ? null : digest(["v1 loose", className, topFrame, ...(said === null ? [] : [said])]),
      message: template === null ? null : digest(["v1 message", className, template]),
      by,
      parts,
    },
    trace: {
      type: isLogged ? className : withRoot(className, errors),
      said: template ?? "",
      frames: isLogged ? [] : traceFrames(stacks, isSaid && !isNameless(topFrame) ? template : null),
    },
  };
}

/**
 * An error without class and with a text is a logged message when an SDK sends it; its frames are the
 * logger's, which all messages share. What ended a program, or stood in a text, has frames of its own.
 */
function isMessage({ source, level, errors }: DeepReadonly<Event>): boolean {
  return source !== "supervisor" && level !== "fatal" && errors.length > 0;
}

/** The event as the scrubber leaves it. What came out of the scrubber is not scrubbed again. */
export function cleanOf(event: DeepReadonly<Event>): DeepReadonly<Event> {
  return isClean(event) ? event : scrubEvent(event).event.value;
}

/** The errors of a clean event, the deciding one last; from its text when no door parsed it. */
export function errorsOf(event: DeepReadonly<Event>): readonly ReadError[] {
  return membersDecide(chainOf(event));
}

/** The group around the deciding error, where the group is what a title names. */
export function groupOf(event: DeepReadonly<Event>): ReadError | null {
  return titledGroup(chainOf(event));
}

function chainOf(event: DeepReadonly<Event>): readonly ReadError[] {
  if (event.errors.length > 0) return event.errors;
  // What somebody logged as a message may be a whole stack.
  if (event.stack_text === null) return stackIn(event.message)?.errors ?? event.errors;
  const errors = parseStack(event.stack_text)?.errors;
  if (errors !== undefined) return errors;
  // What a program said last is a message already where a door read it.
  const cause = orNothing(event.message) === null || event.source === "supervisor" ? readCause(event.stack_text) : null;
  return cause === null ? [] : [cause];
}

function stackIn(message: string | null): ParsedStack | null {
  if (message?.includes("\n") !== true) return null;
  const parsed = parseStack(message);
  return parsed?.errors.some(({ frames }) => frames.length > 0) === true ? parsed : null;
}

/**
 * What groups by its words: the error's own, unless it has no class and only says the event's message
 * again, as logged messages with a stack do: then the template without the values in it.
 */
function messageOf(event: DeepReadonly<Event>, thrown: ReadError | undefined): string | null {
  const own = orNothing(thrown?.value);
  const template = orNothing(event.message_template);
  const repeats = thrown?.type === null && own !== null && own.trim() === event.message?.trim();
  return (repeats ? template : null) ?? own ?? template ?? orNothing(event.message);
}

function stackOf(error: ReadError, max: number): readonly string[] {
  if (error.mechanism === "kernel") return kernelFrames(error.frames, max);
  const overflowed =
    /StackOverflow|RecursionError|stack[- ]overflow|SystemStackError/i.test(error.type ?? "") ||
    /Maximum call stack|maximum recursion depth|too much recursion|stack level too deep|stack overflow/i.test(
      (error.value ?? "").slice(0, 300),
    );
  const round = overflowed ? recursion(error.frames) : [];
  if (round.length > 0) return round;
  return Object.isFrozen(error.frames) ? cleanFrozenFrames(error.frames, max) : cleanFrames(error.frames, max);
}

/** The scrubber hands out one frozen list for equal frames, so most events of a fault bring a list that was read. */
function cleanFrozenFrames(frames: ReadError["frames"], max: number): readonly string[] {
  const known = stacksKnown.get(frames);
  if (known?.max === max) return known.stack;
  const stack = cleanFrames(frames, max);
  stacksKnown.set(frames, { max, stack });
  return stack;
}

const stacksKnown = new WeakMap<ReadError["frames"], { max: number; stack: readonly string[] }>();

/** None of the frames is the program's own, and somebody judged each of them. */
function isForeign(errors: readonly ReadError[]): boolean {
  return errors.every(({ frames }) => frames.every((each) => each.in_app === false));
}

/** The thrown error's frames, then what its causes add; `said` on top where it decides like a frame. */
function traceFrames(stacks: readonly (readonly string[])[], said: string | null): string[] {
  const frames: string[] = said === null ? [] : [`says ${said.slice(0, SAID)}`];
  const seen = new Set<string>();
  for (let i = stacks.length - 1; i >= Math.max(0, stacks.length - CHAIN) && frames.length < TRACE; i--)
    for (const line of stacks[i]!) {
      if (seen.has(line) || frames.length >= TRACE) continue;
      seen.add(line);
      frames.push(line);
    }
  return frames;
}

/** What wraps a failure is the same for all that it wraps; the innermost cause tells them apart. */
function withRoot(className: string, errors: readonly ReadError[]): string {
  // A group around them tells nothing, and neither do its other members.
  const root = errors.length < 2 || isGroup(errors[0]!) ? className : classOf(errors[0]);
  return root === className || root === "" ? className : `${className} by ${root}`;
}

type Base = { by: Fingerprints["by"]; parts: string[] };

/**
 * Thrown error first, then its causes, the innermost of them always; equal neighbours (members of a
 * group, wrappers around wrappers) count once. `said`: the message, where no frame tells enough.
 */
function byStack(errors: readonly ReadError[], stacks: readonly (readonly string[])[], said: string | null): Base {
  const parts = ["v1 stack"];
  if (said !== null) parts.push(`says ${said}`);
  let before = "";
  let counted = 0;
  const thrown = errors.length - 1;
  for (let i = thrown; i >= 0; i--) {
    if (counted >= CHAIN && i > 0) continue;
    const top = stacks[i]!.slice(0, i === thrown ? TOP : TOP_OF_CAUSE);
    const own = [`class ${classOf(errors[i])}`, ...top.map((each) => `at ${each}`)];
    // A cause that came without any stack is told by what it says alone.
    if (i < thrown && errors[i]!.frames.length === 0) own.push(...saysOf(errors[i]!));
    const joined = own.join("\n");
    if (joined === before) continue;
    parts.push(...own);
    before = joined;
    counted++;
  }
  return { by: "stack", parts };
}

function saysOf({ value }: ReadError): string[] {
  const said = orNothing(value);
  return said === null ? [] : [`says ${messageTemplate(said)}`];
}

/** What the causes of an error without any stack say, the outermost first. */
function causesOf(errors: readonly ReadError[]): string[] {
  const parts: string[] = [];
  for (let i = errors.length - 2; i >= Math.max(0, errors.length - MAX_CAUSES); i--)
    parts.push(`class ${classOf(errors[i])}`, ...saysOf(errors[i]!));
  return parts;
}

function byMessage(
  event: DeepReadonly<Event>,
  className: string,
  template: string | null,
  causes: readonly string[],
): Base {
  if (event.exit_code !== null || event.signal !== null) {
    const how = event.signal === null ? `exit ${event.exit_code}` : `signal ${cutLine(event.signal)}`;
    return {
      by: "exit",
      parts: ["v1 exit", cutLine(event.target ?? ""), how, className, template ?? "", ...causes],
    };
  }
  if (template !== null) return { by: "message", parts: ["v1 message", className, template, ...causes] };
  // Nothing to read at all: what the text began with, or where it happened, is better than one heap for everything.
  const text = event.stack_text === null ? "" : beginning(event.stack_text);
  return { by: "message", parts: ["v1 message", className, text, cutLine(event.transaction ?? "")] };
}

/** Line by line, because a text that is cut before its paths become one word ends elsewhere in every folder. */
function beginning(text: string): string {
  let said = "";
  for (const line of readLines(text.slice(0, 8192))) {
    const template = messageTemplate(line);
    if (template !== "") said += said === "" ? template : ` ${template}`;
    if (said.length >= SAID) break;
  }
  return said.slice(0, SAID);
}

/** `{{ default }}`, which some SDKs write `{{auto}}`, stands for our own parts; alone, or an empty list, it changes nothing. */
function withSdkParts(asked: readonly string[] | null, base: Base): Base {
  if (asked === null || asked.every(isDefault)) return base;
  const parts = ["v1 sdk"];
  for (const part of asked.slice(0, 32)) {
    if (isDefault(part)) parts.push(...base.parts);
    else parts.push(`part ${cutLine(part)}`);
  }
  return { by: "sdk", parts };
}

function isDefault(part: string): boolean {
  return /^\{\{\s{0,8}(?:default|auto)\s{0,8}\}\}$/.test(part);
}

function classOf(error: ReadError | undefined): string {
  return cleanClass(cutLine(error?.type ?? "")).replace(/\b0x[0-9a-f]{4,16}\b/g, "");
}

function orNothing(text: string | null | undefined): string | null {
  return text == null || text.trim() === "" ? null : text;
}

/** One part must never look like two. */
function cutLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 500);
}

function digest(parts: readonly string[]): string {
  return sha256(parts.join("\n")).slice(0, 32);
}
