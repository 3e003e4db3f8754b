import type { ErrorValue } from "@prunella/contract";
import { scrubString } from "../faces/scrub-text.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";
import { cleanClass } from "./v1-names.ts";

type ReadError = DeepReadonly<ErrorValue>;

/** Python's and Trio's groups, JavaScript's and .NET's aggregates. */
const GROUP = /(?:^|\.)(?:(?:Base)?ExceptionGroup|MultiError|AggregateError|AggregateException)$/;

/**
 * A group says only that something in it failed, at the place that waited for all: two different
 * failures would look alike. So when the thrown error is a group, its members decide. Members have no
 * order and may be many of one kind; each kind is kept once, in an order of its own.
 */
export function membersDecide(errors: readonly ReadError[]): readonly ReadError[] {
  const thrown = errors.at(-1);
  if (thrown === undefined || errors.length < 2 || !isGroup(thrown)) return errors;
  const members = new Map<string, ReadError>();
  const rest: ReadError[] = [];
  for (const error of errors) {
    if (isGroup(error) || error.frames.length === 0) rest.push(error);
    else {
      const key = kindOf(error);
      if (!members.has(key)) members.set(key, error);
    }
  }
  if (members.size === 0) return errors;
  const ordered = [...members].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, error]) => error);
  return [...rest, ...ordered];
}

/**
 * The group that a title names: JavaScript's has a message that a person wrote, or the runtime's own
 * words on what was waited for. Python's and .NET's say only how many there were; there the member does.
 */
export function titledGroup(errors: readonly ReadError[]): ReadError | null {
  const thrown = errors.at(-1);
  if (thrown === undefined || !/(?:^|\.)AggregateError$/.test(thrown.type ?? "")) return null;
  return thrown.value === null || thrown.value.trim() === "" ? null : thrown;
}

export function isGroup({ type }: ReadError): boolean {
  return type !== null && GROUP.test(type);
}

/** Class and innermost functions, scrubbed, so that raw and scrubbed events have one order. */
function kindOf({ type, frames }: ReadError): string {
  return [cleanClass(type ?? ""), ...frames.slice(-6).map((each) => each.function ?? "")]
    .map((text) => scrubString(text, () => undefined))
    .join("\n");
}
