import { BROKER_ERRORS } from "@prunella/contract/plugins";
import type { Asked, ForgeRefusal, RepoName } from "@prunella/forge";
import type { MethodContext } from "../plugins/broker/broker.ts";
import { RpcError } from "../plugins/broker/rpc.ts";

const ASK_MS = 30_000;

export function nameOf(name: string): RepoName {
  const [owner = "", repo = ""] = name.split("/");
  return { owner, repo };
}

export const signalOf = ({ session }: MethodContext) => AbortSignal.any([session.signal, AbortSignal.timeout(ASK_MS)]);

/** What came of it, for a plugin: a refusal of the host rejects. */
export function told<T>(asked: Asked<T>): T {
  if (asked.ok) return asked.value;
  throw refused(asked.refusal);
}

const refused = ({ reason, status, message, retryAfterMs }: ForgeRefusal) =>
  new RpcError(BROKER_ERRORS.failed, `the host of repositories: ${message.slice(0, 300)}`, {
    reason,
    status,
    retry_after_ms: retryAfterMs,
    mend: null,
  });
