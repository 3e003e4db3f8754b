import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { basename, delimiter, extname, join } from "node:path";
import { PrunellaError, ProjectId, ProgramName, RestartPolicy, STOP_GRACE_MS } from "@prunella/contract";
import {
  createHttpPort,
  describe,
  endEarlier,
  loadConfig,
  SpawnFailure,
  spawnProgram,
  startServer,
  supervise,
  takePlace,
  type Exit,
  type Place,
  type Supervision,
  type SupervisorEvent,
  type SupervisorPort,
} from "@prunella/server";
import { systemClock, systemRng } from "@prunella/server/platform";
import { locate, readServerFile } from "../address.ts";
import { commandLine } from "../command-line.ts";
import { environment } from "../environment.ts";
import type { Common } from "../command-options.ts";
import { findProject } from "../find-project.ts";
import { nearest } from "@prunella/contract/nearest";
import { wholeNumber } from "../numbers.ts";
import { listen } from "../run-signals.ts";
import { firstProcessAdvice } from "../first-process.ts";
import { plain } from "../terminal/text.ts";
import { parseDuration } from "../terminal/time.ts";

export interface RunOptions {
  readonly name?: string;
  readonly project: string;
  readonly maxRestarts?: string;
  readonly window?: string;
  readonly stopGrace?: string;
}

const ALIVE_MS = 2_000;
/** An owner that is just starting has its lock but does not serve yet. */
const OWNER_TRIES = 20;
const OWNER_WAIT_MS = 250;

/** Runs a program until it is over, and ends with its exit code. */
export async function run(common: Common, words: readonly string[], options: RunOptions): Promise<void> {
  const command = words[0] === "--" ? words.slice(1) : words;
  if (command.length === 0)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "There is no command after --.",
      hint: "Like this: prunella run -- node server.js",
    });
  const name = nameOf(command, options.name);
  const policy = policyOf(options);
  if (!ProjectId.safeParse(options.project).success)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `--project ${options.project} is not a project id, such as shop-api.`,
    });
  const graceMs = options.stopGrace === undefined ? STOP_GRACE_MS : parseDuration(options.stopGrace);
  if (graceMs === null)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `--stop-grace ${options.stopGrace ?? ""} is not a duration such as 500ms, 30s or 2m.`,
    });
  process.exit(await runOwned(common, { name, command, project: options.project, policy, graceMs }));
}

interface Wanted {
  readonly name: string;
  readonly command: readonly string[];
  readonly project: string;
  readonly policy: RestartPolicy;
  readonly graceMs: number;
}

async function runOwned(common: Common, wanted: Wanted): Promise<number> {
  const { name, command, project, policy, graceMs } = wanted;
  await using stack = new AsyncDisposableStack();
  // Waiting for a person's decision is work too, though no timer or socket shows it.
  const awake = setInterval(() => undefined, 2 ** 30);
  stack.defer(() => clearInterval(awake));
  const tell = (line: string) => void process.stderr.write(`prunella: ${line}\n`);
  const sharesTerminal = process.stdin.isTTY === true;
  const signals = listen({ name, graceMs, sharesTerminal, tell });
  const advice = firstProcessAdvice();
  if (advice !== null) tell(advice);

  const { port, close } = await findOwner(common);
  stack.defer(close);
  const { dsn } = await findProject(common, project);
  const onEvent = (event: SupervisorEvent) => {
    const line = describe(name, event, systemClock.now(), (words) => commandLine(common, words));
    if (line !== null) tell(line);
  };
  const place = takePlace({ dataFolder: common.data, project, name, sharesTerminal });
  const supervision = await startUnlessEnded(place).catch((error: unknown) => {
    if (!(error instanceof SpawnFailure)) throw error;
    tell(`${error.message}${hintFor(error, command[0] ?? "")}`);
    return error.reason === "not_executable" ? 126 : error.reason === "not_found" ? 127 : 1;
  });
  if (typeof supervision === "number") return supervision;
  signals.goTo(supervision);
  return exitCode(await supervision.done);

  async function startUnlessEnded(place: Place): Promise<Supervision | number> {
    let ended: NodeJS.Signals | null = null;
    try {
      const { hurry } = signals;
      await endEarlier({ place, name, clock: systemClock, signal: "SIGTERM", graceMs, hurry, emit: onEvent });
      ended = signals.endedEarly();
    } catch (error) {
      place.leave();
      throw error;
    }
    if (ended !== null) {
      place.leave();
      return 128 + constants.signals[ended];
    }
    const env = { PRUNELLA_DSN: dsn };
    return supervise({
      port,
      spawn: spawnProgram,
      clock: systemClock,
      rng: systemRng(),
      platform: process.platform,
      place,
      program: {
        name,
        command,
        cwd: process.cwd(),
        env,
        inherits: "all",
        project,
        policy,
        stopSignal: "SIGTERM",
        stopGraceMs: graceMs,
      },
      stdio: { kind: "inherit", sharesTerminal, err: process.stderr },
      onEvent,
    });
  }
}

