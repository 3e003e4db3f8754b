import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono, type Context } from "hono";
import { networkOf } from "../doors/kit/network-of.ts";
import { createRateLimit } from "../doors/kit/rate-limit.ts";
import { DELIVERY_HEADERS, isSigned } from "../forge/signed.ts";
import type { ForgeDoorDeps } from "../ubiquityos/dispatching.ts";
import { readBody } from "./body.ts";

/** GitHub's own bound of a payload (its documentation, "Webhook events and payloads"). */
const MAX_BYTES = 26_214_400;
/** Bodies are checked whole: so much may be on its way, from everywhere and from one network; a slow one holds up no other. */
const MOST_BYTES = 4 * MAX_BYTES;
const MOST_OF_ONE = 2 * MAX_BYTES;
const PER_MINUTE = 6_000;

/**
 * `POST /forge/github` or `/forge/gitea`, what a host tells, believed by its signature over the raw bytes alone and
 * answered when it is written down, before anything else is done about it; `POST /forge/ubiquityos/token`, where a plugin that works long gets a new token.
 */
export function createForgeDoor(deps: ForgeDoorDeps): Hono {
  const door = new Hono();
  const byNetwork = createRateLimit(PER_MINUTE, deps.now);
  /** Bytes on their way, by network. */
  const onTheWay = new Map<string, number>();

  const networkAt = (c: Context) => networkOf(getConnInfo(c).remote.address ?? "");
  const isTooMuch = (c: Context) => !byNetwork.take(networkAt(c));
  const busy = (c: Context) => c.json({ error: "too much at once" }, 503, { "retry-after": "10" });

  const headers = DELIVERY_HEADERS[deps.kind];
  door.post(`/${deps.kind}`, async (c) => {
    const network = networkAt(c);
    const claimed = Math.min(Number(c.req.header("content-length") ?? MAX_BYTES) || 0, MAX_BYTES);
    const ofNetwork = onTheWay.get(network) ?? 0;
    const all = [...onTheWay.values()].reduce((sum, bytes) => sum + bytes, 0);
    if (isTooMuch(c) || !deps.hasRoom() || ofNetwork + claimed > MOST_OF_ONE || all + claimed > MOST_BYTES)
      return busy(c);
    onTheWay.set(network, ofNetwork + claimed);
    try {
      const body = Buffer.from(await readBody(c.req.raw, MAX_BYTES));
      if (!isSigned(deps.kind, { body, header: c.req.header(headers.signature), secret: deps.webhookSecret() }))
        return c.json({ error: "the signature is not the host's" }, 401);
      const id = c.req.header(headers.id) ?? "";
      const taken = await deps.take({ id, event: c.req.header(headers.event) ?? "", body: body.toString() });
      if (taken === "unreadable") return c.json({ error: "this is no delivery" }, 400);
      if (taken === "later") return busy(c);
      return c.json(taken === "seen" ? { ok: true, seen: true } : { ok: true }, 202);
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
