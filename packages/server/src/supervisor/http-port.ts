import { ERRORS, PrunellaError, type ErrorCode, type Instruction } from "@prunella/contract";
import type { Redeemed } from "@prunella/kernel";
import type { SupervisorPort } from "./port.ts";

/** Where the owner answers now; both change when it is started again. */
export interface Owner {
  readonly url: string;
  readonly token: string;
}

const ANSWER_MS = 10_000;
/** The owner answers within 25 s. */
const LONG_POLL_MS = 40_000;

/**
 * The port of a supervisor in another process. `locate` is asked before every call, because a
 * restarted owner has another address and token; null when there is none.
 */
export function createHttpPort(locate: () => Promise<Owner | null>): SupervisorPort {
  async function call(method: "GET" | "POST", path: string, body: unknown, timeoutMs: number): Promise<unknown> {
    const owner = await locate();
    if (owner === null) throw unreachable(null);
    const response = await fetch(new URL(path, owner.url), {
      method,
      headers: {
        authorization: `Bearer ${owner.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "error",
    }).catch((error: unknown) => {
      throw unreachable(error);
    });
    if (response.status === 204) return null;
    const answer: unknown = await response.json().catch((error: unknown) => {
      throw unreachable(error);
    });
    if (response.ok) return answer;
    throw toError(answer, response.status);
  }
  const at = (...parts: string[]) => `/v1/${parts.map(encodeURIComponent).join("/")}`;

  return {
    async announce({ name, project, pid, policy }) {
      const answer = await call("POST", at("supervised"), { name, project, pid, policy }, ANSWER_MS);
      return { runId: text(answer, "run_id") };
    },
    async crash(runId, body) {
      await call("POST", at("supervised", runId, "crash"), body, ANSWER_MS);
    },
    async next(runId, seen) {
      const query = seen === null ? "" : `?seen=${encodeURIComponent(seen)}`;
      return toInstruction(await call("GET", at("supervised", runId, "next") + query, undefined, LONG_POLL_MS));
    },
    async redeem(permitId, fence) {
      return toRedeemed(await call("POST", at("permits", permitId, "redeem"), { fence }, ANSWER_MS));
    },
    async outcome(attemptId, fence, state, pid) {
      await call("POST", at("attempts", attemptId, "outcome"), { state, fence, pid }, ANSWER_MS);
    },
    async end(runId) {
      await call("POST", at("supervised", runId, "end"), {}, ANSWER_MS);
    },
  };
}

function unreachable(cause: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", { hint: "Start it: prunella up", cause });
}

function toError(answer: unknown, status: number): PrunellaError {
  const error = field(answer, "error");
  const [code, message, hint] = [field(error, "code"), field(error, "message"), field(error, "hint")];
  if (!isCode(code))
    return status >= 500
      ? unreachable(null)
      : new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `The server answered ${status}.` });
  const detail = typeof message === "string" ? message.replace(ERRORS[code].text, "").trim() : "";
  return new PrunellaError(code, {
    ...(detail === "" ? {} : { detail }),
    ...(typeof hint === "string" ? { hint } : {}),
  });
}

const isCode = (value: unknown): value is ErrorCode => typeof value === "string" && Object.hasOwn(ERRORS, value);

function toInstruction(answer: unknown): Instruction {
  const kind = text(answer, "kind");
  switch (kind) {
    case "wait":
      return { kind };
    case "stop":
      return { kind, escalation_id: text(answer, "escalation_id") };
    case "hold": {
      const escalation = field(answer, "escalation_id");
      return {
        kind,
        attempt_id: text(answer, "attempt_id"),
        refusal: text(answer, "refusal"),
        detail: text(answer, "detail"),
        escalation_id: typeof escalation === "string" ? escalation : null,
      };
    }
    case "restart":
      return {
        kind,
        attempt_id: text(answer, "attempt_id"),
        permit_id: text(answer, "permit_id"),
        fence: integer(answer, "fence"),
        not_before: integer(answer, "not_before"),
        authority: field(answer, "authority") === "person" ? "person" : "policy",
      };
    default:
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: "The server gave an instruction that this version does not know.",
      });
  }
}

function toRedeemed(answer: unknown): Redeemed {
  return {
    permitId: text(answer, "permitId"),
    attemptId: text(answer, "attemptId"),
    action: text(answer, "action"),
    target: text(answer, "target"),
    fence: integer(answer, "fence"),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== "string")
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `The server's answer lacks ${name}.` });
  return found;
}

function integer(value: unknown, name: string): number {
  const found = field(value, name);
  if (typeof found !== "number" || !Number.isSafeInteger(found))
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `The server's answer lacks ${name}.` });
  return found;
}
