import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Writable } from "node:stream";
import { PrunellaError, type SupervisedProgram } from "@prunella/contract";
import { SYSTEM } from "@prunella/kernel";
import {
  createSpawnThread,
  describe,
  endEarlier,
  isRunning,
  loadConfig,
  openLog,
  recordedPrograms,
  SpawnFailure,
  startServer,
  supervise,
  takePlace,
  type LoadedConfig,
  type RunningServer,
  type SupervisorEvent,
  type Spawn,
} from "@prunella/server";
import { systemClock, systemRng } from "@prunella/server/platform";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { announceDetections } from "../demo/detections.ts";
import { openDemo } from "../demo/demo.ts";
import { announceWatched } from "../demo/watched.ts";
import { wholeNumber } from "../numbers.ts";
import { reloadedWords } from "./reload.ts";
import { announceFaults } from "../live-log.ts";
import { DEMO_CONFIG } from "../place.ts";
import { firstProcessAdvice } from "../first-process.ts";
import { createStopCounter } from "../repeated-signal.ts";
import { whenStarterGone } from "../script-starter.ts";
import { tellStopping, type Stopping } from "../stop-progress.ts";
import { bold, cyan, dim, green, yellow } from "../terminal/text.ts";

export interface UpOptions {
  readonly port?: string;
  readonly host?: string;
  readonly config?: string;
  readonly databaseUrl?: string;
  readonly demo: boolean;
}

/** What closing the server may take once a person will not wait. */
const FORCED_CLOSE_MS = 500;

/** Serves until a person stops it. */
export async function up(common: Common, options: UpOptions): Promise<void> {
  const stop = untilStopped();
  const path = options.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
  const overrides = {
    port: options.port === undefined ? undefined : wholeNumber("--port", options.port, 0, 65_535),
    host: options.host,
    storeUrl: options.databaseUrl,
  };
  const own = await loadConfig(path, overrides);
  // With --json nothing but its one line may be on stdout.
  const out: Writable = common.json ? process.stderr : process.stdout;
  const say = (line: string) => void out.write(`${dim(new Date().toTimeString().slice(0, 8))} ${line}\n`);
  const isDemo = options.demo && own.config.supervise.length === 0 && existsSync(DEMO_CONFIG);
  const demo = isDemo ? await openDemo((line) => say(cyan(line))) : null;
  const beside = (read: LoadedConfig): LoadedConfig => demo?.beside(read) ?? read;
  const load = async () => beside(await loadConfig(path, overrides));
  const loaded = beside(own);
  const folder = demo?.folder ?? own.folder;
  const programs = demo?.programs ?? own.config.supervise;

  const server = await startServer({
    config: loaded.config,
    configPath: path,
    configSha256: loaded.sha256,
    load: path === null ? null : load,
    dataFolder: common.data,
    isDemo,
    command: commandLine(common, "").trimEnd(),
    log: await openLog({
      level: loaded.config.server.log_level,
      out: process.stderr,
      colour: (level, text) => (level === "warn" ? yellow(text) : dim(text)),
    }),
  });
  demo?.began(server.url);
  // Where nobody sits at a terminal the output is kept, and a link that signs in does not belong there.
  const mayLink = loaded.config.server.link_sign_in;
  const signIn = mayLink && (common.json || process.stdout.isTTY) ? await server.signInLink() : null;
  if (common.json)
    process.stdout.write(
      `${JSON.stringify({ url: server.url, dsn: server.dsn, sign_in: signIn, pid: process.pid })}\n`,
    );
  else greet(server, mayLink ? signIn : "people", common, programs, demo?.forge ?? null);

  stop.onHangUp = () => void readAgain(server, say);
  const stopFaults = announceFaults(server.kernel, say);
  const announcers = demo === null ? [] : [announceDetections, announceWatched];
  const stops = announcers.map((announce) => announce(server.kernel, say));
  const advice = programs.length === 0 ? null : firstProcessAdvice();
  if (advice !== null) say(yellow(advice));
  sayForgotten(common.data, programs, say);
  const dsns = await dsnsOf(server, programs);
  const telling = {
    data: common.data,
    folder: resolve(folder),
    out,
    say,
    command: (words: string) => commandLine(common, words),
  };
  const starter = createSpawnThread();
  // All at once: what an earlier process left of one may take its whole grace to end.
  const starts = await Promise.allSettled(
    programs.map((program) =>
      start(server, program, { ...telling, spawn: starter.spawn, dsn: dsns.get(program.project) ?? server.dsn }, stop),
    ),
  );
  const running = starts.flatMap((start) =>
    start.status === "fulfilled" && start.value !== null ? [start.value] : [],
  );
  const broken = starts.find((start) => start.status === "rejected");
  if (broken === undefined) await stop.stopped;
  if (!common.json) out.write("\nStopping…\n");
  stopFaults();
  for (const stopAnnouncing of stops) stopAnnouncing();
  stop.onForce = () => {
    for (const { supervision } of running) supervision.force();
    setTimeout(() => process.exit(FORCED), FORCED_CLOSE_MS);
  };
  if (stop.hurry.aborted) stop.onForce();
  const fallSilent = tellStopping(running, say);
  await Promise.all(running.map(({ supervision, signal, graceMs }) => supervision.stop(signal, graceMs)));
  fallSilent();
  await starter.close();
  await server.close();
  await demo?.close();
  if (broken !== undefined) throw broken.reason;
  // Whatever else is still open (a pipe of a grandchild, a browser) must not hold up a person.
  process.exit(stop.hurry.aborted ? FORCED : 0);
}

