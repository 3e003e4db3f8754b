import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** Files larger than this are not ours (bytes). */
const MAX_BYTES = 65_536;

/** Whole or not at all, and for this user alone: written beside, then moved over. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}.${process.hrtime.bigint()}.tmp`;
  try {
    const file = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** True when this call made the file; false when it was there. Leaves no half file when it fails. */
export function createOnce(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
  try {
    // Writes all of it, where one `writeSync` may stop in the middle of a disk that fills up.
    writeFileSync(file, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return true;
}

/** Null when there is none, or when it is no ordinary file of a sensible size. */
export function readWhole(path: string): Buffer | null {
  try {
    const there = statSync(path);
    // A device or pipe would never end.
    if (!there.isFile() || there.size > MAX_BYTES) return null;
    return readFileSync(path);
  } catch {
    return null;
  }
}

/** The object in a JSON file; null when there is no such file; `"garbage"` when it holds anything else. */
export function readObject(path: string): Readonly<Record<string, unknown>> | "garbage" | null {
  let there = true;
  try {
    // The link itself, not what it leads to: a link to a folder that is not mounted is there all the same.
    lstatSync(path);
  } catch (error) {
    // Only "it is not there" says so. What cannot be looked at might be there.
    there = !(error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"));
  }
  if (!there) return null;
  const bytes = readWhole(path);
  if (bytes === null) return "garbage";
  return parseObject(bytes.toString("utf8")) ?? "garbage";
}

export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
