import { PrunellaError } from "@prunella/contract";
import {
  ancestry,
  descendants,
  isRunning,
  processes,
  processOf,
  withVariable,
  type Process,
} from "../platform/processes.ts";
import {
  openProgramFiles,
  type ProgramFiles,
  type ProgramName,
  type ProgramRecord,
} from "../platform/program-files.ts";

/** In the environment of every supervised program, and so of all that it starts. */
const MARK = "PRUNELLA_PROGRAM";

export interface Belongings {
  /** Running with the program: of its session, or started by it. */
  readonly own: readonly Process[];
  /** Started by it, and gone into a session of their own, as daemons do. */
  readonly strayed: readonly Process[];
}

const NOTHING: Belongings = { own: [], strayed: [] };

/**
 * The one place of a program in a data folder. Two supervisors cannot have it at once; what its
 * program was is written down, so that the next one finds it when this process is killed.
 */
export interface Place {
  /** What an earlier supervisor, which is gone, has left running. */
  earlier(): Promise<Belongings>;
  /** For the environment of the next start: the program is found by it when nothing is written down yet. */
  mark(): Readonly<Record<string, string>>;
  /** To be called right after each start. False when it could not be written down. */
  started(pid: number): boolean;
  /** What the program that was started last, and has ended, has left running. */
  leftBehind(): Promise<Belongings>;
  /** The program has ended for good, or never began; what it left is left on purpose. */
  leave(): void;
}

export interface PlaceRequest extends ProgramName {
  readonly dataFolder: string;
  /** Whether its program stays in our session, beside processes that are not its own. */
  readonly sharesTerminal: boolean;
}

/** @throws PRUNELLA_CONFLICT when another supervisor has it. */
export function takePlace({ dataFolder, project, name, sharesTerminal }: PlaceRequest): Place {
  const files = openProgramFiles(dataFolder, { project, name });
  if (files.lock === "busy") {
    const record = files.read();
    files.close();
    throw taken(name, record?.supervisor.pid ?? null, record !== null && isAlive(record) ? record.pid : null);
  }
  const self = { pid: process.pid, started_at: processOf(process.pid)?.startedAt ?? "" };
  let starts = 0;
  let last: ProgramRecord | null = null;
  const markNow = () => `${files.key}:${self.pid}:${self.started_at}:${starts}`;

  return {
    earlier: () => earlierOf(name, files),
    mark() {
      starts += 1;
      return { [MARK]: markNow() };
    },
    started(pid) {
      const row = processOf(pid);
      // One that has ended already leaves its session to what it started.
      const session = row?.session ?? (sharesTerminal ? (processOf(process.pid)?.session ?? -1) : pid);
      last = { pid, started_at: row?.startedAt ?? "", session, mark: markNow(), is_over: false, supervisor: self };
      return files.write(last);
    },
    async leftBehind() {
      if (last === null) return NOTHING;
      const { pid, session, mark } = last;
      const marked = (await withVariable(MARK, mark)).filter(({ value }) => value === mark).map(({ row }) => row);
      const rows = sharesTerminal ? [] : await processes();
      // Nobody gets the number of a session that still has members: then what has it now is not ours.
      const isReused = rows.some((row) => row.pid === pid);
      const members = isReused ? [] : rows.filter((row) => row.session === session);
      return parted([...members, ...marked], (row) => row.session === session);
    },
    leave() {
      if (last !== null) files.write({ ...last, is_over: true });
      files.close();
    },
  };
}

async function earlierOf(name: string, files: ProgramFiles): Promise<Belongings> {
  const record = files.read();
  const isNews = (mark: string) => record?.is_over !== true || newness(life(mark), life(record.mark)) > 0;
  const marked = (await withVariable(MARK, `${files.key}:`)).filter(({ value }) => isNews(value));
  for (const { row, value } of marked) {
    // Where nothing can be written there was no lock to say that somebody has the place.
    const { pid, startedAt } = life(value);
    if (pid !== process.pid && isRunning({ pid, startedAt })) throw taken(name, pid, row.pid);
  }
  const sessions = new Set<number>();
  if (record !== null) sessions.add(record.session);
  // Killed before the start was written down: the first that carries the newest mark is the program.
  const newest = marked.toSorted((a, b) => newness(life(b.value), life(a.value)))[0]?.value;
  const first = marked.filter(({ value }) => value === newest).toSorted((a, b) => age(a.row) - age(b.row))[0];
  if (first && newest !== record?.mark) sessions.add(first.row.session);
  const found = [...(record === null ? [] : await recorded(record)), ...marked.map(({ row }) => row)];
  return parted(found, (row) => sessions.has(row.session));
}

/** The program that was written down, with all that is certainly its own. */
async function recorded(record: ProgramRecord): Promise<Process[]> {
  if (record.is_over || !isAlive(record)) return [];
  const leads = record.pid === record.session;
  const rows = await processes();
  return [
    ...rows.filter((row) => row.pid === record.pid || (leads && row.session === record.session)),
    ...descendants(record.pid),
  ];
}

/** Each once, and never ourselves or what started us: a supervisor may run inside what it looks for. */
function parted(found: readonly Process[], isOwn: (row: Process) => boolean): Belongings {
  const above = ancestry();
  const rows = [...new Map(found.map((row) => [row.pid, row])).values()].filter((row) => !above.has(row.pid));
  return { own: rows.filter(isOwn), strayed: rows.filter((row) => !isOwn(row)) };
}

const isAlive = (record: ProgramRecord): boolean => isRunning({ pid: record.pid, startedAt: record.started_at });

interface Life {
  /** Of its supervisor. */
  readonly pid: number;
  readonly startedAt: string;
  readonly starts: number;
}

function life(mark: string): Life {
  const [, pid, startedAt = "", starts] = mark.split(":");
  return { pid: Number(pid), startedAt, starts: Number(starts) };
}

const newness = (a: Life, b: Life): number => moment(a.startedAt) - moment(b.startedAt) || a.starts - b.starts;
const age = (row: Process): number => moment(row.startedAt);
/** Only Linux shows marks, and there it ends with the ticks since the boot. */
const moment = (startedAt: string): number => Number(startedAt.split("/").at(-1));

function taken(name: string, supervisor: number | null, pid: number | null): PrunellaError {
  const program = pid === null ? name : `${name} (pid ${pid})`;
  return new PrunellaError("PRUNELLA_CONFLICT", {
    detail:
      supervisor === null
        ? `Another process is just starting ${name}.`
        : `${program} is supervised by process ${supervisor}; a second one beside it is not started.`,
    hint: `Stop that one first${supervisor === null ? "" : `: kill ${supervisor}`}; or give this one another name with --name.`,
  });
}
