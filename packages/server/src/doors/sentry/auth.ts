import type { IncomingHttpHeaders } from "node:http";
import { isRecord } from "../kit/record.ts";

export interface SentryAuth {
  /** The DSN's public key, 32 lower-case hex digits; null when no form carried a well-formed one. */
  readonly key: string | null;
  /** The DSN's project number, 1 to 16 decimal digits. The path decides; a tunnel's DSN only fills the gap. */
  readonly projectNumber: string | null;
  /** What the SDK calls itself, printable ASCII, at most 100 characters; hostile text all the same. */
  readonly client: string | null;
}

export interface AuthParts {
  /** The request target as it came: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed envelope header, for tunnels, which carry the whole DSN in there. */
  readonly envelopeHeader?: unknown;
}

/**
 * Reads who is sending, in the three forms SDKs use: query string, `X-Sentry-Auth`
 * (or `Authorization: Sentry …`), DSN in the envelope header. The first well-formed key wins, in that
 * order; a broken or foreign header (`Authorization: Basic …`) is passed over, never an error.
 */
export function readAuth({ url, headers, envelopeHeader }: AuthParts): SentryAuth {
  const mark = url.indexOf("?");
  const query = mark === -1 ? null : new URLSearchParams(url.slice(mark + 1));
  const projectInPath = PATH_PROJECT.exec(mark === -1 ? url : url.slice(0, mark))?.[1] ?? null;
  const queryKey = keyForm(query?.get("sentry_key"));
  if (queryKey !== null && projectInPath !== null) {
    return { key: queryKey, projectNumber: projectInPath, client: clientForm(query?.get("sentry_client")) };
  }
  const header = authHeader(headers);
  const dsn = isRecord(envelopeHeader) ? readDsn(envelopeHeader.dsn) : NO_DSN;
  return {
    key: queryKey ?? keyForm(header?.get("sentry_key")) ?? dsn.key,
    projectNumber: projectInPath ?? dsn.projectNumber,
    client: clientForm(query?.get("sentry_client") ?? header?.get("sentry_client") ?? sdkName(envelopeHeader)),
  };
}

const KEY = /^[0-9a-f]{32}$/i;
const PATH_PROJECT = /\/api\/([0-9]{1,16})\//;
const NO_DSN = { key: null, projectNumber: null };

function keyForm(text: string | null | undefined): string | null {
  return text !== null && text !== undefined && KEY.test(text) ? text.toLowerCase() : null;
}

function clientForm(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const plain = text.slice(0, 100).replace(/[^\x20-\x7e]/g, "");
  return plain === "" ? null : plain;
}

/** `Sentry sentry_version=7, sentry_key=…, sentry_client=…`; the scheme word and the spaces are optional. */
function authHeader(headers: IncomingHttpHeaders): Map<string, string> | null {
  const own = headers["x-sentry-auth"];
  const text = (Array.isArray(own) ? own.join(",") : own) ?? headers.authorization;
  if (text === undefined || text.length > 4096) return null;
  const parts = new Map<string, string>();
  for (const part of text.replace(/^\s*sentry\s+/i, "").split(",")) {
    const equals = part.indexOf("=");
    if (equals === -1) continue;
    const value = part.slice(equals + 1).trim();
    parts.set(part.slice(0, equals).trim().toLowerCase(), value.startsWith('"') ? value.replaceAll('"', "") : value);
  }
  return parts;
}

/** `https://<key>[:<secret>]@host[/path]/<project>` */
function readDsn(dsn: unknown): { key: string | null; projectNumber: string | null } {
  if (typeof dsn !== "string" || dsn.length > 1024 || !URL.canParse(dsn)) return NO_DSN;
  const { username, pathname } = new URL(dsn);
  return { key: keyForm(username), projectNumber: /\/([0-9]{1,16})\/?$/.exec(pathname)?.[1] ?? null };
}

function sdkName(envelopeHeader: unknown): string | null {
  const sdk = isRecord(envelopeHeader) ? envelopeHeader.sdk : null;
  if (!isRecord(sdk) || typeof sdk.name !== "string") return null;
  return typeof sdk.version === "string" ? `${sdk.name}/${sdk.version}` : sdk.name;
}
