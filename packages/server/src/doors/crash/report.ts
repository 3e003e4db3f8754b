import { createHash } from "node:crypto";
import type { Event, Fingerprints } from "@prunella/contract";
import { scrubAnonymousText } from "@prunella/scrub";
import { clampMoment, readMoment } from "../kit/moment.ts";
import { isRecord } from "../kit/record.ts";
import type { CrashReason } from "./reasons.ts";

/** The phases of a report, as docs/PRIVACY.md lists them. */
const PHASES = new Set(["REASON", "ACT", "REFLECT", "REVIEW", "VERIFY", "CLOSE", "iteration", "UNKNOWN", "CONVERGE"]);
const FRICTIONS = new Set(["retry_loop", "rate_limit_loop", "gate_failure"]);
/** As the client names them, and as `uname` and older programs do; in any case. A name of a host fits no list. */
const SYSTEMS = new Set(
  "aix android cygwin darwin freebsd haiku linux linux-gnu linux-musl macos mingw msys netbsd openbsd sunos win32 windows windows_nt wsl other unknown".split(
    " ",
  ),
);
const ARCHITECTURES = new Set(
  "aarch64 amd64 arm arm64 armv6l armv7l i386 i686 ia32 loong64 mips mips64 mipsel ppc ppc64 ppc64le riscv64 s390 s390x x64 x86 x86_64 other unknown".split(
    " ",
  ),
);
/** Numbers and the usual words before a release, so that no host name and no person passes for a version. */
const VERSION =
  /^v?\d{1,6}(?:\.\d{1,6}){0,3}(?:-(?:alpha|beta|canary|dev|next|nightly|pre|preview|rc)(?:[.-]?\d{1,8}){0,3})?$/;
const TOP = 5;
/** One line; what other languages write into names of functions is in, and nothing that a sentence needs beside. */
const SYMBOL = /^[\p{L}\p{N}_$.#<>[\]:@*&?~ ()'`{},+=!%^|/\\-]{1,200}$/u;
/** A place and no name: from the root, a home, a drive, or relative. */
const PLACE = /^(?:[/~]|\\\\|[A-Za-z]:[\\/]|\.{1,2}[\\/])|:\/\//;

type Check = (value: unknown) => unknown;
const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? value : undefined;
const oneOf =
  (set: ReadonlySet<string>): Check =>
  (value) =>
    typeof value === "string" && set.has(value) ? value : undefined;
const oneOfAnyCase =
  (set: ReadonlySet<string>): Check =>
  (value) =>
    typeof value === "string" && set.has(value.toLowerCase()) ? value : undefined;
const count: Check = (value) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1_000_000 ? value : undefined;

/**
 * The allowlist: every field that is taken and the check that its value must pass; anything else is
 * dropped and counted. docs/PRIVACY.md shows the same table.
 */
export const CRASH_FIELDS: Readonly<Record<string, Check>> = {
  os: oneOfAnyCase(SYSTEMS),
  arch: oneOfAnyCase(ARCHITECTURES),
  app_version: matching(VERSION),
  loki_version: matching(VERSION),
  node_version: matching(VERSION),
  bun_version: matching(VERSION),
  error_class: matching(/^[A-Za-z0-9_.:-]{1,64}$/),
  stack_signature: (value) => (Array.isArray(value) ? value.filter(isSymbol).slice(0, TOP) : undefined),
  phase: oneOf(PHASES),
  rarv_phase: oneOf(PHASES),
  exit_code: (value) =>
    value === null || (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= 0xffff_ffff)
      ? value
      : undefined,
  friction_kind: oneOf(FRICTIONS),
  project_id_hash: matching(/^[0-9a-f]{64}$/),
  fingerprint: matching(/^[0-9a-f]{64}$/),
  rules_version: (value) => count(value) ?? matching(/^[A-Za-z0-9_.-]{1,32}$/)(value),
  redactions_count: count,
  captured_at: matching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|\+00:00)$/),
};

function isSymbol(value: unknown): value is string {
  return typeof value === "string" && SYMBOL.test(value) && !PLACE.test(value);
}

export interface CrashReport {
  readonly event: Event;
  readonly fingerprints: Fingerprints;
  /** The sender's project, hashed by the sender; null when it gave none. */
  readonly projectHash: string | null;
  /** What was wrong with it, as reasons to count; the valid rest is kept. */
  readonly losses: readonly CrashReason[];
}

