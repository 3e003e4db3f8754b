import { createHmac, timingSafeEqual } from "node:crypto";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono, type Context } from "hono";
import { networkOf } from "../doors/kit/network-of.ts";
import { createRateLimit } from "../doors/kit/rate-limit.ts";
import { readDelivery } from "../ubiquityos/deliver.ts";
import type { ForgeDoorDeps } from "../ubiquityos/dispatching.ts";
import { readBody } from "./body.ts";

/** GitHub's own bound of a payload (its documentation, "Webhook events and payloads"). */
const MAX_BYTES = 26_214_400;
/** Bodies are checked whole: so much may be on its way, from everywhere and from one network; a slow one holds up no other. */
const MOST_BYTES = 4 * MAX_BYTES;
const MOST_OF_ONE = 2 * MAX_BYTES;
/** Redelivered on request for three days (its documentation, "Redelivering webhooks"). */
const SEEN_MS = 3 * 86_400_000;
const PER_MINUTE = 6_000;

/**
 * `POST /forge/github`, what a host tells, believed by its signature over the raw bytes alone and answered before
 * anything is done about it; `POST /forge/ubiquityos/token`, where a plugin that works long gets a new token.
 */
export function createForgeDoor(deps: ForgeDoorDeps): Hono {
  const door = new Hono();
  const byNetwork = createRateLimit(PER_MINUTE, deps.now);
  /** Bytes on their way, by network. */
  const onTheWay = new Map<string, number>();

  const networkAt = (c: Context) => networkOf(getConnInfo(c).remote.address ?? "");
  const isTooMuch = (c: Context) => !byNetwork.take(networkAt(c));
  const busy = (c: Context) => c.json({ error: "too much at once" }, 503, { "retry-after": "10" });

  door.post("/github", async (c) => {
    const network = networkAt(c);
    const claimed = Math.min(Number(c.req.header("content-length") ?? MAX_BYTES) || 0, MAX_BYTES);
    const ofNetwork = onTheWay.get(network) ?? 0;
    const all = [...onTheWay.values()].reduce((sum, bytes) => sum + bytes, 0);
    if (isTooMuch(c) || !deps.hasRoom() || ofNetwork + claimed > MOST_OF_ONE || all + claimed > MOST_BYTES)
      return busy(c);
    onTheWay.set(network, ofNetwork + claimed);
    try {
      const body = Buffer.from(await readBody(c.req.raw, MAX_BYTES));
      if (!isSigned(body, c.req.header("x-hub-signature-256"), deps.webhookSecret))
        return c.json({ error: "the signature is not the host's" }, 401);
      const id = c.req.header("x-github-delivery") ?? "";
      const told = readDelivery(id, c.req.header("x-github-event") ?? "", body.toString());
      if (told === null || !/^[\w-]{1,100}$/.test(id)) return c.json({ error: "this is no delivery" }, 400);
      if (!(await deps.isFirst(`delivery ${id}`, SEEN_MS))) return c.json({ ok: true, seen: true }, 202);
      deps.deliver(told);
      return c.json({ ok: true }, 202);
    } finally {
      const left = (onTheWay.get(network) ?? 0) - claimed;
      if (left > 0) onTheWay.set(network, left);
      else onTheWay.delete(network);
    }
  });

  door.post("/ubiquityos/token", async (c) => {
    if (isTooMuch(c)) return busy(c);
    const bearer = /^Bearer (?<token>\S{1,2000})$/i.exec(c.req.header("authorization") ?? "")?.groups?.["token"];
    const proof = c.req.header("x-ubiquity-kernel-token") ?? "";
    const refreshed = bearer === undefined || proof.length > 5_000 ? null : await deps.refresh(proof, bearer);
    return refreshed === null
      ? c.json({ error: "there is no dispatch that this proves" }, 401)
      : c.json(refreshed, 200, { "cache-control": "no-store" });
  });

  return door;
}

function isSigned(body: Uint8Array, header: string | undefined, secret: string): boolean {
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
  const given = Buffer.from(header ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
