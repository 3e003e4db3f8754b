import type { Budget } from "@prunella/contract";

const OVER = { trigger: "", target: " on its target", project: " in its project", global: " in all" } as const;

/** "2 of 5 attempts within 10 min". */
export const budgetWords = ({ scope, max, window_ms, used }: Budget & { readonly used: number }): string =>
  `${used} of ${max} attempts${OVER[scope]} within ${window_ms / 60_000} min`;
