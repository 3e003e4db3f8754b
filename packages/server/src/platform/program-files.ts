import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { makeDataFolder, writePrivate } from "./data-folder.ts";
import { lockFile } from "./file-lock.ts";

/** What is kept of the running program of a supervisor, for the case that the supervisor is killed. */
export const ProgramRecord = z.strictObject({
  pid: z.int(),
  started_at: z.string(),
  session: z.int(),
  /** What its environment says; tells one start from the next. */
  mark: z.string(),
  /** It ended for good, under its supervisor's eyes. What it left then was left on purpose. */
  is_over: z.boolean(),
  supervisor: z.strictObject({ pid: z.int(), started_at: z.string() }),
});
export type ProgramRecord = z.infer<typeof ProgramRecord>;

/** The files of one program in a data folder. Whoever has its lock may run it; nobody else. */
export interface ProgramFiles {
  /** Tells the programs of all data folders of the machine apart. */
  readonly key: string;
  /** `busy`: another process has it. `none`: the folder cannot be written. */
  readonly lock: "ours" | "busy" | "none";
  read(): ProgramRecord | null;
  /** False when it could not be written. */
  write(record: ProgramRecord): boolean;
  /** Lets another process have it. */
  close(): void;
}

export interface ProgramName {
  readonly project: string;
  readonly name: string;
}

/** Never throws: a folder that cannot be written is said by `lock`. */
export function openProgramFiles(dataFolder: string, { project, name }: ProgramName): ProgramFiles {
  const folder = join(resolve(dataFolder), "programs");
  const path = join(folder, `${project}.${name}.json`);
  let lock: ReturnType<typeof lockFile> | undefined;
  try {
    makeDataFolder(resolve(dataFolder));
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = lockFile(join(folder, `${project}.${name}.lock`));
  } catch {
    // A folder of another user, or on a medium that is not written: the program runs all the same.
    lock = undefined;
  }
  return {
    key: `${scopeOf(dataFolder)}.${project}.${name}`,
    lock: lock === undefined ? "none" : lock === null ? "busy" : "ours",
    read: () => readRecord(path),
    write(record) {
      try {
        writePrivate(path, JSON.stringify(record));
        return true;
      } catch {
        return false;
      }
    },
    close: () => lock?.close(),
  };
}

/** What programs a folder knows of, running or not. */
export function recordedPrograms(dataFolder: string): (ProgramName & { record: ProgramRecord })[] {
  const folder = join(resolve(dataFolder), "programs");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((file) => {
    const [, project, name] = /^([^.]+)\.([^.]+)\.json$/.exec(file) ?? [];
    const record = readRecord(join(folder, file));
    return project === undefined || name === undefined || record === null ? [] : [{ project, name, record }];
  });
}

function readRecord(path: string): ProgramRecord | null {
  try {
    const parsed = ProgramRecord.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function scopeOf(dataFolder: string): string {
  const path = existsSync(dataFolder) ? realpathSync(dataFolder) : resolve(dataFolder);
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}