/** What a file without mistakes says is in force; otherwise nothing has happened. */
async function readAgain(server: RunningServer, say: (line: string) => void): Promise<void> {
  try {
    for (const line of reloadedWords(await server.reload(SYSTEM))) say(line);
  } catch (error) {
    const why = error instanceof PrunellaError ? (error.detail ?? error.message) : "it could not be read";
    say(yellow(`The configuration stays as it is: ${why}`));
  }
}

/** As shells have it after Ctrl-C. */
const FORCED = 130;

interface Started extends Stopping {
  readonly signal: SupervisedProgram["stop_signal"];
}

/** What was killed with an earlier process and is in the configuration no more is nobody's to end. */
function sayForgotten(data: string, programs: readonly SupervisedProgram[], say: (line: string) => void): void {
  for (const { project, name, record } of recordedPrograms(data)) {
    const isKnown = programs.some((program) => program.project === project && program.name === name);
    if (isKnown || record.is_over || isAlive(record.supervisor) || !isAlive(record)) continue;
    say(yellow(`${name} still runs from before (pid ${record.pid}), supervised by nobody; kill ${record.pid} ends it`));
  }
}

const isAlive = ({ pid, started_at }: { pid: number; started_at: string }) => isRunning({ pid, startedAt: started_at });

interface Telling {
  /** Data folder. */
  readonly data: string;
  /** Where relative paths of the configuration begin. */
  readonly folder: string;
  readonly out: Writable;
  readonly say: (line: string) => void;
  /** Makes a line of words that can be typed. */
  readonly command: (words: string) => string;
  readonly spawn: Spawn;
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

/** Null when it cannot be started, which has been said, or is not to be any more. */
async function start(
  server: RunningServer,
  program: SupervisedProgram,
  { data, folder, out, say, command, spawn, dsn }: Telling,
  stop: StopRequest,
): Promise<Started | null> {
  const { name, project, stop_signal: signal, stop_grace: graceMs } = program;
  const onEvent = (event: SupervisorEvent) => {
    const line = describe(name, event, systemClock.now(), command);
    if (line === null) return;
    const colour = event.kind === "restarted" ? green : LOUD.has(event.kind) ? yellow : String;
    say(colour(line));
    if (event.kind === "held" && event.escalation_id !== null) say(`or in the console: ${server.url}/escalations`);
  };
  try {
    const place = takePlace({ dataFolder: data, project, name, sharesTerminal: false });
    try {
      await endEarlier({ place, name, clock: systemClock, signal, graceMs, hurry: stop.hurry, emit: onEvent });
    } catch (error) {
      place.leave();
      throw error;
    }
    if (stop.isStopped()) {
      place.leave();
      return null;
    }
    const supervision = await supervise({
      port: server.supervisorPort,
      spawn,
      clock: systemClock,
      rng: systemRng(),
      platform: process.platform,
      place,
      program: {
        name,
        command: program.command,
        cwd: resolve(folder, program.cwd),
        env: { PRUNELLA_DSN: dsn, ...program.env },
        inherits: program.env_inherit,
        project,
        policy: program.restart,
        stopSignal: signal,
        stopGraceMs: graceMs,
      },
      stdio: { kind: "prefix", out, err: out },
      onEvent,
    });
    return { name, supervision, signal, graceMs };
  } catch (error) {
    const isExpected = error instanceof SpawnFailure || (error instanceof PrunellaError && error.exit === 1);
    if (!isExpected) throw error;
    const hint = error instanceof PrunellaError && error.hint !== null ? ` ${error.hint}` : "";
    say(yellow(`${name} cannot be started: ${error.message}${hint}`));
    return null;
  }
}

const LOUD: ReadonlySet<SupervisorEvent["kind"]> = new Set(["crashed", "held", "killed", "left", "earlier_found"]);

function greet(
  server: RunningServer,
  /** `people`: no link signs in here. */
  signIn: string | null,
  common: Common,
  programs: readonly SupervisedProgram[],
  /** Where the double of a host is looked at; null: this is no demo. */
  forge: string | null,
): void {
  const again = commandLine(common, "sign-in");
  const watched = programs.map((program) => program.name).join(", ");
  process.stdout.write(
    [
      `${bold("Prunella is up.")}`,
      "",
      ...(signIn === "people"
        ? [`  Console   ${server.url}`, `            ${dim("people sign in by themselves; links are off")}`]
        : signIn === null
          ? [
              `  Console   ${server.url}`,
              `            ${dim("a link that signs you in once:")}`,
              `            ${dim(again)}`,
            ]
          : [
              `  Console   ${signIn}`,
              `            ${dim("signs you in once, within 15 minutes; a fresh link:")}`,
              `            ${dim(again)}`,
            ]),
      `  DSN       ${server.dsn}`,
      `  Data      ${resolve(common.data)}`,
      `  Programs  ${watched === "" ? `none; how to start one: ${commandLine(common, "run --help")}` : watched}${forge !== null ? dim(` (the example in ${dirname(DEMO_CONFIG)}; --no-demo leaves it out)`) : ""}`,
      ...(forge === null
        ? []
        : [
            `  Issues    ${forge}`,
            `            ${dim("a double of GitHub, the demo's own; what fails comes there once you let it: npm run tour")}`,
          ]),
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
  /** Aborted when a person will not wait. */
  readonly hurry: AbortSignal;
  /** Called with it. */
  onForce: () => void;
  /** Called by SIGHUP where there is no terminal that could be gone. */
  onHangUp: () => void;
}

/** The first signal asks, the second kills, the third does not even wait for that. */
function untilStopped(): StopRequest {
  const count = createStopCounter();
  const hurry = new AbortController();
  let isStopped = false;
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const request: StopRequest = {
    stopped: promise,
    isStopped: () => isStopped,
    hurry: hurry.signal,
    onForce: () => undefined,
    onHangUp: () => undefined,
  };
  const ask = () => {
    const asked = count(Date.now());
    if (asked === null) return;
    isStopped = true;
    end();
    if (asked > 2) process.exit(FORCED);
    if (asked < 2) return;
    hurry.abort();
    request.onForce();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, ask);
  // From a terminal it says that the terminal is gone; a service is told by it to read its configuration again.
  process.on("SIGHUP", () => (process.stdin.isTTY || process.stdout.isTTY ? ask() : request.onHangUp()));
  whenStarterGone(() => {
    process.stderr.write("prunella: what started this is gone; stopping\n");
    ask();
  });
  return request;
}
