import { createHash } from "node:crypto";
import type { Event, Fingerprints, Level, ProbeStatus } from "@prunella/contract";
import { z } from "zod";

/** By category: when it was told last, and whether it is told that it is well again. */
export const Told = z.record(z.string(), z.strictObject({ at: z.int(), isOpen: z.boolean() }));
export type Told = z.infer<typeof Told>;

/** What anybody could have sent is told once in so long, however often it comes and goes. */
export const DEBOUNCE_MS = 600_000;

export type Watch = "probe" | "heartbeat";

export interface Finding {
  readonly watch: Watch;
  readonly name: string;
  readonly target: string;
  readonly status: ProbeStatus;
  /** `ProbeFailed.timeout`, `HeartbeatMissed`. */
  readonly errorClass: string;
  readonly category: string;
  readonly detail: string;
  readonly level: Level;
  readonly at: number;
  readonly context: Readonly<Record<string, unknown>>;
}

/** What one is told of is one fault, whatever the words are. */
export function keysOf(watch: Watch, name: string, category: string): Fingerprints {
  const parts = [watch, name, category];
  const strict = createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);
  return { version: 1, strict, loose: null, message: null, by: "sdk", parts };
}

/** A finding as an event. It goes the way of all events, so it is scrubbed like them. */
export function toEvent(id: string, found: Finding): Event {
  const { watch, name, target, errorClass, category, detail, level, at, context } = found;
  const error = { type: errorClass, value: detail, module: null, handled: true, mechanism: watch, frames: [] };
  return {
    id,
    source: watch,
    trust: "local",
    level,
    at,
    release: null,
    environment: null,
    platform: null,
    target,
    errors: [error],
    message: detail,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: [watch, name, category],
    transaction: null,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: { [watch]: name, category },
    breadcrumbs: [],
    context: { ...context },
  };
}

/**
 * Whether this category may be told now: once until it is well again, and then again at once. The fault was
 * resolved with the recovery, so whoever is silent now says that it is well, to people and to a remedy's quiet
 * watch. Only what anybody could have sent waits.
 */
export const mayTell = (told: Told, category: string, now: number, isPublic: boolean): boolean => {
  const before = told[category];
  if (before === undefined) return true;
  if (before.isOpen) return false;
  // A clock that was set back must not silence anything for longer than the wait itself.
  return !isPublic || Math.abs(now - before.at) >= DEBOUNCE_MS;
};

export const isAnyOpen = (told: Told): boolean => Object.values(told).some(({ isOpen }) => isOpen);

/** The categories that people were told of and that are over. */
export const openOf = (told: Told): string[] =>
  Object.entries(told)
    .filter(([, { isOpen }]) => isOpen)
    .map(([category]) => category)
    .toSorted();

/** Forgets what no longer holds anything back, so that it stays small. */
export const settled = (told: Told, now: number): Told =>
  Object.fromEntries(
    Object.entries(told)
      .filter(([, { at }]) => Math.abs(now - at) < DEBOUNCE_MS)
      .map(([category, { at }]) => [category, { at, isOpen: false }]),
  );
