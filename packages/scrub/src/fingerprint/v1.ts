import type { ErrorValue, Event, Fingerprints } from "@prunella/contract";
import { scrubString } from "../faces/scrub-text.ts";
import { sha256 } from "../text/sha256.ts";
import { isClean, type DeepReadonly } from "../faces/scrubbed.ts";
import { parseStack } from "../stacks/parse-stack.ts";
import { readLines } from "../stacks/read-lines.ts";
import { membersDecide } from "./exception-group.ts";
import type { Versioned } from "./version.ts";
import { cleanFrames, isNameless, kernelFrames, recursion } from "./v1-frames.ts";
import { cleanClass } from "./v1-names.ts";
import { messageTemplate } from "./v1-template.ts";

/** Errors of one chain that count, from the thrown one. */
const CHAIN = 6;
/** Frames of the thrown error that count, from the crash end; of each cause; and of a trace for similarity. */
const TOP = 6;
const TOP_OF_CAUSE = 3;
const TRACE = 24;
/** Characters of a text without any stack that count. */
const SAID = 300;

type ReadError = DeepReadonly<ErrorValue>;

/**
 * Version 1: parsers for every language, generated names and machinery left out, kernel reports by
 * (bug type, crash function). Every part is scrubbed before it is used, so the raw and the scrubbed
 * event have one key. The parsers and the scrubber that it calls may change; `golden/` pins what all
 * of them give together. Keys and trace come at once, because reading the text is most of the work.
 */
export function fingerprintV1(event: DeepReadonly<Event>): Versioned {
  const errors = errorsOf(event);
  const thrown = errors.at(-1);
  const plain = plainOf(event);
  // Errors read from the text come out of scrubbed text.
  const clean = event.errors.length === 0 && thrown !== undefined ? same : plain;
  const className = classOf(thrown, clean);
  const message = orNothing(thrown?.value) ?? orNothing(event.message_template) ?? orNothing(event.message);
  const template =
    message === null ? null : messageTemplate(thrown?.value === message ? clean(message) : plain(message));
  const isKernel = thrown?.mechanism === "kernel";
  const frozen = isClean(event);
  const stacks = errors.map((error, i) => stackOf(error, i === errors.length - 1 ? TRACE : TOP, frozen));
  // An error without class and with a text is a logged message; its frames are the logger's, which all messages share.
  const isLogged = thrown !== undefined && thrown.type === null && orNothing(thrown.value) !== null;
  const topFrame = isLogged ? null : (stacks.findLast((stack) => stack.length > 0)?.[0] ?? null);

  const base =
    topFrame === null
      ? byMessage(event, className, template)
      : isKernel
        ? { by: "stack" as const, parts: ["v1 kernel", `class ${className}`, `at ${topFrame}`] }
        : byStack(errors, stacks, isNameless(topFrame) ? template : null, clean);
  const { by, parts } = withSdkParts(event.sdk_fingerprint, base, plain);
  return {
    fingerprints: {
      version: 1,
      strict: digest(parts),
      loose:
        topFrame === null
          ? null
          : digest(["v1 loose", className, topFrame, ...(isNameless(topFrame) ? [template ?? ""] : [])]),
      message: template === null ? null : digest(["v1 message", className, template]),
      by,
      parts,
    },
    trace: { type: className, said: template ?? "", frames: isLogged ? [] : traceFrames(stacks) },
  };
}

/** The errors of an event, the deciding one last; from its raw text when no door parsed it. */
export function errorsOf(event: DeepReadonly<Event>): readonly ReadError[] {
  if (event.errors.length > 0 || event.stack_text === null) return membersDecide(event.errors);
  return membersDecide(parseStack(plainOf(event)(event.stack_text))?.errors ?? []);
}

