import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Config, PrunellaError, ServerFile } from "@prunella/contract";
import { decodeEntry, readEntries, readHead, vkeyOf, type Engine } from "@prunella/kernel";
import { sql } from "kysely";
import { assertStarts } from "./check-config.ts";
import { loadConfig } from "./config.ts";
import { assertOurs, readServerFile } from "./platform/data-folder.ts";
import { freeBytes } from "./platform/disk.ts";
import { readLedgerKey } from "./platform/ledger-key.ts";
import { processes } from "./platform/processes.ts";

export interface Finding {
  /** What was looked at. */
  readonly what: string;
  /** `weak`: it works, and something is less safe or less able here. */
  readonly state: "ok" | "weak" | "wrong";
  readonly detail: string;
  /** What mends it. */
  readonly mend: string | null;
}

/** Twice this and more is room; a server holds back below it. */
const ROOM = 2;
const MB = 1_048_576;
const ANSWER_MS = 3_000;
/** Clocks that differ by more give times that people wonder about. */
const CLOCK_MS = 5_000;
/** For all that the hostile plugin tries, on a machine that is busy. */
const TRIAL_MS = 120_000;

/** Looks at everything a server needs, whether one runs or not. Changes nothing, and never throws. */
export async function examine(given: {
  dataFolder: string;
  configPath: string | null;
  /** Lets the hostile plugin try the sandbox, even where no plugin is installed. */
  triesSandbox?: boolean;
}): Promise<Finding[]> {
  const folder = resolve(given.dataFolder);
  const findings: Finding[] = [node()];
  const config = await configuration(given.configPath, findings);
  findings.push(await attempt("data folder", () => dataFolder(folder)));
  findings.push(await attempt("disk", () => disk(folder, config ?? Config.parse({}))));
  findings.push(await attempt("ledger key", () => ledgerKey(folder)));
  if (config === null)
    findings.push(weak("database", "not looked at: which one it is stands in the configuration", null));
  else findings.push(...(await database(folder, config.store.url)));
  findings.push(await attempt("server", () => server(folder)));
  findings.push(await attempt("processes", table));
  const setting = (config ?? Config.parse({})).plugins;
  findings.push(await attempt("sandbox", () => sandbox(folder, setting, given.triesSandbox ?? false)));
  return findings;
}

const ok = (what: string, detail: string): Finding => ({ what, state: "ok", detail, mend: null });
const weak = (what: string, detail: string, mend: string | null): Finding => ({ what, state: "weak", detail, mend });
const wrong = (what: string, detail: string, mend: string | null): Finding => ({ what, state: "wrong", detail, mend });

async function attempt(what: string, look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    const known = error instanceof PrunellaError ? error : null;
    const message = known?.detail ?? (error instanceof Error ? error.message : "it cannot be looked at");
    return wrong(what, message, known?.hint ?? null);
  }
}

const node = (): Finding => ok("node", `${process.version} on ${process.platform}`);

async function configuration(path: string | null, findings: Finding[]): Promise<Config | null> {
  let config: Config | null = null;
  findings.push(
    await attempt("configuration", async () => {
      const loaded = await loadConfig(path);
      config = loaded.config;
      assertStarts(loaded);
      return ok("configuration", path === null ? "none; defaults" : `${path} is valid`);
    }),
  );
  return config;
}

function dataFolder(folder: string): Finding {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined)
    return ok("data folder", `${folder} is made at the first start`);
  assertOurs(folder);
  return ok("data folder", `${folder} is ours alone to write`);
}

function disk(folder: string, config: Config): Finding {
  let nearest = folder;
  while (statSync(nearest, { throwIfNoEntry: false }) === undefined) nearest = resolve(nearest, "..");
  const free = freeBytes(nearest);
  if (free === null) return weak("disk", "the system does not say how much is free", null);
  const least = config.limits.free_disk_bytes;
  const detail = `${Math.round(free / MB).toLocaleString("en")} MB free; below ${Math.round(least / MB)} MB nothing is taken in`;
  if (free < least) return wrong("disk", detail, "Free some of it, or lower limits.free_disk.");
  return free < least * ROOM ? weak("disk", detail, "Free some of it soon.") : ok("disk", detail);
}

function ledgerKey(folder: string): Finding {
  const key = readLedgerKey(folder);
  return key === null
    ? ok("ledger key", "made at the first start")
    : ok("ledger key", `${vkeyOf(key)}; keep a copy of it, and a checkpoint, elsewhere`);
}

interface Times {
  /** Of the newest ledger entry. */
  readonly entry: number | null;
  /** What the database's own clock says. */
  readonly database: number | null;
}

/** The database is opened once, for what it is and for what it knows of the time. */
async function database(folder: string, url: string | null): Promise<Finding[]> {
  let times: Times | null = { entry: null, database: null };
  const found = await attempt("database", async () => {
    const path = join(folder, "prunella.db");
    const file = statSync(path, { throwIfNoEntry: false });
    if (url === null && file === undefined) return ok("database", "embedded; made at the first start");
    times = null;
    const engine =
      url === null
        ? (await import("./platform/sqlite.ts")).openSqlite(path)
        : await (await import("./platform/postgres.ts")).openPostgres(url);
    try {
      const size = await ledgerSize(engine);
      times = await timesOf(engine, size ?? 0);
      const empty = size === null ? "; its tables are made at the first start" : "";
      if (url !== null) return ok("database", `PostgreSQL at ${new URL(url).host} answers${empty}`);
      const megabytes = Math.max(1, Math.round((file?.size ?? 0) / MB)).toLocaleString("en");
      return ok("database", `embedded, ${megabytes} MB, ${size ?? 0} ledger entries${empty}`);
    } finally {
      await engine.close();
    }
  });
  return [found, clock(times)];
}

