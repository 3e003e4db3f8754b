import type { Writable } from "node:stream";
import type { Config } from "@prunella/contract";
import type { Log } from "@prunella/kernel";
import { scrubText, type Scrubber } from "@prunella/scrub";

export type LogLevel = Config["server"]["log_level"];

/** A stack or a query in a message is cut here; what matters stands first. */
const MAX_LENGTH = 2_000;
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u{2028}\u{2029}]+/gu;

/** Where lines go: readable in a terminal, one JSON object a line elsewhere (pino's form). */
export async function openLog(given: {
  level: LogLevel;
  out: Writable & { readonly isTTY?: boolean };
  colour?: (level: "info" | "warn", text: string) => string;
  now?: () => Date;
}): Promise<Log> {
  const { level, out, colour = (_, text) => text, now = () => new Date() } = given;
  if (out.isTTY === true) {
    const line = (of: "info" | "warn") => (message: string) =>
      void out.write(`${now().toTimeString().slice(0, 8)} ${colour(of, `prunella: ${message}`)}\n`);
    return {
      info: level === "info" ? line("info") : () => undefined,
      warn: level === "silent" ? nothing : line("warn"),
    };
  }
  const { pino } = await import("pino");
  const log = pino(
    {
      level,
      // A host's name is personal in some places, and whoever collects lines knows it.
      base: { pid: process.pid },
      timestamp: () => `,"time":"${now().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    out,
  );
  return { info: (message) => log.info(message), warn: (message) => log.warn(message) };
}

const nothing = (): void => undefined;

/**
 * The one place through which every line of a server goes: what the rules find is taken out, so are the
 * server's own secrets, which look like nothing, and characters that a terminal would obey.
 */
export function safeLog(
  log: Log,
  {
    scrubber = { scrubText },
    secrets,
    later = () => [],
  }: {
    scrubber?: Pick<Scrubber, "scrubText">;
    secrets: readonly string[];
    /** Those that may change while it runs. */
    later?: () => readonly string[];
  },
): Log {
  const known = longFirst(secrets);
  const safe = (message: string): string => {
    // The end of a secret must not survive because its beginning was cut off.
    let text = message;
    for (const secret of [...known, ...longFirst(later())]) text = text.replaceAll(secret, "[SECRET]");
    text = scrubber.scrubText(text.slice(0, 2 * MAX_LENGTH)).text.value;
    return text.slice(0, MAX_LENGTH).replaceAll(CONTROL, " ").trim();
  };
  return { info: (message) => log.info(safe(message)), warn: (message) => log.warn(safe(message)) };
}

const longFirst = (secrets: readonly string[]): string[] =>
  secrets.filter((secret) => secret.length > 0).toSorted((a, b) => b.length - a.length);

/** What of the configuration is secret, in the forms in which an error may quote it. */
export function secretsOf(config: Config): string[] {
  if (config.store.url === null || !URL.canParse(config.store.url)) return [];
  const { password } = new URL(config.store.url);
  return password === "" ? [] : [config.store.url, password, decodeURIComponent(password)];
}
