import { prefixed, type Family } from "./family.ts";

/** What Prunella itself gives out. */
export const OWN_FAMILIES: readonly Family[] = [
  prefixed("prunella-token", "prunella_token_[A-Za-z0-9_-]{43}", "docs/guides/several-people.md: personal tokens"),
];