/** Against what is known of the time without asking anybody: the newest ledger entry, and the database's own clock. */
function clock(known: Times | null): Finding {
  const now = Date.now();
  if (known === null) return weak("clock", `${iso(now)}; the database was not asked, so nothing else says so`, null);
  if (known.entry !== null && known.entry - now > CLOCK_MS)
    return wrong(
      "clock",
      `it says ${iso(now)}, and the newest ledger entry is from ${iso(known.entry)}`,
      "Set the clock, and let it keep the time by NTP: budgets and permits are counted by it.",
    );
  if (known.database !== null && Math.abs(known.database - now) > CLOCK_MS)
    return weak(
      "clock",
      `it differs from the database's by ${Math.round(Math.abs(known.database - now) / 1_000)} s`,
      "Let both keep the time by NTP.",
    );
  return ok("clock", known.entry === null ? iso(now) : `${iso(now)}, after the newest ledger entry`);
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** null: nobody has made the tables yet. */
async function ledgerSize({ reader }: Engine): Promise<number | null> {
  const tables = await reader.introspection.getTables();
  return tables.some(({ name }) => name === "ledger_head") ? (await readHead(reader)).size : null;
}

async function timesOf(engine: Engine, size: number): Promise<Times> {
  const [newest] = size === 0 ? [] : await readEntries(engine.reader, size - 1, size);
  const decoded = newest && decodeEntry(Buffer.from(newest.entry));
  const database = engine.kind === "postgres" ? await engine.reader.selectNoFrom(NOW).executeTakeFirst() : undefined;
  return {
    entry: decoded?.kind === "entry" ? decoded.entry.at : null,
    database: database === undefined ? null : Number(database.now),
  };
}

const NOW = sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)`.as("now");

async function server(folder: string): Promise<Finding> {
  const file: ServerFile | null = readServerFile(folder);
  if (file === null) return ok("server", "none runs on this data folder");
  const response = await fetch(new URL("/healthz", file.url), { signal: AbortSignal.timeout(ANSWER_MS) }).catch(
    () => null,
  );
  if (response === null)
    return wrong(
      "server",
      `server.json names ${file.url} (pid ${file.pid}), which does not answer`,
      "Start it again: prunella up",
    );
  const difference = Math.abs(Date.parse(response.headers.get("date") ?? "") - Date.now());
  const detail = `${file.url} answers ${response.status} (pid ${file.pid})`;
  if (!response.ok) return weak("server", `${detail}: ${(await response.text()).slice(0, 200)}`, "See its log.");
  return difference > CLOCK_MS
    ? weak(
        "server",
        `${detail}; its clock differs by ${Math.round(difference / 1000)} s`,
        "Let both keep the time by NTP.",
      )
    : ok("server", detail);
}

async function table(): Promise<Finding> {
  const found = await processes();
  if (found.length > 0) return ok("processes", "what a program leaves behind can be found and ended");
  return weak(
    "processes",
    "the system does not list processes: what a crashed program had started is neither found nor ended",
    "Mount /proc, or install ps.",
  );
}

/** Tried where plugins are, or when asked: it takes seconds, and where nothing runs in it nothing depends on it. */
async function sandbox(folder: string, setting: Config["plugins"], isAsked: boolean): Promise<Finding> {
  const isTried = isAsked || statSync(join(folder, "plugins", "bundles"), { throwIfNoEntry: false }) !== undefined;
  const { choicesOf, createEngine, standingElsewhere, RULES, unenforcedOf } =
    await import("./platform/sandbox/index.ts");
  const signal = AbortSignal.timeout(TRIAL_MS);
  if (!isTried) {
    const probed = await Promise.all(
      choicesOf(setting).map(async (name) => ({ name, ...(await createEngine(name).probe(signal)) })),
    );
    const ready = probed.find(({ ok: starts }) => starts);
    const missed = probed.find((one) => !one.ok);
    const short = missed === undefined || missed.ok ? null : missed;
    if (ready === undefined)
      return weak("sandbox", `no plugin can run here: ${short?.reason ?? "no engine"}`, short?.mend ?? null);
    const detail = `${ready.name} starts; prunella doctor --sandbox lets the hostile plugin try it`;
    return short === null || probed[0] === ready
      ? ok("sandbox", detail)
      : weak("sandbox", `${detail}; ${probed[0]?.name} does not: ${short.reason}`, short.mend);
  }
  const standing = await standingElsewhere(setting, signal);
  if (standing.kind === "none") return wrong("sandbox", `no plugin runs here: ${standing.reason}`, standing.mend);
  const { report, insteadOf } = standing;
  const open = unenforcedOf(report);
  if (open.length > 0)
    return weak(
      "sandbox",
      `${report.engine} does not hold that a plugin ${open.join(", ")} (${report.reason ?? ""})`,
      report.mend,
    );
  const held = `${report.engine} held against the hostile plugin, by all of its ${Object.keys(RULES).length} rules`;
  return insteadOf === null
    ? ok("sandbox", held)
    : weak("sandbox", `${held}; without the second layer: ${insteadOf.reason}`, insteadOf.mend);
}
