import { z } from "zod";
import type { Asked, ForgeRefusal } from "../forge.ts";
import { REASONS, UNSAID_MS } from "../reasons.ts";

export interface GiteaSettings {
  /** Where Gitea or Forgejo answers, without `/api/v1`. */
  readonly url: string;
  /** A token of the user under whose name is written, read with each use. Throws where there is none now. */
  readonly token: () => string;
  /** The host's own fetch, which checks whom it reaches. */
  readonly fetch: typeof globalThis.fetch;
}

export interface GiteaAsk {
  <T>(
    request: {
      readonly method?: "GET" | "POST" | "PATCH";
      /** Below `/api/v1`, each part already escaped. */
      readonly path: string;
      readonly query?: Readonly<Record<string, string | number>>;
      readonly body?: unknown;
    },
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<Asked<T>>;
}

const Said = z.object({ message: z.string() });
/** Longest answer that is read. */
const MOST_BYTES = 8 * 1_024 * 1_024;

/** One request to the REST API (v1) of Gitea and Forgejo. */
export function createGiteaAsk(settings: GiteaSettings): GiteaAsk {
  const base = settings.url.replace(/\/+$/, "");
  return async ({ method = "GET", path, query = {}, body }, schema, signal) => {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    let status: number | null = null;
    try {
      const answer = await settings.fetch(`${base}/api/v1${path}${search.size === 0 ? "" : `?${search.toString()}`}`, {
        method,
        headers: {
          accept: "application/json",
          authorization: `token ${settings.token()}`,
          "user-agent": "prunella",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A token goes to the host that it is for, and nowhere that host points to.
        redirect: "error",
        signal,
      });
      const text = await textOf(answer);
      status = answer.status;
      if (!answer.ok) return { ok: false, refusal: refusalOf(answer, text) };
      const read = schema.safeParse(jsonOf(text));
      return read.success ? { ok: true, value: read.data } : { ok: false, refusal: unreadable(status) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { ok: false, refusal: { reason: "unreachable", status: null, message, retryAfterMs: null } };
    }
  };
}

async function textOf(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.byteLength;
    if (size > MOST_BYTES) throw new Error(`The answer is longer than ${MOST_BYTES} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function jsonOf(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Gitea has no limits of its own; whatever stands before it may. */
function refusalOf(answer: Response, text: string): ForgeRefusal {
  const after = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const reason = REASONS[answer.status] ?? "failed";
  const said = Said.safeParse(jsonOf(text));
  return {
    reason,
    status: answer.status,
    message: said.success ? said.data.message : `The host answered ${answer.status}.`,
    retryAfterMs: Number.isFinite(after) ? Math.max(0, after * 1_000) : reason === "limited" ? UNSAID_MS : null,
  };
}

const unreadable = (status: number | null): ForgeRefusal => ({
  reason: "failed",
  status,
  message: "The host's answer is not what its description says.",
  retryAfterMs: null,
});
