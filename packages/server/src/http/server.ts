import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { ERRORS, PrunellaError, type ApiError, type Config } from "@prunella/contract";
import type { Log } from "@prunella/kernel";
import { Hono } from "hono";
import { createCrashDoor } from "../doors/crash/door.ts";
import { createSentryDoor } from "../doors/sentry/door.ts";
import { createApi, type ApiDeps } from "./api.ts";
import { createStatic } from "./static.ts";

export interface HttpDeps extends ApiDeps {
  readonly config: Config;
  readonly log: Log;
  readonly onLoss: (projectId: string, reason: string, quantity: number) => void;
}

/** A client that takes longer than this to send its request is given up. */
const REQUEST_TIMEOUT_MS = 60_000;
const LOOPBACK = /^(::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
const LEDGER_PATH = /^\/ledger\/(checkpoint|vkey|tile\/[0-9a-z/.]{1,80})$/;

/** All doors of the house behind one port. */
export function createHttp(deps: HttpDeps): Server {
  const sentry = createSentryDoor({
    kernel: deps.kernel,
    limits: deps.config.limits,
    now: deps.now,
    onLoss: deps.onLoss,
  });
  const crash = createCrashDoor({
    kernel: deps.kernel,
    config: deps.config.crash_reports,
    now: deps.now,
    onLoss: deps.onLoss,
  });
  const listener = getRequestListener(createApp(deps).fetch, { overrideGlobalObjects: false });
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: 20_000, keepAliveTimeout: 65_000 },
    (request, response) => {
      if (sentry.take(request, response) || crash.take(request, response)) return;
      if (request.url?.startsWith("/ledger/") && !mayReadLedger(deps, request)) return refuseLedger(response);
      void listener(request, response);
    },
  );
  return server;
}

function createApp(deps: HttpDeps): Hono {
  const app = new Hono();
  const page = createStatic();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.route("/v1", createApi(deps));
  app.get("/ledger/*", async (c) => {
    const path = LEDGER_PATH.exec(c.req.path)?.[1];
    const bytes = path === undefined ? null : await deps.publisher.read(path);
    if (path === undefined || bytes === null)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "The ledger has no such file." });
    const isFinal = path.startsWith("tile/") && !path.includes(".p/");
    const type = path.startsWith("tile/") ? "application/octet-stream" : "text/plain; charset=utf-8";
    return new Response(new Uint8Array(bytes), {
      headers: {
        "content-type": type,
        "cache-control": isFinal ? "public, max-age=31536000, immutable" : "no-cache",
        "access-control-allow-origin": "*",
      },
    });
  });
  // The files of the ledger stand here; its page is elsewhere.
  app.get("/ledger", (c) => c.redirect("/entries"));
  app.get("*", (c) => page(c.req.path));
  app.notFound((c) =>
    c.json(toApiError(new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "Nothing answers at this address." })), 404),
  );
  app.onError((error) => {
    if (!(error instanceof PrunellaError)) deps.log.warn(`a request failed: ${error.message}`);
    const known = error instanceof PrunellaError ? error : new PrunellaError("PRUNELLA_INTERNAL");
    return new Response(JSON.stringify(toApiError(known)), {
      status: known.status,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  });
  return app;
}

/** Unknown errors say nothing about themselves. */
function toApiError(error: PrunellaError): ApiError {
  const message = error.code === "PRUNELLA_INTERNAL" ? ERRORS.PRUNELLA_INTERNAL.text : error.message;
  return { error: { code: error.code, message, hint: error.hint } };
}

function mayReadLedger({ config }: HttpDeps, request: IncomingMessage): boolean {
  return config.server.public_ledger || LOOPBACK.test(request.socket.remoteAddress ?? "");
}

function refuseLedger(response: ServerResponse): void {
  const body = JSON.stringify(
    toApiError(
      new PrunellaError("PRUNELLA_NOT_FOUND", {
        detail: "The ledger is open on loopback only.",
        hint: "Set server.public_ledger to open it.",
      }),
    ),
  );
  response.writeHead(404, { "content-type": "application/json" }).end(body);
}
