import type { CrashBody, Event } from "@prunella/contract";
import { parseStack, readCause } from "@prunella/scrub";

const STACK_TEXT_LIMIT = 16_384;

/**
 * The event that a crash of a supervised program is: `local`, because our own supervisor saw it.
 * The text in it is the program's and not scrubbed yet.
 */
export function crashEvent(target: string, body: CrashBody, receivedAt: number): Event {
  const text = lastLines(readable(body.stderr_tail));
  const parsed = parseStack(text);
  const thrown = parsed?.errors.at(-1) ?? readCause(text);
  const named = [thrown?.type, thrown?.value].filter((part) => part != null && part !== "").join(": ");
  return {
    id: body.event_id,
    source: "supervisor",
    trust: "local",
    level: "fatal",
    at: Math.min(body.at, receivedAt),
    release: null,
    environment: null,
    platform: parsed?.language ?? body.platform,
    target,
    errors: parsed?.errors ?? [],
    message: named === "" ? wayOut(body) : named,
    message_template: null,
    stack_text: text === "" ? null : text,
    sdk_fingerprint: null,
    transaction: null,
    server_name: null,
    exit_code: body.exit_code,
    signal: body.signal,
    tags: {},
    breadcrumbs: [],
    context: { supervisor: { uptime_ms: body.uptime_ms, exit: wayOut(body) } },
  };
}

/** `exited with code 3`, `killed by SIGSEGV`. */
export function wayOut({ exit_code, signal }: Pick<CrashBody, "exit_code" | "signal">): string {
  return signal === null ? `exited with code ${exit_code ?? "unknown"}` : `killed by ${signal}`;
}

/** Terminal colours and the bytes that no database keeps in text are left out. */
export function readable(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is what it is for
  return text
    .replace(/\u001b\[[0-9;?]{0,32}[A-Za-z]/g, "")
    .replace(/\r\n/g, "\n")
    .replaceAll("\u0000", "\uFFFD");
}

/** Whole lines, as far as there are any: half a line could be half a secret that no rule knows again. */
function lastLines(text: string): string {
  if (text.length <= STACK_TEXT_LIMIT) return text;
  const end = text.indexOf("\n", text.length - STACK_TEXT_LIMIT - 1);
  return end === -1 ? text.slice(-STACK_TEXT_LIMIT) : text.slice(end + 1);
}
