/**
 * What tells one failure from another: plugin, category and what the message says without what changes each time.
 * A status stays, so that 502 and 503 are two.
 */
export async function keyOf(parts: readonly string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\n")));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const STATUS = /\b(?:status(?: code)?|HTTP(?:\/\d(?:\.\d)?)?|answer(?:s|ed)(?: with)?|error)[ :=]{1,3}([1-5]\d\d)\b/gi;

/** The message without uuids, hashes, addresses, times, ports and other numbers. */
export function normalMessage(message: string): string {
  return message
    .slice(0, 1_000)
    .replaceAll(STATUS, (all, status: string) => all.replace(status, [...status].map((digit) => NAMES[digit]).join("")))
    .replaceAll(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, "<id>")
    .replaceAll(/\b\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?/g, "<time>")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b/gi, "<hash>")
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, "<address>")
    .replaceAll(/\d+/g, "<n>")
    .replaceAll(/\s+/g, " ")
    .trim()
    .toLowerCase();
}

/** A status in words, so that no later step takes it for a number. */
const NAMES: Readonly<Record<string, string>> = {
  0: "zero",
  1: "one",
  2: "two",
  3: "three",
  4: "four",
  5: "five",
  6: "six",
  7: "seven",
  8: "eight",
  9: "nine",
};