/**
 * One anonymous report. Null when it is no JSON object at all. The second scrub is the same module
 * as the client's: whatever it still finds is counted as a miss, and gone.
 */
export function readReport(raw: unknown, given: { now: number; eventId: string }): CrashReport | null {
  if (!isRecord(raw)) return null;
  const losses: CrashReason[] = [];
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(raw)) {
    const check = Object.hasOwn(CRASH_FIELDS, name) ? CRASH_FIELDS[name] : undefined;
    const taken = check?.(value);
    if (!check) losses.push("crash.unknown_field");
    else if (taken === undefined) losses.push("crash.invalid_field");
    else fields.set(name, taken);
  }
  const text = (name: string): string | null => {
    const value = fields.get(name);
    if (typeof value !== "string") return null;
    const scrubbed = scrubAnonymousText(value);
    if (scrubbed.redactions.length > 0) losses.push("scrub_miss");
    return scrubbed.text.value;
  };
  const errorClass = text("error_class") ?? "UnknownError";
  const listed = fields.get("stack_signature");
  const signature = (Array.isArray(listed) ? listed.filter(isSymbol) : []).map((symbol) => {
    const scrubbed = scrubAnonymousText(symbol);
    if (scrubbed.redactions.length > 0) losses.push("scrub_miss");
    return scrubbed.text.value;
  });
  const fingerprint = createHash("sha256")
    .update([errorClass, ...signature].join("\n"))
    .digest("hex");
  if (fields.has("fingerprint") && fields.get("fingerprint") !== fingerprint) losses.push("crash.fingerprint_differs");
  const exitCode = fields.get("exit_code");
  const version = text("app_version") ?? text("loki_version");
  const phase = text("phase") ?? text("rarv_phase");
  const runtime = {
    os: text("os"),
    arch: text("arch"),
    node: text("node_version"),
    bun: text("bun_version"),
    phase,
    friction: text("friction_kind"),
  };
  const project = text("project_id_hash");
  const event: Event = {
    id: given.eventId,
    source: "crash",
    trust: "public",
    level: "fatal",
    // A moment ahead is the clock of the sender, who is not asked to be right.
    at: Math.min(given.now, clampMoment(readMoment(text("captured_at")), given.now)),
    release: version,
    environment: null,
    platform: runtime.node ? "node" : null,
    target: null,
    errors: [
      {
        type: errorClass,
        value: null,
        module: null,
        handled: false,
        mechanism: "crash",
        // The signature names the crash frame first; stacks here stand oldest call first.
        frames: signature.toReversed().map((name) => ({
          function: name,
          module: null,
          filename: null,
          line: null,
          column: null,
          in_app: true,
          context_line: null,
          pre_context: [],
          post_context: [],
        })),
      },
    ],
    message: null,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: null,
    transaction: null,
    server_name: null,
    exit_code: typeof exitCode === "number" ? exitCode : null,
    signal: null,
    tags: {},
    breadcrumbs: [],
    context: {
      ...(project === null ? {} : { user: { id: senderOf(project, fingerprint) } }),
      crash: Object.fromEntries(Object.entries({ ...runtime, fingerprint }).filter(([, value]) => value !== null)),
    },
  };
  return {
    event,
    fingerprints: fingerprintsOf(fingerprint, errorClass, signature),
    projectHash: project,
    losses,
  };
}

/**
 * By it different projects are counted. Of each fault it is another one, so that nobody finds out what else a project
 * sent; the hash itself is not kept.
 */
const senderOf = (project: string, fingerprint: string): string =>
  createHash("sha256").update(`${project}\n${fingerprint}`).digest("hex").slice(0, 12);

/** As docs/PRIVACY.md says, the key is SHA-256 over class and signature; ours keeps its first 128 bits. */
function fingerprintsOf(fingerprint: string, errorClass: string, signature: readonly string[]): Fingerprints {
  return {
    version: 1,
    strict: fingerprint.slice(0, 32),
    loose: null,
    message: null,
    by: "stack",
    parts: ["crash", `class ${errorClass}`, ...signature.map((name) => `at ${name}`)],
  };
}
