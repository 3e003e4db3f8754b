import type { Server } from "node:http";
import { dirname, resolve as resolvePath } from "node:path";
import { PrunellaError, type Actor, type Config, type Reloaded } from "@prunella/contract";
import { createIds, createKernel, migrate, SYSTEM, witnessVkeyOf, type Kernel, type Log } from "@prunella/kernel";
import { scrubText } from "@prunella/scrub";
import { createCheckpoints } from "./checkpoints/checkpoints.ts";
import { readKeys } from "./checkpoints/keys.ts";
import { newDoorMemory, type DoorThread } from "./doors/thread/open.ts";
import { startDoors, type DoorsGiven } from "./doors/thread/start.ts";
import { createReadiness } from "./http/ready.ts";
import { createHttp } from "./http/server.ts";
import { openLedger } from "./ledger-begin.ts";
import { createFixing, grantsOf } from "./fixing.ts";
import { createLedgerCheck } from "./ledger-check.ts";
import { createLedgerPublisher, writeVkey } from "./ledger-publisher.ts";
import { safeLog, secretsOf } from "./log-lines.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { createRecorder } from "./metrics/recorder.ts";
import { openChannels } from "./notify/channels.ts";
import { createCalendar } from "./platform/calendar.ts";
import { systemClock } from "./platform/clock.ts";
import { converse } from "./platform/converse.ts";
import { ownDataFolder } from "./platform/data-folder.ts";
import { freeBytes } from "./platform/disk.ts";
import { createHands } from "./platform/hands/hands.ts";
import { createPathLooks } from "./platform/hands/path-looks.ts";
import { openEngine } from "./platform/engine.ts";
import { isConnectionLost } from "./platform/postgres-errors.ts";
import { systemRng } from "./platform/rng.ts";
import { readScrapeToken } from "./platform/scrape-token.ts";
import { startLogThread } from "./platform/sqlite-log.ts";
import { openTileFolder } from "./platform/tiles.ts";
import { openTurn } from "./platform/writer-turn.ts";
import type { LoadedConfig } from "./config.ts";
import { createReload, putConfig } from "./reload.ts";
import { openScrubber } from "./scrub-policy.ts";
import { oidcSecret } from "./people/oidc-secret.ts";
import { createWaysIn } from "./people/people.ts";
import { openDispatching, type Dispatching } from "./ubiquityos/dispatching.ts";
import { openFiling, waitsAt } from "./forge/filing.ts";
import { createIssuePort } from "./forge/issue-port.ts";
import { viewOf } from "./forge/check.ts";
import { openForge } from "./forge/open.ts";
import { createWorkflows } from "./forge/workflows.ts";
import { createOwnFailures } from "./ubiquityos/own-failure.ts";
import { readText } from "./platform/read-text.ts";
import { createEvents } from "./plugins/events.ts";
import { openPluginHost } from "./plugins/host.ts";
import { createLines } from "./plugins/outside/lines.ts";
import { createPluginManager } from "./plugins/manager/manager.ts";
import { authorsModule } from "./platform/plugins/authors-module.ts";
import { drawRequestKey } from "./platform/plugins/request-key.ts";
import { PROBES } from "./probes/kinds.ts";
import { createLocalPort } from "./supervisor/local-port.ts";
import type { SupervisorPort } from "./supervisor/port.ts";

export interface ServerOptions {
  readonly config: Config;
  /** The file that it stands in, for messages; null or absent when there is none. */
  readonly configPath?: string | null;
  /** Reads that file again, as it was read at the start; null or absent when there is none. */
  readonly load?: (() => Promise<LoadedConfig>) | null;
  /** Of the file's bytes at the start. */
  readonly configSha256?: string | null;
  readonly dataFolder: string;
  /** Shown wherever a person could mistake the demo for their own. */
  readonly isDemo: boolean;
  /** How the command is called where the server was started, for pages that name one. */
  readonly command?: string;
  readonly log: Log;
  /** For tests: holds every answer of the operator API against its schema. */
  readonly checksAnswers?: boolean;
  /** For tests: other doors than those of the house. */
  readonly doors?: DoorsGiven;
}

