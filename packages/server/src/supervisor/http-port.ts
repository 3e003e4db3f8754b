import { PrunellaError, type OperationId } from "@prunella/contract";
import type { Call, WireAnswer, WireRequest } from "@prunella/contract/client";
import { createTicketRedeemer, type Clock } from "@prunella/kernel";
import { systemClock } from "../platform/clock.ts";
import type { SupervisorPort } from "./port.ts";

/** Where the owner answers now; both change when it is started again. */
export interface Owner {
  readonly url: string;
  readonly token: string;
}

const ANSWER_MS = 10_000;
/** The owner answers within 25 s. */
const LONG_POLL_MS = 40_000;
const patience = (id: OperationId): number => (id === "next_instruction" ? LONG_POLL_MS : ANSWER_MS);

/**
 * The port of a supervisor in another process. `locate` is asked before every call, because a
 * restarted owner has another address and token; null when there is none. `vkey` is the ledger's
 * verifier key, from where the answering side cannot change it: what it permits is held against that.
 */
export function createHttpPort(
  locate: () => Promise<Owner | null>,
  vkey: () => Promise<string>,
  clock: Pick<Clock, "now"> = systemClock,
): SupervisorPort {
  async function send({ method, path, body }: WireRequest, id: OperationId, given?: AbortSignal): Promise<WireAnswer> {
    const owner = await locate();
    if (owner === null) throw unreachable(null);
    try {
      const response = await fetch(new URL(path, owner.url), {
        method,
        headers: {
          authorization: `Bearer ${owner.token}`,
          ...(body === null ? {} : { "content-type": "application/json" }),
        },
        body,
        signal: AbortSignal.any([AbortSignal.timeout(patience(id)), ...(given ? [given] : [])]),
        redirect: "error",
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw unreachable(error);
    }
  }
  // Loaded with the first call: a server that starts needs none of it, and would wait for all the schemas.
  const clientOf = async (signal?: AbortSignal): Promise<Call> => {
    const { createClient } = await import("@prunella/contract/client");
    return createClient((request, id) => send(request, id, signal), whatAnswers);
  };
  let client: Promise<Call> | null = null;
  const call: Call = async (id, ...input) => (await (client ??= clientOf()))(id, ...input);

  return {
    async announce(given) {
      return { runId: (await call("announce_run", given)).run_id };
    },
    crash: (run, body) => call("report_crash", { run, ...body }),
    vitals: (run, body) => call("report_vitals", { run, ...body }),
    next: async (run, seen, signal) => (await clientOf(signal))("next_instruction", { run, seen: seen ?? undefined }),
    redeem: createTicketRedeemer({
      vkey,
      clock,
      async fetchTicket(id, fence) {
        const { permit_id, attempt_id, project_id, expires_at, ...rest } = await call("redeem_permit", { id, fence });
        return { ...rest, permitId: permit_id, attemptId: attempt_id, projectId: project_id, expiresAt: expires_at };
      },
    }),
    outcome: (id, fence, state, pid) => call("report_outcome", { id, state, fence, pid }),
    end: (run) => call("end_run", { run }),
  };
}

function unreachable(cause: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", { hint: "Start it: prunella up", cause });
}

/** A proxy answers for an owner that is away; anything else is an owner that this version does not understand. */
function whatAnswers(status: number): PrunellaError {
  return status >= 500
    ? unreachable(null)
    : new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `The server answered ${status}.` });
}
