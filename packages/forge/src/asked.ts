import type { Asked, ForgeIssue } from "./forge.ts";

/** The same answer in other words; a refusal stays as it is. */
export function as<T, U>(asked: Asked<T>, to: (value: T) => U): Asked<U> {
  return asked.ok ? { ok: true, value: to(asked.value) } : asked;
}

/** The text with its marker, on a line of its own where it is not in it yet. */
export const marked = ({ marker, body }: { readonly marker: string; readonly body: string }): string =>
  body.includes(marker) ? body : `${marker}\n${body}`;

/** It cannot be told whether it is there; making a second one would be the worse mistake. */
export const TOO_MANY = {
  ok: false,
  refusal: {
    reason: "failed",
    status: null,
    message: "There is more of ours than is looked through, so nobody knows whether it is there already.",
    retryAfterMs: null,
  },
} as const satisfies Asked<never>;

/** Looked at in what came, whatever the host took the question for. */
export const hasLabel =
  (label: string) =>
  ({ labels }: Pick<ForgeIssue, "labels">): boolean =>
    labels.some((one) => one.toLowerCase() === label.toLowerCase());