export interface RunningServer {
  readonly url: string;
  /** The operator token, as in server.json. */
  readonly token: string;
  /** Of the project `default`. */
  readonly dsn: string;
  readonly kernel: Kernel;
  readonly supervisorPort: SupervisorPort;
  /** Of any project. */
  dsnOf(project: { dsn_id: string; public_key: string }): string;
  /** A fresh one-time link. */
  signInLink(): Promise<string>;
  /** Reads the configuration file again; throws, with every mistake, when it is refused. */
  reload(by: Actor): Promise<Reloaded>;
  close(): Promise<void>;
}

/** PostgreSQL connections for reading, of pages and decisions. */
const READERS = 4;
/** For the host of repositories to say what a ref names. */
const COMMIT_MS = 30_000;

/** Throws PRUNELLA_DATABASE_UNREACHABLE too when the database goes away while the server starts. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  try {
    return await start(options);
  } catch (cause) {
    if (!isConnectionLost(cause)) throw cause;
    throw new PrunellaError("PRUNELLA_DATABASE_UNREACHABLE", {
      detail: "It ended the connection while the server started.",
      hint: "Start the server again when the database is up.",
      cause,
    });
  }
}

/** Opens everything in order; whatever opened last closes first, also when a later step fails. */
async function start({
  config,
  configPath = null,
  load = null,
  configSha256 = null,
  dataFolder,
  isDemo,
  command = "prunella",
  log: givenLog,
  checksAnswers = false,
  doors: givenDoors,
}: ServerOptions): Promise<RunningServer> {
  await using stack = new AsyncDisposableStack();
  const base = configPath === null ? process.cwd() : dirname(resolvePath(configPath));
  const witnesses = readKeys(config);
  const oidc = openOidc(config, configPath);
  const grants = grantsOf(config, configPath);
  const scrubber = openScrubber(config.scrub, configPath);
  let url = config.server.public_url ?? "";
  const channels = openChannels(config.notify, {
    environment: process.env,
    read: (path) => readText(resolvePath(base, path)),
    folder: base,
    url: () => url,
    now: () => systemClock.now(),
  });
  const { promise: kernelReady, resolve: openWaits } = Promise.withResolvers<Pick<Kernel, "filings">>();
  const opened = openForge(
    config,
    { environment: process.env, read: (path) => readText(resolvePath(base, path)) },
    { now: () => systemClock.now(), waits: (place) => waitsAt(kernelReady, place) },
  );
  const rng = systemRng();
  const token = Buffer.from(rng.bytes(32)).toString("base64url");
  const log = safeLog(givenLog, {
    secrets: [token, ...channels.secrets, ...secretsOf(config), ...(oidc?.secret ? [oidc.secret] : [])],
    ...(opened === null ? {} : { later: opened.secrets }),
    ...(scrubber === null ? {} : { scrubber }),
  });
  const clock = systemClock;
  const newId = createIds(clock, rng);
  const folder = stack.use(ownDataFolder(dataFolder));
  const memory = newDoorMemory();
  const turn = openTurn(memory.turn, "main");
  const engine = await openEngine(config, {
    databasePath: folder.databasePath,
    turn,
    readers: READERS,
    syncs: "within",
  });
  stack.defer(() => engine.close());
  if (engine.kind === "sqlite") {
    const logThread = startLogThread({ path: folder.databasePath, turn, log });
    stack.defer(() => logThread.close());
  }
  await migrate(engine);
  const files = openTileFolder(folder.ledgerPath);
  const signer = await openLedger({ engine, folder: folder.path, files, now: clock.now() });
  await writeVkey(files, signer);

  const standing = { config, sha256: configSha256 };
  // One for all: a process has few threads that reach for files, whoever asks.
  const paths = createPathLooks();
  let doors: DoorThread | null = null;
  const recorder = createRecorder();
  const { promise: eventsReady, resolve: openEvents } = Promise.withResolvers<ReturnType<typeof createEvents>>();
  const { promise: dispatchingReady, resolve: openDispatches } = Promise.withResolvers<Dispatching | null>();
  const kernel = await createKernel({
    engine,
    clock,
    calendar: createCalendar(),
    rng,
    log,
    meter: recorder.meter,
    newId,
    place: folder.place,
    signer,
    witnessed: config.witness.origins,
    limits: config.limits,
    channels,
    retention: config.retention,
    sprints: config.sprints,
    freeDisk: () => freeBytes(folder.path),
    fixing: createFixing(folder.path, base, () => standing.config, paths),
    investigating: { config: () => standing.config.investigator, converse },
    probes: { kinds: PROBES, hands: createHands(base, paths) },
    flushElsewhere: async () => doors?.flushSamples(),
    lookElsewhere: () => doors?.look(),
    ...(opened === null || config.forge?.triage == null
      ? {}
      : { issuing: { settings: config.forge.triage, port: createIssuePort(opened.forge) } }),
    tellPlugins: async (event) => (await eventsReady).tell(event),
    takeUp: async (kept) => (await dispatchingReady)?.takeUp(kept) ?? "taken",
    ...(scrubber === null ? {} : { scrubber }),
  });
  stack.defer(() => kernel.close());
  openWaits(kernel);
  if ((await kernel.projects.list()).length === 0)
    await kernel.projects.add({ id: "default", title: "Default", by: SYSTEM });
  await kernel.ledger.restoreGuards();
  await putConfig(kernel, config, { base, grants });
  kernel.begin();
  const reload = createReload({ kernel, place: { base, configPath }, standing, log, load });
  const publisher = createLedgerPublisher({
    engine,
    files,
    signer,
    log,
    clock,
    nodeId: kernel.nodeId,
    witnesses: config.ledger.witnesses.map(({ vkey }) => vkey),
  });
  stack.defer(() => publisher.close());
  stack.defer(kernel.notices.onGap(() => publisher.wake()));
  stack.defer(kernel.notices.subscribe(({ topic }) => topic === "ledger" && publisher.wake()));
  publisher.wake();
  const checkpoints = createCheckpoints({
    config: config.ledger,
    folder: base,
    publisher,
    headSize: async () => (await kernel.ledger.head()).size,
    signer,
    clock,
    log,
  });
  stack.defer(() => checkpoints.close());

  doors = startDoors({
    kernel,
    log,
    recorder,
    config,
    turn,
    data: { config, configPath, folder: folder.path, databasePath: folder.databasePath, token, memory },
    given: givenDoors,
  });
  stack.defer(doors.close);
  const closing = new AbortController();
  const dsnOf = (row: { dsn_id: string; public_key: string }) =>
    url.replace("://", `://${row.public_key}@`).replace(/\/$/, "") + `/${row.dsn_id}`;
  const filing = opened === null ? null : openFiling({ opened, kernel, scrubber, log, clock });
  if (filing !== null) stack.defer(filing.close);
  const workflows = opened?.github == null ? null : createWorkflows(opened.github, () => clock.now());
  if (workflows !== null) stack.defer(workflows.close);
  const lines = createLines({ now: () => clock.now(), url: () => config.server.own_url ?? url });
  const outside = { key: drawRequestKey(signer), lines, workflows };
  const pluginHost = openPluginHost({
    outside,
    kernel,
    dataFolder: folder.path,
    base,
    plugins: () => standing.config.plugins,
    scrubber,
    log,
    methods: filing?.methods ?? new Map(),
    onFailed: (failed) => failures.ofCommand(failed),
  });
  stack.defer(() => pluginHost.close());
  const plugins = createPluginManager({
    kernel,
    dataFolder: folder.path,
    ours: authorsModule(),
    look: pluginHost.look,
    commitOf:
      workflows === null
        ? null
        : (repository, ref) => workflows.commitOf(repository, ref, AbortSignal.timeout(COMMIT_MS)),
  });
  const pluginEvents = createEvents({
    ...pluginHost,
    log,
    onFailed: (...failed) => failures.ofHandler(...failed),
  });
  openEvents(pluginEvents);
  stack.defer(() => pluginEvents.close());
  const failures = createOwnFailures({
    kernel,
    tell: (event) => void pluginEvents.tell(event),
    clean: (text) => (scrubber ?? { scrubText }).scrubText(text).text.value,
    newId,
    now: () => clock.now(),
    log,
    ubiquityos: config.ubiquityos,
  });
  const waysIn = createWaysIn({ kernel, rng, now: () => clock.now(), url: () => url, oidc });
  const inHand = doors;
  let metrics: Promise<Metrics> | null = null;
  const loadMetrics = async (): Promise<Metrics> =>
    (await import("./metrics/metrics.ts")).openMetrics({
      recorder,
      engine,
      kernel,
      publishedSize: publisher.publishedSize,
      freeDisk: () => freeBytes(folder.path),
      now: () => clock.now(),
      doors: () => ({ isOpen: inHand.isOpen, ...inHand.inHand }),
    });
  const dispatching = openDispatching(opened, {
    kernel,
    workflows,
    config,
    log,
    ...pluginHost,
    tell: (event) => void pluginEvents.tell(event),
    now: () => clock.now(),
    newId,
    url: () => url,
    clock,
  });
  openDispatches(dispatching);
  if (dispatching !== null) stack.defer(dispatching.close);
  const { token_file: tokenFile } = config.metrics;
  const http = createHttp({
    kernel,
    publisher,
    verifyLedger: createLedgerCheck({ kernel, publisher, checkpoints }),
    witnesses,
    forge: dispatching?.door ?? null,
    repositories:
      opened === null || config.forge === null
        ? null
        : viewOf({
            opened,
            config: config.forge,
            dispatches: config.ubiquityos !== null,
            filings: kernel.filings,
            url: () => url,
            now: () => clock.now(),
            lastDelivery: () => dispatching?.lastDelivery() ?? null,
          }),
    outside,
    witnessVkey: config.witness.origins.length === 0 ? null : witnessVkeyOf(signer),
    token,
    linkSignIn: config.server.link_sign_in,
    waysIn,
    plugins,
    invokePlugin: pluginHost.invokePlugin,
    pluginCalls: pluginHost.calls,
    channels: config.notify.channels,
    config,
    log,
    dsnOf,
    isDemo,
    command,
    checksAnswers,
    url: () => url,
    now: () => clock.now(),
    startedAt: clock.now(),
    closing: closing.signal,
    doors,
    reload,
    readiness: createReadiness(
      {
        database: kernel.reachable.database,
        writer: kernel.reachable.writer,
        ledger: async () => publisher.isWell(),
        doors: async () => inHand.isOpen,
      },
      () => clock.now(),
    ),
    metrics: () => (metrics ??= loadMetrics()),
    scrapeToken: () => (tokenFile === null ? null : readScrapeToken(resolvePath(base, tokenFile))),
  });
  const port = await listen(http, config.server.host, config.server.port);
  url ||= `http://${urlHost(config.server.host)}:${port}`;
  stack.defer(() => closeHttp(http, closing));
  folder.announce({ url: `http://${urlHost(config.server.host)}:${port}`, pid: process.pid, token });

  const [first] = await kernel.projects.list();
  if (!first) throw new Error("there is no project");
  const open = stack.move();
  return {
    url,
    token,
    kernel,
    dsn: dsnOf(first),
    dsnOf,
    supervisorPort: createLocalPort(kernel, clock),
    reload,
    signInLink: async () => `${url}/sign-in#code=${await kernel.access.mint()}`,
    close: () => open.disposeAsync(),
  };
}

