import { readFileSync } from "node:fs";

/** Shorter ones could be guessed. */
const MIN_LENGTH = 16;

/** The token in a file, without white space around it; null when there is no such file or it is too short. */
export function readScrapeToken(path: string): string | null {
  try {
    const token = readFileSync(path, "utf8").trim();
    return token.length >= MIN_LENGTH ? token : null;
  } catch {
    return null;
  }
}
