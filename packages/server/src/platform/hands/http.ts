import http from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext, type TLSSocket } from "node:tls";
import type { HttpAnswer, HttpAsk, ProbeHands, Reached } from "@prunella/contract";
import type { Credentials } from "./credential.ts";
import { failed } from "./failure.ts";

/** Nobody's authorities are longer. */
const MAX_AUTHORITIES = 1_048_576;

/** Requests of probes. `readFile` reads an authority beside those of the system. */
export function createHttp({ read }: Pick<Credentials, "read">, readFile: ProbeHands["readFile"]): ProbeHands["http"] {
  /** By file: to read those of the system takes longer than a request. */
  const contexts = new Map<string, { readonly pem: string; readonly context: SecureContext }>();
  function contextOf(path: string, pem: string): SecureContext {
    const known = contexts.get(path);
    if (known?.pem === pem) return known.context;
    const context = createSecureContext({ ca: [...getCACertificates("default"), pem] });
    contexts.set(path, { pem, context });
    return context;
  }
  return async (ask, signal) => {
    const found = ask.credential === undefined ? null : await read(ask.credential, signal);
    if (found !== null && !found.ok) return { ...found, detail: `The file of the token: ${found.detail}` };
    const secret = found?.secret ?? null;
    if (ask.caFile === undefined || !ask.url.startsWith("https:")) return askHttp(ask, signal, secret, null);
    const file = await readFile({ path: ask.caFile, maxBytes: MAX_AUTHORITIES }, signal);
    if (!file.ok) return { ...file, detail: `The file of the authority: ${file.detail}` };
    return askHttp(ask, signal, secret, contextOf(ask.caFile, file.text));
  };
}

/**
 * One request of a probe, to an address that the configuration names. Redirects are answers like others, so
 * a token goes nowhere but to that address; and it goes over TLS, or to this machine.
 */
function askHttp(
  ask: HttpAsk,
  signal: AbortSignal,
  secret: string | null,
  secureContext: SecureContext | null,
): Promise<Reached<HttpAnswer>> {
  const url = new URL(ask.url);
  const where = url.host;
  const headers: Record<string, string> = { "user-agent": "prunella-probe", ...ask.headers };
  if (ask.credential !== undefined) {
    if (secret === null) return Promise.resolve(unset(ask.credential));
    if (url.protocol !== "https:" && !isThisMachine(url.hostname))
      return Promise.resolve({ ok: false, category: "not_encrypted", detail: `${where} is not asked over TLS.` });
    if (/[\r\n]/.test(secret)) return Promise.resolve(unset(ask.credential));
    headers["authorization"] = `Bearer ${secret}`;
  }
  const isTls = url.protocol === "https:";
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const options = {
      method: ask.method ?? "GET",
      agent: false,
      signal,
      headers: ask.body === undefined ? headers : { ...headers, "content-length": String(Buffer.byteLength(ask.body)) },
      ...(secureContext === null ? {} : { secureContext }),
    };
    let isDone = false;
    const end = (answer: Reached<HttpAnswer>): void => {
      if (isDone) return;
      isDone = true;
      resolve(answer);
      asking.destroy();
    };
    const asking = (isTls ? https : http).request(url, options, (answer) => {
      const tlsValidTo = isTls ? validTo(answer.socket) : null;
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (isCut: boolean): void =>
        end({
          ok: true,
          status: answer.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
          body: Buffer.concat(chunks).subarray(0, ask.maxBytes).toString("utf8"),
          isCut,
          tlsValidTo,
          tookMs: performance.now() - startedAt,
        });
      if (ask.maxBytes === 0) return finish(false);
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.byteLength;
        if (size > ask.maxBytes) finish(true);
      });
      answer.on("end", () => finish(false));
      answer.on("error", (error) => end(failed(where, error, signal)));
      answer.on("aborted", () =>
        end(failed(where, Object.assign(new Error("aborted"), { code: "ECONNRESET" }), signal)),
      );
    });
    asking.on("error", (error) => end(failed(where, error, signal)));
    asking.end(ask.body);
  });
}

const unset = (name: string): Reached<never> => ({
  ok: false,
  category: "token_unset",
  detail: `There is no secret at ${name}.`,
});

const isThisMachine = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "");
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
};

const isTlsSocket = (socket: object): socket is TLSSocket => "getPeerCertificate" in socket;

function validTo(socket: object): number | null {
  if (!isTlsSocket(socket)) return null;
  const at = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(at) ? null : at;
}