/** The secret is read before anything is opened, so that a missing one is told at once. */
function openOidc({ oidc }: Config, configPath: string | null) {
  if (oidc === null) return null;
  const from = configPath === null ? process.cwd() : dirname(resolvePath(configPath));
  return { config: oidc, secret: oidcSecret(oidc, process.env, (path) => readText(resolvePath(from, path))) };
}

const WHY_NOT_LISTENING: Readonly<Record<string, { readonly isPort: boolean; readonly text: string }>> = {
  EADDRINUSE: { isPort: true, text: "is taken by another program" },
  EACCES: { isPort: true, text: "may not be opened by this user" },
  EADDRNOTAVAIL: { isPort: false, text: "is not an address of this machine" },
  EINVAL: { isPort: false, text: "is not an address of this machine" },
  ENOTFOUND: { isPort: false, text: "is not known as a name or an address" },
  EAI_AGAIN: { isPort: false, text: "cannot be looked up now" },
};

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = WHY_NOT_LISTENING[cause.code ?? ""];
      if (why === undefined) return reject(cause);
      reject(
        why.isPort
          ? new PrunellaError("PRUNELLA_PORT_IN_USE", {
              detail: `${host}:${port} ${why.text}.`,
              hint: "Choose another with --port, or 0 for any free one.",
              cause,
            })
          : new PrunellaError("PRUNELLA_USAGE", {
              detail: `The host ${host} ${why.text}.`,
              hint: "Choose another with --host or server.host: 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses.",
              cause,
            }),
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : port);
    });
  });
}

/** What is being answered is finished; idle connections and open streams are let go. */
function closeHttp(server: Server, closing: AbortController): Promise<void> {
  closing.abort();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
}

const urlHost = (host: string): string =>
  host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
