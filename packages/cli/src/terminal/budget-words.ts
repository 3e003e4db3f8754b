import type { Budget } from "@prunella/contract";

const OVER = { trigger: "", target: " on its target", project: " in its project", global: " in all" } as const;

/** "2 of 5 attempts within 10 min". */
export const budgetWords = ({ scope, max, window_ms, used }: Budget & { readonly used: number }): string =>
  `${used} of ${max} attempts${OVER[scope]} within ${windowWords(window_ms)}`;

const windowWords = (ms: number): string =>
  ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`;
