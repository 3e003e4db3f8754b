import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Config } from "@prunella/contract";
import type { Log } from "@prunella/kernel";
import type { DoorThread } from "../doors/thread/open.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { openFilesLimit } from "../platform/open-files.ts";
import type { Outside } from "../plugins/outside/run.ts";
import type { ForgeDoorDeps } from "../ubiquityos/dispatching.ts";
import type { ApiDeps } from "./handler.ts";
import { createHeaders } from "./headers.ts";
import { boundRest } from "./linger.ts";
import { sendReady } from "./ready.ts";

export interface HttpDeps extends ApiDeps {
  /** By which others know this server as their witness; null: it is none. */
  readonly witnessVkey: string | null;
  /** What the host of the repositories may tell; null: there is none. */
  readonly forge: ForgeDoorDeps | null;
  /** By which plugins elsewhere ask. */
  readonly outside: Pick<Outside, "lines" | "key">;
  readonly config: Config;
  readonly log: Log;
  readonly doors: Pick<DoorThread, "take" | "isOpen">;
  /** Why this server is not ready; nothing when it is. */
  readonly readiness: () => Promise<readonly string[]>;
  readonly metrics: () => Promise<Metrics>;
  readonly scrapeToken: () => string | null;
}

/** A client that takes longer than this to send its request is given up. */
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 20_000;
/** How late that is noticed. Node's own half minute would more than double the time for headers. */
const CHECK_MS = 5_000;
/** More than a fleet keeps alive; beyond it new ones are dropped. */
const MAX_CONNECTIONS = 8_192;
/** Whatever the doors' bounds: about what is on its way already when an answer comes. */
const MIN_REST_BYTES = 2 * 1024 * 1024;
/** The first page shall not wait; the first failure comes before it. */
const WARM_UP_MS = 50;

/** An ES import would evaluate every export of the module, some of which load half of undici: 40 ms of the start. */
const { createServer } = process.getBuiltinModule("node:http");

/**
 * All doors of the house behind one port. The doors that take failures in are up first: pages and
 * the operator API are loaded behind them, or with the first request that wants one.
 */
export function createHttp(deps: HttpDeps): Server {
  const setHeaders = createHeaders(deps.config.server.public_url);
  const restBytes = Math.max(deps.config.limits.compressed_bytes, MIN_REST_BYTES);
  let listener: Promise<(request: IncomingMessage, response: ServerResponse) => void> | null = null;
  const loadListener = () => (listener ??= import("./app.ts").then(({ createListener }) => createListener(deps)));
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: 65_000,
    },
    (request, response) => {
      setHeaders(response);
      boundRest(request, response, restBytes);
      if (deps.doors.take(request, response)) return;
      if (request.url === "/healthz") return sendHealth(response, deps.doors.isOpen);
      if (request.url === "/readyz") return void deps.readiness().then((reasons) => sendReady(response, reasons));
      loadListener().then(
        (listen) => listen(request, response),
        () => response.destroy(),
      );
    },
  );
  // Half of what may be open stays ours: programs are started through pipes, whoever holds connections open.
  server.maxConnections = Math.min(MAX_CONNECTIONS, Math.floor((openFilesLimit() ?? 2 * MAX_CONNECTIONS) / 2));
  server.once("listening", () => setTimeout(() => void loadListener().catch(() => undefined), WARM_UP_MS).unref());
  return server;
}

/** 200 also while the doors are away: they come back by themselves, and a restart would take the rest away too. */
function sendHealth(response: ServerResponse, areDoorsOpen: boolean): void {
  response
    .writeHead(200, { "content-type": "application/json", "cache-control": "no-store" })
    .end(`{"status":"ok","doors":"${areDoorsOpen ? "open" : "away"}"}`);
}
