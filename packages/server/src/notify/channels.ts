import { PrunellaError, type Channel, type Message, type NotifyConfig, type SecretPlace } from "@prunella/contract";
import type { Channels, Sent } from "@prunella/kernel";
import { feedProgram } from "../platform/feed-program.ts";
import { readSecret, type SecretPlaces } from "../secret-place.ts";
import { sendEmail } from "./email.ts";
import { sendSlack } from "./slack.ts";
import { reasonOf, sendWebhook } from "./webhook.ts";

type Send = (message: Message) => Promise<Sent>;

export interface ChannelDeps extends SecretPlaces {
  /** Where commands run. */
  readonly folder: string;
  /** Where the console is. */
  readonly url: () => string;
  readonly now: () => number;
}

/** A webhook's key of fewer characters is guessed. */
const LEAST_SECRET = 16;
const COMMAND_MS = 10_000;
/** What a command finds of our environment: nothing that is a secret. */
const INHERITED = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "SYSTEMROOT"];

/**
 * The one writer of everything that goes out to people, whatever has it sent. Secrets are read once, so that a
 * missing one is told when the server starts; `secrets` are for the log to leave out.
 */
export function openChannels(
  config: NotifyConfig,
  deps: ChannelDeps,
): Channels & { readonly secrets: readonly string[] } {
  const secrets: string[] = [];
  const sends = new Map(
    config.channels.map((channel, at) => {
      const secretAt = (key: string, place: SecretPlace): string => {
        const secret = readSecret(`notify.channels.${at}.${key}`, place, deps);
        secrets.push(secret);
        return secret;
      };
      return [channel.name, sendOf(channel, deps, secretAt)];
    }),
  );
  const list = config.channels.map(({ name, per_hour, quiet, kind }) => ({
    name,
    perHour: per_hour,
    quiet,
    showsChanges: kind === "webhook" || kind === "command",
    isMail: kind === "email",
  }));
  return {
    secrets,
    list: () => list,
    rules: () => config.rules,
    async send(name, message) {
      const send = sends.get(name);
      if (send === undefined) return { kind: "refused", error: "there is no such channel any more" };
      const base = deps.url().replace(/\/$/, "");
      return send({ ...message, links: message.links.map(({ title, url }) => ({ title, url: `${base}${url}` })) });
    },
  };
}

function sendOf(channel: Channel, deps: ChannelDeps, secretAt: (key: string, place: SecretPlace) => string): Send {
  const addressOf = (place: string | SecretPlace): string =>
    typeof place === "string" ? place : addressIn(channel.name, secretAt("url", place));
  switch (channel.kind) {
    case "webhook": {
      const url = addressOf(channel.url);
      const secret = channel.secret === null ? null : secretAt("secret", channel.secret);
      if (secret !== null && secret.length < LEAST_SECRET)
        throw invalid(`the secret of the channel ${channel.name} has fewer than ${LEAST_SECRET} characters.`);
      return (message) => sendWebhook({ url, secret, template: channel.template }, message, deps.now());
    }
    case "slack": {
      const url = addressOf(channel.url);
      return (message) => sendSlack(url, message);
    }
    case "email": {
      const password = channel.password === null ? null : secretAt("password", channel.password);
      return (message) => sendEmail({ ...channel, password }, message);
    }
    case "command":
      return (message) => feed(channel.command, message, deps);
  }
}

async function feed(command: readonly string[], message: Message, deps: ChannelDeps): Promise<Sent> {
  const env = Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = deps.environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  try {
    const given = { cwd: deps.folder, env, ms: COMMAND_MS };
    const { code, isLate } = await feedProgram(command, `${JSON.stringify(message)}\n`, given);
    if (code === 0) return { kind: "sent" };
    const error = isLate ? `it was not done within ${COMMAND_MS / 1_000} s` : `it ended with code ${code ?? "none"}`;
    return { kind: "later", error, afterMs: null };
  } catch (error) {
    return { kind: "later", error: reasonOf(error), afterMs: null };
  }
}

function addressIn(channel: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw invalid(`the address of the channel ${channel} is none, such as https://hooks.example.org/…`);
  return text;
}

const invalid = (detail: string, cause?: unknown): PrunellaError =>
  new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail, ...(cause === undefined ? {} : { cause }) });
