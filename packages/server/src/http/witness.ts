import type { Kernel, Witnessed } from "@prunella/kernel";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { networkOf } from "../doors/kit/network-of.ts";
import { createRateLimit } from "../doors/kit/rate-limit.ts";
import { readBody } from "./body.ts";

/** 63 lines of proof, and a note with some signatures. */
const MAX_BYTES = 32_768;

const STATUS: Readonly<Record<Exclude<Witnessed["kind"], "cosigned" | "conflict">, 400 | 403 | 404 | 422>> = {
  malformed: 400,
  unknown_origin: 404,
  unsigned: 403,
  inconsistent: 422,
};

/** From one address. A ledger comes every ten minutes and after a verification; behind one proxy there may be several. */
const PER_MINUTE = 60;

/** C2SP tlog-witness, the witness's side. Whoever comes shows the signature of a ledger that it was told of. */
export function createWitnessDoor(kernel: Pick<Kernel, "witness">, vkey: string, now: () => number): Hono {
  const door = new Hono();
  const byAddress = createRateLimit(PER_MINUTE, now);
  door.get("/vkey", (c) => c.text(`${vkey}\n`));
  door.post("/add-checkpoint", async (c) => {
    // Before a signature is checked, which is what a request costs.
    if (!byAddress.take(networkOf(getConnInfo(c).remote.address ?? "")))
      return c.text("too many requests\n", 429, { "retry-after": "60" });
    const answer = await kernel.witness.add(await readBody(c.req.raw, MAX_BYTES));
    switch (answer.kind) {
      case "cosigned":
        return c.text(answer.lines);
      case "conflict":
        return c.body(`${answer.size}\n`, 409, { "content-type": "text/x.tlog.size" });
      default:
        return c.text(`${answer.kind.replaceAll("_", " ")}\n`, STATUS[answer.kind]);
    }
  });
  return door;
}
