import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ProbeHands, Reached } from "@prunella/contract";

/** Nobody's token is longer. */
const MAX_SECRET = 65_536;
/** For so long a file is looked into to know whether there is a secret in it at all. */
const LOOK_MS = 5_000;

type Environment = Readonly<Record<string, string | undefined>>;

export interface Credentials {
  /**
   * The secret behind a name, read anew each time, so that one that was changed is in force at once; null when there
   * is none. It is put where it is needed and kept nowhere. What hangs, or is too busy, is said.
   */
  read(this: void, name: string, signal: AbortSignal): Promise<Reached<{ readonly secret: string | null }>>;
  /**
   * Whether there is one, as it was when it was last looked for, which is done once more now: a file may hang, and
   * this waits for nothing. What was never seen is not there.
   */
  isSet(this: void, name: string): boolean;
}

/** Secrets are named in the configuration and never stand in it. `readFile` is bounded, wherever a file may lie. */
export function createCredentials(
  readFile: ProbeHands["readFile"],
  environment: Environment = process.env,
): Credentials {
  const seen = new Set<string>();
  const looking = new Set<string>();

  const read: Credentials["read"] = async (name, signal) => {
    if (name.startsWith("env:")) return { ok: true, secret: inEnvironment(name, environment) };
    const found = await readFile({ path: pathOf(name), maxBytes: MAX_SECRET + 1 }, signal);
    if (found.ok) return { ok: true, secret: asSecret(found.text) };
    return found.category === "timeout" || found.category === "busy" ? found : { ok: true, secret: null };
  };

  async function look(name: string): Promise<void> {
    const found = await read(name, AbortSignal.timeout(LOOK_MS));
    looking.delete(name);
    if (found.ok && found.secret !== null) seen.add(name);
    else seen.delete(name);
  }

  return {
    read,
    isSet(name) {
      if (name.startsWith("env:")) return inEnvironment(name, environment) !== null;
      if (!looking.has(name)) {
        looking.add(name);
        void look(name);
      }
      return seen.has(name);
    },
  };
}

/** The same at once, while the configuration is read, which waits for its files anyway. */
export function readCredential(name: string, base: string): string | null {
  if (name.startsWith("env:")) return inEnvironment(name, process.env);
  try {
    return asSecret(readFileSync(resolve(base, pathOf(name)), "utf8"));
  } catch {
    return null;
  }
}

const pathOf = (name: string): string => name.slice("file:".length);
const inEnvironment = (name: string, environment: Environment): string | null =>
  environment[name.slice("env:".length)]?.trim() || null;

function asSecret(text: string): string | null {
  const secret = text.trim();
  return secret.length > 0 && secret.length <= MAX_SECRET ? secret : null;
}
