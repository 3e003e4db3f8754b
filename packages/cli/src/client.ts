import { join, resolve } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { createClient, type Call } from "@prunella/contract/client";
import { isAlive, locate, type Address, type ServerOptions } from "./address.ts";

/** Long enough for a ledger of a million entries to be verified. */
const ANSWER_MS = 600_000;

/** The operations of the server of the data folder, or of the one at --url. Throws as `locate` does. */
export function connect(options: ServerOptions): Call {
  const address = locate(options);
  return createClient(
    async ({ method, path, body }) => {
      const response = await fetch(new URL(path, address.url), {
        method,
        headers: {
          authorization: `Bearer ${address.token}`,
          ...(body === null ? {} : { "content-type": "application/json" }),
        },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
        redirect: "error",
      }).catch((cause: unknown) => {
        throw notAnswering(options, address, cause);
      });
      return { status: response.status, text: await response.text() };
    },
    (status) =>
      new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
        detail: `What answers at ${address.url} (status ${status}) is not a Prunella server of this version.`,
        hint: "Check --url and --data.",
      }),
  );
}

function notAnswering({ data }: ServerOptions, { url, pid }: Address, cause: unknown): PrunellaError {
  if (pid === null)
    return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
      detail: `${url} does not answer.`,
      hint: "Check the address given with --url.",
      cause,
    });
  const owner = isAlive(pid) ? `process ${pid} is there but ${url} does not answer` : `process ${pid} is gone`;
  return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
    detail: `${join(resolve(data), "server.json")} is stale: ${owner}.`,
    hint: "Start the server again: prunella up",
    cause,
  });
}
