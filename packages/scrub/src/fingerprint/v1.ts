import type { ErrorValue, Event, Fingerprints } from "@prunella/contract";
import { parseStack } from "../stacks/parse-stack.ts";
import { scrubString } from "../faces/scrub-text.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";
import { cleanFrames, isNameless } from "./v1-frames.ts";
import { messageTemplate } from "./v1-template.ts";
import { sha256 } from "../text/sha256.ts";

/** Errors of one chain that count, from the thrown one. */
const CHAIN = 8;

/**
 * Version 1, frozen with its first release: a change is a new version beside it. Every part is
 * scrubbed before it is used, so the raw and the scrubbed event have one key.
 */
export function fingerprintV1(event: DeepReadonly<Event>): Fingerprints {
  const errors = errorsOf(event);
  const thrown = errors.at(-1);
  const className = oneLine(thrown?.type ?? "");
  const message = thrown?.value ?? event.message_template ?? event.message;
  const template = message === null || message.trim() === "" ? null : messageTemplate(plain(message));
  const stacks = errors.map((error) => cleanFrames(error.frames));
  // An error without a class is a logged message; its frames are the logger's, which all messages share.
  const topFrame = thrown?.type == null ? null : (stacks.findLast((stack) => stack.length > 0)?.[0] ?? null);

  const base =
    topFrame !== null
      ? byStack(errors, stacks, isNameless(topFrame) ? template : null)
      : byMessage(event, className, template);
  const { by, parts } = withSdkParts(event.sdk_fingerprint, base);
  return {
    version: 1,
    strict: digest(parts),
    loose: topFrame === null ? null : digest(["v1 loose", className, topFrame]),
    message: template === null ? null : digest(["v1 message", className, template]),
    by,
    parts,
  };
}

/** The errors of an event, thrown last; from its raw text when no door parsed it. */
export function errorsOf(event: DeepReadonly<Event>): readonly DeepReadonly<ErrorValue>[] {
  if (event.errors.length > 0 || event.stack_text === null) return event.errors;
  return parseStack(plain(event.stack_text))?.errors ?? [];
}

type Base = { by: Fingerprints["by"]; parts: string[] };

/**
 * Thrown error first, then its causes; equal neighbours (members of a group) count once. `said`:
 * the message, where the frame on top has no name and all nameless code of a file would be one.
 */
function byStack(
  errors: readonly DeepReadonly<ErrorValue>[],
  stacks: readonly (readonly string[])[],
  said: string | null,
): Base {
  const parts = ["v1 stack"];
  if (said !== null) parts.push(`says ${said}`);
  let before = "";
  for (let i = errors.length - 1; i >= Math.max(0, errors.length - CHAIN); i--) {
    const own = [`class ${oneLine(errors[i]!.type ?? "")}`, ...stacks[i]!.map((each) => `at ${each}`)];
    const joined = own.join("\n");
    if (joined !== before) parts.push(...own);
    before = joined;
  }
  return { by: "stack", parts };
}

function byMessage(event: DeepReadonly<Event>, className: string, template: string | null): Base {
  if (event.exit_code !== null || event.signal !== null) {
    const how = event.signal === null ? `exit ${event.exit_code}` : `signal ${oneLine(event.signal)}`;
    return { by: "exit", parts: ["v1 exit", oneLine(event.target ?? ""), how, className, template ?? ""] };
  }
  if (template !== null) return { by: "message", parts: ["v1 message", className, template] };
  // Nothing to read at all: where it happened is better than one heap for everything.
  return { by: "message", parts: ["v1 message", className, "", oneLine(event.transaction ?? "")] };
}

/** `{{ default }}` stands for our own parts; alone, or an empty list, it changes nothing. */
function withSdkParts(asked: readonly string[] | null, base: Base): Base {
  if (asked === null || asked.every(isDefault)) return base;
  const parts = ["v1 sdk"];
  for (const part of asked.slice(0, 32)) {
    if (isDefault(part)) parts.push(...base.parts);
    else parts.push(`part ${oneLine(part)}`);
  }
  return { by: "sdk", parts };
}

function isDefault(part: string): boolean {
  return /^\{\{\s{0,8}default\s{0,8}\}\}$/.test(part);
}

function plain(text: string): string {
  return scrubString(text, ignore);
}

/** One part must never look like two. */
function oneLine(text: string): string {
  return plain(text).replace(/\s+/g, " ").trim().slice(0, 500);
}

function digest(parts: readonly string[]): string {
  return sha256(parts.join("\n")).slice(0, 32);
}

function ignore(): void {}
