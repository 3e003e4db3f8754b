export const PLACEHOLDER_OPENING = "[redacted:";

export function placeholder(type: string): string {
  return `[REDACTED:${type}]`;
}

/** The end of the placeholder that begins at `at`, or -1. What names no known type is ordinary text. */
export function placeholderEnd(text: string, at: number, types: ReadonlySet<string>): number {
  if (!text.startsWith("[REDACTED:", at)) return -1;
  const close = text.slice(at + 10, at + 52).indexOf("]");
  return close > 0 && types.has(text.slice(at + 10, at + 10 + close)) ? at + 10 + close + 1 : -1;
}
