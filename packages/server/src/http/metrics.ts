import { createHash, timingSafeEqual } from "node:crypto";
import { PrunellaError } from "@prunella/contract";
import { Hono } from "hono";
import type { Metrics } from "../metrics/metrics.ts";

export interface MetricsDoorDeps {
  readonly metrics: () => Promise<Metrics>;
  /** The lasting token of whoever scrapes; null when there is none. Read anew, so it is changed without a restart. */
  readonly scrapeToken: () => string | null;
  /** Who may call the operator API may scrape. @throws PRUNELLA_SIGN_IN_REQUIRED */
  readonly authenticate: (request: Request) => Promise<unknown>;
}

/**
 * `/metrics`. Being on this machine is not enough: web pages and proxies reach loopback as well, and what
 * is told here (projects, refusals, questions) is the operator's.
 */
export function createMetricsDoor({ metrics, scrapeToken, authenticate }: MetricsDoorDeps): Hono {
  const door = new Hono();
  door.get("/", async (c) => {
    if (!isScraper(c.req.header("authorization"), scrapeToken())) await authenticate(c.req.raw).catch(forScrapers);
    const { contentType, scrape } = await metrics();
    return c.body(await scrape(), 200, { "content-type": contentType, "cache-control": "no-store" });
  });
  return door;
}

/** Whoever scrapes has no browser to sign in with, and reads this in the state of a target. */
function forScrapers(cause: unknown): never {
  if (!(cause instanceof PrunellaError) || cause.code !== "PRUNELLA_SIGN_IN_REQUIRED") throw cause;
  throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
    ...(cause.detail === null ? {} : { detail: cause.detail }),
    hint: "Send the token that the file of metrics.token_file holds, or the data folder's, as `authorization: Bearer …`.",
    cause,
  });
}

function isScraper(authorization: string | undefined, token: string | null): boolean {
  const shown = /^Bearer (.{1,500})$/.exec(authorization ?? "")?.[1];
  // Digests are equally long, whatever was shown.
  return shown !== undefined && token !== null && timingSafeEqual(digest(shown), digest(token));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