/** The program's own; 128 + n when signal n ended it, as shells have it. */
function exitCode({ code, signal }: Exit): number {
  if (code !== null) return code;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ""] ?? 0);
}

interface FoundOwner {
  readonly port: SupervisorPort;
  close(): Promise<void>;
}

/** The server that owns the data folder; when there is none, this process becomes it. */
async function findOwner(common: Common): Promise<FoundOwner> {
  for (let tries = 1; ; tries += 1) {
    if (await answers(common)) {
      // A restarted owner of the folder has a new token there; with --url only a person can give one.
      const find = async () => (common.url === undefined ? readServerFile(common.data) : locate(common));
      return { port: createHttpPort(find, () => verifierKey(common)), close: async () => undefined };
    }
    if (common.url !== undefined)
      throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
        detail: `${common.url} does not answer.`,
        hint: "Check the address given with --url.",
      });
    try {
      const { config } = await loadConfig(null, { port: 0 });
      const warn = (message: string) => void process.stderr.write(`prunella: ${plain(message)}\n`);
      const server = await startServer({
        config,
        dataFolder: common.data,
        isDemo: false,
        command: commandLine(common, "").trimEnd(),
        log: { info: () => undefined, warn },
      });
      return { port: server.supervisorPort, close: () => server.close() };
    } catch (error) {
      if (!(error instanceof PrunellaError) || error.code !== "PRUNELLA_DATA_FOLDER_OWNED" || tries >= OWNER_TRIES)
        throw error;
      await new Promise((resolve) => setTimeout(resolve, OWNER_WAIT_MS));
    }
  }
}

/** Of the ledger: from the data folder, or from a server that only an address leads to. */
async function verifierKey(common: Common): Promise<string> {
  if (common.url === undefined) return readFileSync(join(common.data, "ledger", "vkey"), "utf8");
  const { url, token } = locate(common);
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(new URL("/ledger/vkey", url), { headers, signal: AbortSignal.timeout(ALIVE_MS) });
  return response.text();
}

async function answers({ url, data }: Common): Promise<boolean> {
  const base = url ?? readServerFile(data)?.url;
  if (base === undefined) return false;
  return fetch(new URL("/healthz", base), { signal: AbortSignal.timeout(ALIVE_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}

const INTERPRETERS = /^(?:node|nodejs|deno|bun|python[\d.]*|ruby|perl|php|lua|java|sh|bash|zsh|dash|npx|tsx)$/;

/** `--name`, or the program's own name; behind an interpreter the script's. */
function nameOf(command: readonly string[], given: string | undefined): string {
  if (given !== undefined) {
    if (!ProgramName.safeParse(given).success)
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: `--name ${given} is not a name: 1 to 64 of A-Z, a-z, 0-9, _ and -, such as shop-api.`,
      });
    return given;
  }
  const [program = "", script = ""] = command;
  const isScript =
    INTERPRETERS.test(basename(program)) && script !== "" && !script.startsWith("-") && existsSync(script);
  const named = isScript ? basename(script, extname(script)) : basename(program);
  return (
    named
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 64) || "program"
  );
}

function policyOf({ maxRestarts, window }: RunOptions): RestartPolicy {
  const standard = RestartPolicy.parse({});
  const windowMs = window === undefined ? standard.budget.window_ms : parseDuration(window);
  if (windowMs === null || windowMs < 1)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `--window ${window ?? ""} is not a duration such as 90s, 10m or 2h.`,
    });
  const max =
    maxRestarts === undefined ? standard.budget.max : wholeNumber("--max-restarts", maxRestarts, 0, 1_000_000);
  return { ...standard, budget: { max, window_ms: windowMs } };
}

function hintFor({ reason }: SpawnFailure, program: string): string {
  if (reason !== "not_found") return "";
  if (program.includes(" ")) return ` Without quotes: prunella run -- ${program}`;
  if (program.includes("/")) return " Check the path.";
  const meant = nearest(program, programsOnPath());
  return meant === null ? " Is it installed, and in PATH?" : ` Did you mean ${meant}?`;
}

function programsOnPath(): Set<string> {
  const found = new Set<string>();
  for (const folder of environment.path().split(delimiter).slice(0, 50)) {
    try {
      for (const file of readdirSync(folder)) found.add(file);
    } catch {
      // A folder of PATH that cannot be read holds no program either.
    }
  }
  return found;
}
