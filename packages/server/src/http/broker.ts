import { getConnInfo } from "@hono/node-server/conninfo";
import { parseJson } from "@prunella/contract/json";
import { Hono } from "hono";
import { networkOf } from "../doors/kit/network-of.ts";
import { createRateLimit } from "../doors/kit/rate-limit.ts";
import type { Outside } from "../plugins/outside/run.ts";
import { readBody } from "./body.ts";

/** As a frame of a plugin that runs here. */
const MAX_BYTES = 4_194_304;
const PER_MINUTE = 6_000;

/**
 * `POST /broker/<invocation>`: what a plugin elsewhere asks of its host while that invocation goes on, as JSON-RPC 2.0
 * with the token that it was started with. `GET /broker/key`: what its requests are signed with.
 */
export function createBrokerDoor({ lines, key }: Pick<Outside, "lines" | "key">, now: () => number): Hono {
  const door = new Hono();
  const byNetwork = createRateLimit(PER_MINUTE, now);
  door.get("/key", (c) => c.text(`${key.publicKey}\n`));
  door.post("/:invocation", async (c) => {
    const network = networkOf(getConnInfo(c).remote.address ?? "");
    if (!byNetwork.take(network)) return c.json({ error: "too much at once" }, 503, { "retry-after": "10" });
    const token = /^Bearer (?<token>[\w-]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.groups?.["token"];
    const invocation = c.req.param("invocation");
    // Whoever has no token sends no body that is read.
    const body = lines.knows(invocation, token ?? "") ? await readBody(c.req.raw, MAX_BYTES) : null;
    const { status, body: answer } = await lines.take({
      invocation,
      token: token ?? "",
      network,
      body: body === null ? null : parseJson(new TextDecoder().decode(body)),
    });
    const headers = { "cache-control": "no-store" };
    return answer === null
      ? new Response(null, { status: 204, headers })
      : c.json(answer, status === 204 ? 200 : status, headers);
  });
  return door;
}
