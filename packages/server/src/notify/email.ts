import type { Message } from "@prunella/contract";
import type { Sent } from "@prunella/kernel";
import { addressOf } from "../platform/outbound.ts";
import { html, inert, questionLines, textOf } from "./inert.ts";
import { reasonOf } from "./webhook.ts";

export interface EmailGiven {
  readonly host: string;
  readonly port: number;
  readonly tls: "starttls" | "tls" | "none";
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  readonly to: readonly string[];
}

const MAX_SUBJECT = 200;
const WAIT_MS = 8_000;

/** One mail. Loaded when the first one goes. */
export async function sendEmail(given: EmailGiven, message: Message): Promise<Sent> {
  const { createTransport } = await import("nodemailer");
  try {
    // The name is looked up here, so that it leads nowhere else between looking and connecting.
    const address = await addressOf(given.host);
    const transport = createTransport({
      host: address,
      port: given.port,
      secure: given.tls === "tls",
      requireTLS: given.tls === "starttls",
      ignoreTLS: given.tls === "none",
      // An address is no name that TLS could ask for: then the certificate is held against the address itself.
      tls: address === given.host ? {} : { servername: given.host },
      ...(given.user === null ? {} : { auth: { user: given.user, pass: given.password ?? "" } }),
      connectionTimeout: WAIT_MS,
      greetingTimeout: WAIT_MS,
      socketTimeout: WAIT_MS,
      dnsTimeout: WAIT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    await transport.sendMail(mailOf(given, message));
    return { kind: "sent" };
  } catch (error) {
    const status: unknown = error instanceof Error ? Reflect.get(error, "responseCode") : null;
    if (typeof status === "number" && status >= 500)
      return { kind: "refused", error: `the mail server refuses it with status ${status}` };
    if (typeof status === "number")
      return { kind: "later", error: `the mail server answers with status ${status}`, afterMs: null };
    return { kind: "later", error: reasonOf(error), afterMs: null };
  }
}

/** Ids are ours: letters, digits, dots and hyphens. */
const idOf = (name: string, from: string): string =>
  `<${name.replaceAll(/[^A-Za-z0-9.-]/g, "-")}@${from.slice(from.lastIndexOf("@") + 1)}>`;

/**
 * All mails about a fault, its questions among them, refer to one id that no mail has: programs put them together by
 * it, whichever comes first.
 */
export function mailOf({ from, to }: Pick<EmailGiven, "from" | "to">, message: Message) {
  const about = message.fault === null ? message.thread : `fault.${message.fault}`;
  const thread = about === null ? null : idOf(`thread.${about}`, from);
  return {
    from: { name: "Prunella", address: from },
    to: [...to],
    subject: inert(message.title).slice(0, MAX_SUBJECT),
    messageId: idOf(message.id, from),
    ...(thread === null ? {} : { inReplyTo: thread, references: [thread] }),
    headers: { "Auto-Submitted": "auto-generated", "X-Prunella-Message": idOf(message.id, from) },
    text: textOf(message),
    html: htmlOf(message),
  };
}

function htmlOf(message: Message): string {
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? ""
      : `<h2 style="font-size:1em;margin:1.2em 0 .2em">${html(title)}</h2><ul style="margin:0;padding-left:1.2em">${lines.map((line) => `<li>${html(line)}</li>`).join("")}</ul>`;
  const links = message.links
    .map(
      ({ title, url }) => `<p><a href="${url.replaceAll("&", "&amp;").replaceAll('"', "%22")}">${html(title)}</a></p>`,
    )
    .join("");
  return `<!doctype html><html><body style="font-family:sans-serif"><h1 style="font-size:1.2em">${html(message.title)}</h1>${message.sections
    .map(({ title, lines }) => part(title, lines))
    .join("")}${part("The question", questionLines(message))}${links}</body></html>`;
}
