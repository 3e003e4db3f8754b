import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { PrunellaError } from "@prunella/contract";
import { Hono } from "hono";
import { CALLBACK, OIDC_COOKIE } from "../people/oidc.ts";
import { createApi } from "./api.ts";
import { answerOf, toApiError } from "./api-error.ts";
import { authenticate } from "./auth.ts";
import { createBareCalls } from "./bare.ts";
import { createBrokerDoor } from "./broker.ts";
import { leavesEndlessBody } from "./body.ts";
import { assertKnownHost } from "./hosts.ts";
import { assertMayHere } from "./may.ts";
import { createForgeDoor } from "./forge.ts";
import { createMetricsDoor } from "./metrics.ts";
import type { HttpDeps } from "./server.ts";
import { createStatic } from "./static.ts";
import { createWitnessDoor } from "./witness.ts";

const LEDGER_PATH = /^\/ledger\/(checkpoint|vkey|tile\/[0-9a-z/.]{1,80})$/;

/** As for the operations that tell the ledger: it is of all projects, and so are the metrics. */
const OF_ALL = { who: "viewer", within: "all", effect: "read" } as const;

/** Operator API, ledger files and console pages. */
export function createListener(deps: HttpDeps): (request: IncomingMessage, response: ServerResponse) => void {
  const listener = getRequestListener(createApp(deps).fetch, { overrideGlobalObjects: false });
  const takeBare = createBareCalls(deps);
  return (request, response) => {
    if (!takeBare(request, response)) void listener(request, response);
  };
}

/**
 * Whoever comes back from another provider goes on to the sign-in page with a one-time code behind the #, where
 * no server and no log sees it; the page trades it for a session, as that of a link.
 */
async function comeBack(request: Request, { waysIn }: HttpDeps): Promise<Response> {
  const browser = /(?:^|;\s*)prunella_oidc=([\w-]{1,100})/.exec(request.headers.get("cookie") ?? "")?.[1] ?? null;
  const go = (to: string) =>
    new Response(null, {
      status: 303,
      headers: {
        location: to,
        "cache-control": "no-store",
        "set-cookie": `${OIDC_COOKIE}=; Path=/oidc; HttpOnly; SameSite=Lax; Max-Age=0`,
      },
    });
  if (waysIn.oidc === null) throw new PrunellaError("PRUNELLA_NOT_FOUND");
  try {
    return go(`/sign-in#code=${await waysIn.oidc.finish(new URL(request.url).searchParams, browser)}`);
  } catch (error) {
    if (!(error instanceof PrunellaError)) throw error;
    return go(`/sign-in#problem=${error.code}`);
  }
}

function createApp(deps: HttpDeps): Hono {
  const app = new Hono();
  const page = createStatic();
  // What was measured before waits for it in memory.
  deps.metrics().catch(() => undefined);
  app.use(async (c, next) => {
    await next();
    // Not waited for: a refusal must cost less than the body that it refuses.
    if (leavesEndlessBody(c.req.raw, c.res.status)) c.res.headers.set("connection", "close");
  });
  app.use(async (c, next) => {
    assertKnownHost(c.req.header("host"), deps.config.server);
    await next();
  });
  app.route("/v1", createApi(deps));
  // The files of the ledger stand below; its page is elsewhere. First, because `/ledger/*` takes `/ledger` too.
  app.get("/ledger", (c) => c.redirect("/entries"));
  app.get("/ledger/*", async (c) => {
    if (!deps.config.server.public_ledger)
      await assertMayHere(await authenticate(c.req.raw, deps.kernel, deps), OF_ALL, {}, deps.kernel);
    const path = LEDGER_PATH.exec(c.req.path)?.[1];
    const bytes = path === undefined ? null : await deps.publisher.read(path);
    if (path === undefined || bytes === null)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "The ledger has no such file." });
    const isFinal = path.startsWith("tile/") && !path.includes(".p/");
    const type = path.startsWith("tile/") ? "application/octet-stream" : "text/plain; charset=utf-8";
    return new Response(new Uint8Array(bytes), {
      headers: {
        "content-type": type,
        "cache-control": isFinal
          ? `${deps.config.server.public_ledger ? "public" : "private"}, max-age=31536000, immutable`
          : "no-cache",
        ...(deps.config.server.public_ledger ? { "access-control-allow-origin": "*" } : {}),
      },
    });
  });
  app.route(
    "/metrics",
    createMetricsDoor({
      ...deps,
      authenticate: async (request) =>
        assertMayHere(await authenticate(request, deps.kernel, deps), OF_ALL, {}, deps.kernel),
    }),
  );
  if (deps.forge !== null) app.route("/forge", createForgeDoor(deps.forge));
  if (deps.witnessVkey !== null) app.route("/witness", createWitnessDoor(deps.kernel, deps.witnessVkey, deps.now));
  app.route("/broker", createBrokerDoor(deps.outside, deps.now));
  for (const closed of ["/witness/*", "/forge/*", "/broker/*"])
    app.all(closed, () => {
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "This server answers nothing at this address." });
    });
  app.get(CALLBACK, (c) => comeBack(c.req.raw, deps));
  app.get("*", (c) => page(c.req.path, c.req.raw.headers));
  app.notFound((c) =>
    c.json(toApiError(new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "Nothing answers at this address." })), 404),
  );
  app.onError((error) => {
    const { status, text } = answerOf(error, deps.log);
    return new Response(text, {
      status,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  });
  return app;
}
