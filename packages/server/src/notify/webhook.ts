import { createHmac } from "node:crypto";
import type { Message } from "@prunella/contract";
import type { Sent } from "@prunella/kernel";
import { post, type Posted } from "../platform/outbound.ts";
import { inert, plainText, textOf } from "./inert.ts";

export interface WebhookGiven {
  readonly url: string;
  readonly secret: string | null;
  readonly template: Readonly<Record<string, string | number | boolean | null>> | null;
}

/**
 * Posts the message as JSON, signed as Standard Webhooks says: HMAC-SHA-256 over `id.timestamp.body`, so that
 * nobody else can send one, and an old one is told from a new one.
 */
export async function sendWebhook(given: WebhookGiven, message: Message, now: number): Promise<Sent> {
  const body = JSON.stringify(given.template === null ? safe(message) : filled(given.template, message));
  const seconds = String(Math.floor(now / 1_000));
  const headers = {
    "user-agent": "prunella",
    "webhook-id": message.id,
    "webhook-timestamp": seconds,
    ...(given.secret === null ? {} : { "webhook-signature": signature(given.secret, message.id, seconds, body) }),
  };
  return postJson(given.url, body, headers);
}

export function signature(secret: string, id: string, seconds: string, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`;
}

/** Texts of a message in which nothing is hidden; markup is the receiver's. */
const safe = (message: Message): Message => ({
  ...message,
  title: inert(message.title),
  sections: message.sections.map(({ title, lines }) => ({ title: inert(title), lines: lines.map(inert) })),
});

/** Fills in what stands in the texts of the template; what is filled in is never filled in again. */
function filled(template: NonNullable<WebhookGiven["template"]>, message: Message): Record<string, unknown> {
  const values = new Map([
    ["title", plainText(message.title)],
    ["text", textOf(message)],
    ["url", message.links[0]?.url ?? ""],
    ["state", message.state],
    ["level", message.level],
    ["project", message.project ?? ""],
    ["kind", message.kind],
    ["id", message.id],
  ]);
  const fill = (text: string) =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (placeholder, name: string) => values.get(name) ?? placeholder);
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, typeof value === "string" ? fill(value) : value]),
  );
}

/** Answers that would be the same the next time. */
const FINAL = new Set([400, 404, 410, 413, 415, 422]);

export async function postJson(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Sent> {
  let posted: Posted;
  try {
    posted = await post(url, {
      type: "application/json",
      body: Buffer.from(body),
      signal: new AbortController().signal,
      headers,
    });
  } catch (error) {
    return { kind: "later", error: reasonOf(error), afterMs: null };
  }
  const { status, retryAfterMs } = posted;
  if (status >= 200 && status <= 299) return { kind: "sent" };
  if (status >= 300 && status <= 399) return { kind: "refused", error: `it redirects elsewhere (status ${status})` };
  if (FINAL.has(status)) return { kind: "refused", error: `it answers with status ${status}` };
  return { kind: "later", error: `it answers with status ${status}`, afterMs: retryAfterMs };
}

/** In our own words: a system's message may hold the address, and that may be the secret of it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it could not be reached";
  if (error.name === "TimeoutError") return "nobody answered in time";
  const code: unknown = Reflect.get(error, "code");
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nobody listens there",
    ECONNRESET: "the connection was cut",
    ENOTFOUND: "its name is not known",
    EAI_AGAIN: "its name cannot be looked up now",
    ETIMEDOUT: "nobody answered in time",
    ETIMEOUT: "nobody answered in time",
    ESOCKET: "the connection failed",
    ECONNECTION: "the connection failed",
    ETLS: "it cannot be spoken with by TLS",
    EAUTH: "it does not accept the name and password",
    ENOENT: "there is no such program",
    EACCES: "it may not be started",
  };
  if (typeof code === "string") return words[code] ?? `it could not be reached (${code})`;
  return /^(?:only this machine|that address)/.test(error.message) || /leads to no address/.test(error.message)
    ? "its address is one that is not reached"
    : "it could not be reached";
}
