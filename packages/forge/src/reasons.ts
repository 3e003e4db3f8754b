import type { ForgeRefusal } from "./forge.ts";

/** What a host means by the status of its answer, whichever host it is; everything else is `failed`. */
export const REASONS: Readonly<Record<number, ForgeRefusal["reason"]>> = {
  401: "forbidden",
  403: "forbidden",
  404: "not_found",
  // It is not as it was taken to be: what a merge is refused with.
  405: "conflict",
  409: "conflict",
  410: "gone",
  422: "invalid",
  // What Gitea says of an archived repository or a tracker that is switched off.
  423: "gone",
  429: "limited",
};

/** Somebody who wants less of us and does not say until when: a minute at least, as GitHub's documentation says. */
export const UNSAID_MS = 60_000;
