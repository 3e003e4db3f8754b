import { readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type CrashReport, isCrashReport, reportBytes } from "./fields.ts";
import { createOnce, parseObject, readWhole, writeWhole } from "./files.ts";
import { crashFolder } from "./places.ts";

/** Reports of one program that are kept; the oldest go first. */
export const MAX_REPORTS = 100;
/** Bytes of all reports of one program. */
export const MAX_TOTAL_BYTES = 262_144;
/** Days after which a report goes, sent or not. */
export const KEEP_DAYS = 30;

/** A rejected one was refused for good, so it is not sent again by itself. */
export type Outcome = "sent" | "rejected";

export interface KeptReport {
  /** `<fingerprint>-<time>`, the name of its file. */
  readonly id: string;
  readonly path: string;
  /** Exactly what is sent. */
  readonly bytes: Buffer;
  readonly report: CrashReport;
  /** What the server made of it, or null while it waits. */
  readonly outcome: Outcome | null;
}

const ID = /^[0-9a-f]{64}-\d{8}T\d{9}Z$/;
const SHORT = /^([0-9a-f]{4,64})(?:-([0-9TZ]{0,19}))?$/;

/** Keeps a report and returns its id. Two within one millisecond take the next ones. */
export function keepReport(home: string, report: CrashReport, at: number): string {
  makeRoom(home, at);
  for (let moment = at; moment < at + 1000; moment++) {
    const id = `${report.fingerprint}-${new Date(moment).toISOString().replace(/[-:.]/g, "")}`;
    if (createOnce(fileOf(home, id), reportBytes(report))) return id;
  }
  throw new Error("There are too many reports of this moment.");
}

/** When no report could be made safe: that something happened, and nothing of it. Never sent. */
export function keepNote(home: string, at: number): void {
  makeRoom(home, at);
  const time = new Date(at).toISOString().replace(/[-:.]/g, "");
  createOnce(
    join(crashFolder(home), `note-${time}.txt`),
    "The program crashed, and its report could not be made safe. So there is no report, and nothing of it was or will be sent.\n",
  );
}

/** Newest first. What is not a report of ours is passed over. */
export function listReports(home: string): KeptReport[] {
  return names(home)
    .filter((name) => ID.test(name.replace(/\.json$/, "")) && name.endsWith(".json"))
    .flatMap((name) => readReport(home, name.slice(0, -5)) ?? [])
    .sort((a, b) => timeOf(b.id).localeCompare(timeOf(a.id)));
}

/** Kept and waiting, oldest first. */
export const pendingReports = (home: string): KeptReport[] =>
  listReports(home)
    .filter(({ outcome }) => outcome === null)
    .reverse();

export const countNotes = (home: string): number =>
  names(home).filter((name) => /^note-\d{8}T\d{9}Z\.txt$/.test(name)).length;

export type Found =
  | { readonly kind: "found"; readonly report: KeptReport }
  | { readonly kind: "refused" | "none" | "several" };

/**
 * By id, or by a unique beginning of the fingerprint, with or without a beginning of the time behind it.
 * Anything that could be a path is refused before any file is looked at.
 */
export function findReport(home: string, id: string): Found {
  const [, fingerprint, time = ""] = SHORT.exec(id) ?? [];
  if (fingerprint === undefined) return { kind: "refused" };
  const [first, ...others] = listReports(home).filter(
    (each) => each.id.startsWith(fingerprint) && timeOf(each.id).startsWith(time),
  );
  if (first === undefined) return { kind: "none" };
  return others.length > 0 ? { kind: "several" } : { kind: "found", report: first };
}

export function forgetReport(home: string, id: string): void {
  if (!ID.test(id)) return;
  remove(fileOf(home, id));
  remove(markOf(home, id));
}

/** Every report, note and mark. */
export function forgetAll(home: string): number {
  const all = listReports(home);
  for (const { id } of all) forgetReport(home, id);
  for (const name of names(home))
    if (/^(?:note-\d{8}T\d{9}Z\.txt|[0-9a-f]{64}-\d{8}T\d{9}Z\.(?:json|sent))$/.test(name))
      remove(join(crashFolder(home), name));
  return all.length;
}

/** A mark beside the report: the report itself stays what was sent. */
export function markOutcome(home: string, id: string, outcome: Outcome): void {
  if (ID.test(id)) writeWhole(markOf(home, id), outcome === "sent" ? "" : `${outcome}\n`);
}

const fileOf = (home: string, id: string): string => join(crashFolder(home), `${id}.json`);
const markOf = (home: string, id: string): string => join(crashFolder(home), `${id}.sent`);
const timeOf = (id: string): string => id.slice(65);

function readReport(home: string, id: string): KeptReport | null {
  const path = fileOf(home, id);
  const bytes = readWhole(path);
  if (bytes === null) return null;
  const report: unknown = parseObject(bytes.toString("utf8"));
  return isCrashReport(report) ? { id, path, bytes, report, outcome: outcomeOf(home, id) } : null;
}

function outcomeOf(home: string, id: string): Outcome | null {
  const mark = markOf(home, id);
  if (statSync(mark, { throwIfNoEntry: false }) === undefined) return null;
  return readWhole(mark)?.toString("utf8").startsWith("rejected") === true ? "rejected" : "sent";
}

/** What cannot be removed, such as a folder somebody put there, stays; it must not stop a report from being kept. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or not ours.
  }
}

function names(home: string): string[] {
  try {
    return readdirSync(crashFolder(home));
  } catch {
    return [];
  }
}

/** Old ones go, then the oldest until there is room for one more. */
function makeRoom(home: string, now: number): void {
  const files = names(home)
    .filter((name) => /^(?:[0-9a-f]{64}|note)-\d{8}T\d{9}Z\.(?:json|txt)$/.test(name))
    .map((name) => ({
      name,
      time: /\d{8}T\d{9}Z/.exec(name)?.[0] ?? "",
      size: statSync(join(crashFolder(home), name), { throwIfNoEntry: false })?.size ?? 0,
    }))
    .sort((a, b) => b.time.localeCompare(a.time));
  const oldest = new Date(now - KEEP_DAYS * 86_400_000).toISOString().replace(/[-:.]/g, "");
  let bytes = 0;
  for (const [index, { name, time, size }] of files.entries()) {
    bytes += size;
    if (time >= oldest && index < MAX_REPORTS - 1 && bytes <= MAX_TOTAL_BYTES) continue;
    remove(join(crashFolder(home), name));
    remove(join(crashFolder(home), name.replace(/\.json$/, ".sent")));
  }
}
