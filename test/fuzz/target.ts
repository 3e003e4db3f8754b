import { readdirSync, readFileSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";

/** One parser of foreign bytes. `run` throws what is a failure; a refusal that is promised it takes for an answer. */
export interface Target {
  readonly name: string;
  /** Where mutation begins: what tests know to be right or nearly so. */
  readonly corpus: () => readonly (Buffer | string)[];
  readonly run: (bytes: Buffer) => unknown;
  /** Words of the format, for mutation. */
  readonly words?: readonly string[];
}

/** What a target promised did not hold. */
export class BrokenPromise extends Error {}

/** Runs what may refuse by a PrunellaError and by nothing else; undefined where it refused. */
export function allowRefusal<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PrunellaError) return undefined;
    throw error;
  }
}

export async function allowLateRefusal<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof PrunellaError) return undefined;
    throw error;
  }
}

export function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

const ROOT = new URL("../../", import.meta.url);

/** The samples of a folder of tests, a blank line or a line of `===` apart. */
export function samplesIn(folder: string, ending: string): string[] {
  const at = new URL(folder, ROOT);
  return readdirSync(at)
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => readFileSync(new URL(name, at), "utf8").split(/\n(?:=+[^\n]*|#{2,}[^\n]*)?\n/))
    .filter((text) => text.length > 8 && text.length < 20_000);
}
