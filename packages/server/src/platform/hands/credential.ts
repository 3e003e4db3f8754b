import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Nobody's token is longer. */
const MAX_SECRET = 65_536;

/**
 * The secret behind a name, read anew each time, so that one that was changed is in force at once. null when
 * there is none. It is put where it is needed and kept nowhere.
 */
export function readCredential(
  name: string,
  base: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  if (name.startsWith("env:")) return environment[name.slice(4)]?.trim() || null;
  try {
    const text = readFileSync(resolve(base, name.slice("file:".length)), "utf8").trim();
    return text.length > 0 && text.length <= MAX_SECRET ? text : null;
  } catch {
    return null;
  }
}
