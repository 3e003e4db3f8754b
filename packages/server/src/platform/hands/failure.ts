import type { Reached } from "@prunella/contract";

/** What went wrong, as probes tell it apart; by the codes of Node and of the system. */
const CATEGORIES: Readonly<Record<string, string>> = {
  ABORT_ERR: "timeout",
  ETIMEDOUT: "timeout",
  ETIMEOUT: "timeout",
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  EPIPE: "reset",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENOTFOUND: "name_unknown",
  EAI_AGAIN: "name_unanswered",
  EPROTO: "no_tls",
  ENOENT: "not_found",
  ENODATA: "no_data",
  ESERVFAIL: "server_failed",
  EREFUSED: "server_refused",
  EACCES: "forbidden",
  EPERM: "forbidden",
  EISDIR: "not_a_file",
};

const WORDS: Readonly<Record<string, string>> = {
  timeout: "did not answer in time",
  refused: "refused the connection",
  reset: "ended the connection",
  unreachable: "cannot be reached",
  name_unknown: "has a name that nobody knows",
  name_unanswered: "has a name that could not be looked up now",
  certificate: "shows a certificate that is not trusted",
  no_tls: "does not speak TLS",
  protocol: "answered something that is no HTTP",
  not_found: "does not exist",
  no_data: "has no such record",
  server_failed: "could not be answered by the server",
  server_refused: "is refused by the server",
  forbidden: "may not be read by this user",
  not_a_file: "is no file",
  failed: "could not be looked at",
};

const CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY))/;

export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** Of an error only its code is told: the rest of it may be somebody else's words. */
export function failed(what: string, error: unknown, signal?: AbortSignal): Reached<never> {
  const code = signal?.aborted ? "ABORT_ERR" : codeOf(error);
  const category = CERTIFICATE.test(code)
    ? "certificate"
    : code.startsWith("HPE_")
      ? "protocol"
      : code.startsWith("ERR_SSL")
        ? "no_tls"
        : (CATEGORIES[code] ?? "failed");
  const why = category === "certificate" || category === "failed" ? (code === "" ? "" : ` (${code})`) : "";
  return { ok: false, category, detail: `${what} ${WORDS[category] ?? category}${why}.` };
}
