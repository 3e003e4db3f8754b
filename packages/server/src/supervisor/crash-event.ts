import type { CrashBody, Event } from "@prunella/contract";
import { parseStack } from "@prunella/scrub";

const STACK_TEXT_LIMIT = 16_384;
const MESSAGE_LIMIT = 1_000;
/** How far up from the end a line that names the failure is looked for. */
const MESSAGE_LINES = 40;

/**
 * The event that a crash of a supervised program is: `local`, because our own supervisor saw it.
 * The text in it is the program's and not scrubbed yet.
 */
export function crashEvent(target: string, body: CrashBody, receivedAt: number): Event {
  const text = readable(body.stderr_tail).slice(-STACK_TEXT_LIMIT);
  const parsed = parseStack(text);
  const thrown = parsed?.errors.at(-1);
  const named = thrown?.type
    ? [thrown.type, thrown.value].filter((part) => part !== null && part !== "").join(": ")
    : null;
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
    message: (named ?? errorLine(text) ?? wayOut(body)).slice(0, MESSAGE_LIMIT),
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

const NAMES_A_FAILURE =
  /\b(?:fatal|panic|error|exception|abort(?:ed)?|failed|failure|cannot|could not|not found|denied|refused|out of memory)\b|\w(?:Error|Exception)\b/i;

/** The last line near the end that names a failure; ordinary log lines would group by accident. */
function errorLine(text: string): string | null {
  const lines = text.split("\n").slice(-MESSAGE_LINES);
  const line = lines.findLast((candidate) => NAMES_A_FAILURE.test(candidate.slice(0, MESSAGE_LIMIT)));
  return line?.trim() ?? null;
}

/** Terminal colours and the bytes that no database keeps in text are left out. */
function readable(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is what it is for
  return text
    .replace(/\u001b\[[0-9;?]{0,32}[A-Za-z]/g, "")
    .replace(/\r\n/g, "\n")
    .replaceAll("\u0000", "\uFFFD");
}
