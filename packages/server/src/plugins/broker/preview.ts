import { createHash } from "node:crypto";
import { SHOWN_WHOLE } from "@prunella/contract/plugins";
import type { Scrubbed } from "@prunella/scrub";

/** What stands for arguments where they are not: the same arguments have the same. */
export const digestOf = (params: unknown): string =>
  createHash("sha256")
    .update(JSON.stringify(sorted(params)))
    .digest("hex");

/**
 * Arguments for people: scrubbed, what is long cut, and without bodies, which are bytes of which nobody knows what
 * they hold.
 */
export function previewOf(
  params: unknown,
  scrubJson: (value: unknown) => { readonly value: Scrubbed<unknown> },
): string {
  return JSON.stringify(scrubJson(withoutBodies(params)).value.value, (_name, value: unknown) =>
    typeof value === "string" && value.length > SHOWN_WHOLE ? `${value.slice(0, SHOWN_WHOLE)}…` : value,
  );
}

function withoutBodies(params: unknown): unknown {
  if (typeof params !== "object" || params === null || !("body" in params) || typeof params.body !== "string")
    return params;
  return { ...params, body: `${Math.floor((params.body.length * 3) / 4)} bytes` };
}

/** Keys in order, so that equal arguments have equal digests. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, sorted(one)]);
}
