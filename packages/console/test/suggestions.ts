import type { Suggestions } from "@prunella/contract";

const KEYS = { "level:": "how severe its newest events are", "release:": "in which version it was seen" };
const VALUES: Record<string, string[]> = {
  "level:": ["level:fatal", "level:error"],
  "environment:": ["environment:production", "environment:staging"],
  "release:": ["release:shop@1.4.0", 'release:"a b"'],
};

/** As the server suggests: keys for a begun word, values after a colon. */
export function suggestions(q: string): Suggestions {
  const word = /\S*$/.exec(q)?.[0] ?? "";
  const from = q.length - word.length;
  const [key = "", values = []] = Object.entries(VALUES).find(([each]) => word.startsWith(each)) ?? [];
  if (key !== "")
    return {
      from,
      suggestions: values
        .filter((each) => each.startsWith(word))
        .map((text, n) => ({ text, says: "", faults: 20 - n })),
    };
  const keys = Object.entries(KEYS).filter(([each]) => each.startsWith(word));
  return { from, suggestions: keys.map(([text, says]) => ({ text, says, faults: null })) };
}