function stackOf(error: ReadError, max: number, frozen: boolean): readonly string[] {
  if (error.mechanism === "kernel") return kernelFrames(error.frames, max);
  const overflowed =
    /StackOverflow|RecursionError|stack[- ]overflow|SystemStackError/i.test(error.type ?? "") ||
    /Maximum call stack|maximum recursion depth|too much recursion|stack level too deep|stack overflow/i.test(
      (error.value ?? "").slice(0, 300),
    );
  const round = overflowed ? recursion(error.frames) : [];
  if (round.length > 0) return round;
  return frozen ? cleanFrozenFrames(error.frames, max) : cleanFrames(error.frames, max);
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

/** The thrown error's frames, then what its causes add. */
function traceFrames(stacks: readonly (readonly string[])[]): string[] {
  const frames: string[] = [];
  const seen = new Set<string>();
  for (let i = stacks.length - 1; i >= Math.max(0, stacks.length - CHAIN) && frames.length < TRACE; i--)
    for (const line of stacks[i]!) {
      if (seen.has(line) || frames.length >= TRACE) continue;
      seen.add(line);
      frames.push(line);
    }
  return frames;
}

type Base = { by: Fingerprints["by"]; parts: string[] };

/**
 * Thrown error first, then its causes; equal neighbours (members of a group) count once. `said`:
 * the message, where the frame on top has no name and all nameless code of a file would be one.
 */
function byStack(
  errors: readonly ReadError[],
  stacks: readonly (readonly string[])[],
  said: string | null,
  clean: Clean,
): Base {
  const parts = ["v1 stack"];
  if (said !== null) parts.push(`says ${said}`);
  let before = "";
  for (let i = errors.length - 1; i >= Math.max(0, errors.length - CHAIN); i--) {
    const top = stacks[i]!.slice(0, i === errors.length - 1 ? TOP : TOP_OF_CAUSE);
    const own = [`class ${classOf(errors[i], clean)}`, ...top.map((each) => `at ${each}`)];
    const joined = own.join("\n");
    if (joined !== before) parts.push(...own);
    before = joined;
  }
  return { by: "stack", parts };
}

function byMessage(event: DeepReadonly<Event>, className: string, template: string | null): Base {
  const plain = plainOf(event);
  if (event.exit_code !== null || event.signal !== null) {
    const how = event.signal === null ? `exit ${event.exit_code}` : `signal ${cutLine(plain(event.signal))}`;
    return { by: "exit", parts: ["v1 exit", cutLine(plain(event.target ?? "")), how, className, template ?? ""] };
  }
  if (template !== null) return { by: "message", parts: ["v1 message", className, template] };
  // Nothing to read at all: what the text began with, or where it happened, is better than one heap for everything.
  const text = event.stack_text === null ? "" : beginning(plain(event.stack_text));
  return { by: "message", parts: ["v1 message", className, text, cutLine(plain(event.transaction ?? ""))] };
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

/** `{{ default }}` stands for our own parts; alone, or an empty list, it changes nothing. */
function withSdkParts(asked: readonly string[] | null, base: Base, plain: Clean): Base {
  if (asked === null || asked.every(isDefault)) return base;
  const parts = ["v1 sdk"];
  for (const part of asked.slice(0, 32)) {
    if (isDefault(part)) parts.push(...base.parts);
    else parts.push(`part ${cutLine(plain(part))}`);
  }
  return { by: "sdk", parts };
}

function isDefault(part: string): boolean {
  return /^\{\{\s{0,8}default\s{0,8}\}\}$/.test(part);
}

function classOf(error: ReadError | undefined, clean: Clean): string {
  return cleanClass(cutLine(clean(error?.type ?? ""))).replace(/\b0x[0-9a-f]{4,16}\b/g, "");
}

function orNothing(text: string | null | undefined): string | null {
  return text == null || text.trim() === "" ? null : text;
}

type Clean = (text: string) => string;

/** What came out of the scrubber is not scrubbed again: it would stay as it is. */
function plainOf(event: DeepReadonly<Event>): Clean {
  return isClean(event) ? same : scrubbed;
}

function scrubbed(text: string): string {
  return scrubString(text, ignore);
}

/** One part must never look like two. */
function cutLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 500);
}

function same(text: string): string {
  return text;
}

function digest(parts: readonly string[]): string {
  return sha256(parts.join("\n")).slice(0, 32);
}

function ignore(): void {}
