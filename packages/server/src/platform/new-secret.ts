import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** A file for its owner alone, where there is none yet. Throws where there is. */
export function writeSecretFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600, flag: "wx" });
}

export const isFileThere = (path: string): boolean => existsSync(path);

/** For whoever signs with it and whoever checks. */
export const newSecret = (): string => randomBytes(32).toString("base64url");
