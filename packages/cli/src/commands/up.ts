import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Writable } from "node:stream";
import type { SupervisedProgram } from "@prunella/contract";
import { SYSTEM } from "@prunella/kernel";
import {
  describe,
  loadConfig,
  SpawnFailure,
  spawnProgram,
  startServer,
  supervise,
  type RunningServer,
  type Supervision,
} from "@prunella/server";
import { systemClock, systemRng } from "@prunella/server/platform";
import { dataFlag } from "../address.ts";
import type { Common } from "../command-options.ts";
import { wholeNumber } from "../numbers.ts";
import { announceFaults } from "../live-log.ts";
import { createSignalCounter } from "../repeated-signal.ts";
import { bold, dim, green, yellow } from "../terminal/text.ts";

export interface UpOptions {
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly databaseUrl?: string;
  readonly demo: boolean;
}

const DEFAULT_CONFIG = "prunella.yaml";
/** The visible file that opts the example in to being restarted. */
const DEMO_CONFIG = fileURLToPath(
  new URL("../../examples/flaky-service/prunella.yaml", import.meta.resolve("@prunella/cli/package.json")),
);
/** Together with closing the server it stays under the two seconds that Ctrl-C may take. */
const GRACE_MS = 700;

/** Serves until a person stops it. */
export async function up(common: Common, options: UpOptions): Promise<void> {
  const stop = untilStopped();
  const path = options.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
  const loaded = await loadConfig(path, {
    port: options.port === undefined ? undefined : wholeNumber("--port", options.port, 0, 65_535),
    host: options.host,
    storeUrl: options.databaseUrl,
  });
  const isDemo = options.demo && loaded.config.supervise.length === 0 && existsSync(DEMO_CONFIG);
  const { config, folder } = isDemo ? await loadConfig(DEMO_CONFIG) : loaded;
  const programs = config.supervise;

  const warn = (message: string) => void process.stderr.write(`prunella: ${message}\n`);
  const server = await startServer({
    config: loaded.config,
    configPath: path,
    dataFolder: common.data,
    isDemo,
    log: { info: () => undefined, warn },
  });
  // With --json nothing but its one line may be on stdout.
  const out: Writable = common.json ? process.stderr : process.stdout;
  const signIn = await server.signInLink();
  if (common.json)
    process.stdout.write(
      `${JSON.stringify({ url: server.url, dsn: server.dsn, sign_in: signIn, pid: process.pid })}\n`,
    );
  else greet(server, signIn, resolve(common.data), programs, isDemo);

  const say = (line: string) => void out.write(`${dim(new Date().toTimeString().slice(0, 8))} ${line}\n`);
  const stopFaults = announceFaults(server.kernel, say);
  const supervisions: Supervision[] = [];
  const dsns = await dsnsOf(server, programs);
  for (const program of programs) {
    if (stop.isStopped()) break;
    const started = await start(server, program, {
      folder: resolve(folder),
      out,
      say,
      flags: dataFlag(common.data),
      dsn: dsns.get(program.project) ?? server.dsn,
    }).catch((error: unknown) => {
      if (!(error instanceof SpawnFailure)) throw error;
      say(yellow(`${program.name} cannot be started: ${error.message}`));
      return null;
    });
    if (started) supervisions.push(started);
  }

  stop.onForce = () => supervisions.forEach((supervision) => supervision.forward("SIGKILL"));
  await stop.stopped;
  if (!common.json) out.write("\nStopping…\n");
  stopFaults();
  await Promise.all(supervisions.map((supervision) => supervision.stop("SIGTERM", GRACE_MS)));
  await server.close();
  // Whatever else is still open (a pipe of a grandchild, a browser) must not hold up a person.
  process.exit(0);
}

interface Telling {
  /** Where relative paths of the configuration begin. */
  readonly folder: string;
  readonly out: Writable;
  readonly say: (line: string) => void;
  /** Go with every command that is named. */
  readonly flags: string;
  /** Of the program's project. */
  readonly dsn: string;
}

/** The DSN of each project that a program belongs to. Naming a project in the configuration makes it. */
async function dsnsOf(server: RunningServer, programs: readonly SupervisedProgram[]): Promise<Map<string, string>> {
  const { projects } = server.kernel;
  const known = new Set((await projects.list()).map((row) => row.project_id));
  for (const id of new Set(programs.map((program) => program.project))) {
    if (!known.has(id)) await projects.add({ id, by: SYSTEM });
  }
  return new Map((await projects.list()).map((row) => [row.project_id, server.dsnOf(row)]));
}

function start(
  server: RunningServer,
  program: SupervisedProgram,
  { folder, out, say, flags, dsn }: Telling,
): Promise<Supervision> {
  return supervise({
    port: server.supervisorPort,
    spawn: spawnProgram,
    clock: systemClock,
    rng: systemRng(),
    platform: process.platform,
    program: {
      name: program.name,
      command: program.command,
      cwd: resolve(folder, program.cwd),
      env: { PRUNELLA_DSN: dsn, ...program.env },
      project: program.project,
      policy: program.restart,
    },
    stdio: { kind: "prefix", out, err: out },
    onEvent(event) {
      const line = describe(program.name, event, systemClock.now(), flags);
      if (line === null) return;
      say(
        event.kind === "restarted"
          ? green(line)
          : event.kind === "crashed" || event.kind === "held"
            ? yellow(line)
            : line,
      );
      if (event.kind === "held" && event.escalation_id !== null) say(`or in the console: ${server.url}/escalations`);
    },
  });
}

function greet(
  server: RunningServer,
  signIn: string,
  data: string,
  programs: readonly SupervisedProgram[],
  isDemo: boolean,
): void {
  const watched = programs.map((program) => program.name).join(", ");
  process.stdout.write(
    [
      `${bold("Prunella is up.")}`,
      "",
      `  Console   ${signIn}`,
      `            ${dim("signs you in once, within 15 minutes; a fresh link: prunella sign-in")}`,
      `  DSN       ${server.dsn}`,
      `  Data      ${data}`,
      `  Programs  ${watched === "" ? "none; start one with `prunella run -- <command>`" : watched}${isDemo ? dim(` (the example in ${dirname(DEMO_CONFIG)}; --no-demo leaves it out)`) : ""}`,
      "",
      dim("Ctrl-C stops."),
      "",
      "",
    ].join("\n"),
  );
}

interface StopRequest {
  readonly stopped: Promise<void>;
  readonly isStopped: () => boolean;
  /** Called when a person will not wait; the process ends after it. */
  onForce: () => void;
}

/** The first signal asks, a later one forces. */
function untilStopped(): StopRequest {
  const note = createSignalCounter();
  let asked = 0;
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const request: StopRequest = { stopped: promise, isStopped: () => asked > 0, onForce: () => undefined };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (note(signal, Date.now()).isEcho) return;
      asked += 1;
      end();
      if (asked === 1) return;
      request.onForce();
      process.exit(130);
    });
  }
  return request;
}
