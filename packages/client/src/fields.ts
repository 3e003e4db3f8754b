import { FRICTION } from "./friction.ts";

/** Everything that a report may hold, and nothing else. docs/PRIVACY.md has the same table; a test compares them. */
export interface CrashReport {
  readonly os: string;
  readonly arch: string;
  readonly app_version?: string;
  readonly node_version?: string;
  readonly bun_version?: string;
  readonly error_class: string;
  readonly stack_signature: readonly string[];
  readonly phase: string;
  readonly exit_code: number | null;
  readonly friction_kind?: string;
  readonly project_id_hash: string;
  readonly fingerprint: string;
  readonly rules_version: number;
  readonly redactions_count: number;
  readonly captured_at: string;
}

interface Field {
  /** One line in plain words, for the disclosure and the privacy page. */
  readonly meaning: string;
  readonly example: string;
  readonly required: boolean;
  readonly isValid: (value: unknown) => boolean;
}

const OPERATING_SYSTEMS = [
  "aix",
  "android",
  "cygwin",
  "darwin",
  "freebsd",
  "haiku",
  "linux",
  "netbsd",
  "openbsd",
  "sunos",
  "win32",
  "other",
];
const ARCHITECTURES = [
  "arm",
  "arm64",
  "ia32",
  "loong64",
  "mips",
  "mipsel",
  "ppc",
  "ppc64",
  "riscv64",
  "s390",
  "s390x",
  "x64",
  "other",
];
/** Steps of a work loop, as embedding programs name them. */
export const PHASES = ["REASON", "ACT", "REFLECT", "REVIEW", "VERIFY", "CLOSE", "iteration", "UNKNOWN", "CONVERGE"];

/** Numbers and the usual words before a release, so that no host name or e-mail passes for a version. */
const VERSION =
  /^v?\d{1,6}(?:\.\d{1,6}){1,3}(?:-(?:alpha|beta|canary|dev|next|nightly|pre|preview|rc)(?:[.-]?\d{1,8}){0,3})?$/;
const HASH = /^[0-9a-f]{64}$/;
export const ERROR_CLASS = /^[A-Za-z0-9_.:-]{1,64}$/;
/** Names of functions; no slash, so never a path. The placeholder of the scrubber fits. */
const SYMBOL = /^[A-Za-z0-9_$.#<>[\]:@*&?~ ()-]{1,120}$/;

const text = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);
const oneOf = (list: readonly string[]) => (value: unknown) => typeof value === "string" && list.includes(value);
const whole = (from: number, to: number) => (value: unknown) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= from && value <= to;
/** What any system hands back: 32 bits, read with or without their sign. */
export const isExitCode = whole(-2_147_483_648, 4_294_967_295);

export const FIELDS: Readonly<Record<keyof CrashReport, Field>> = {
  os: { meaning: "kind of operating system", example: "linux", required: true, isValid: oneOf(OPERATING_SYSTEMS) },
  arch: { meaning: "kind of processor", example: "x64", required: true, isValid: oneOf(ARCHITECTURES) },
  app_version: {
    meaning: "version of the program that crashed",
    example: "1.4.0",
    required: false,
    isValid: text(VERSION),
  },
  node_version: { meaning: "version of Node", example: "20.20.2", required: false, isValid: text(VERSION) },
  bun_version: {
    meaning: "version of Bun, when the program runs on it",
    example: "1.3.0",
    required: false,
    isValid: text(VERSION),
  },
  error_class: {
    meaning: "class of the error, never its message",
    example: "TypeError",
    required: true,
    isValid: text(ERROR_CLASS),
  },
  stack_signature: {
    meaning: "names of the top five functions of the stack, without files and lines",
    example: '["parseOrder", "handle"]',
    required: true,
    isValid: (value) => Array.isArray(value) && value.length <= 5 && value.every(text(SYMBOL)),
  },
  phase: {
    meaning: "step of the program's work, from a fixed list",
    example: "VERIFY",
    required: true,
    isValid: oneOf(PHASES),
  },
  exit_code: {
    meaning: "code the program ended with; null when it is not known",
    example: "3",
    required: true,
    isValid: (value) => value === null || isExitCode(value),
  },
  friction_kind: {
    meaning: "for a program that does not get on: which loop it is in",
    example: "retry_loop",
    required: false,
    isValid: oneOf(Object.keys(FRICTION)),
  },
  project_id_hash: {
    meaning: "SHA-256 of the address of the git remote of the working folder, or of `no-remote`",
    example: "ea812765…",
    required: true,
    isValid: text(HASH),
  },
  fingerprint: {
    meaning: "SHA-256 of error_class and stack_signature: the same crash has the same one",
    example: "c8c56479…",
    required: true,
    isValid: text(HASH),
  },
  rules_version: {
    meaning: "version of the rules that took secrets out",
    example: "1",
    required: true,
    isValid: whole(0, 1_000_000),
  },
  redactions_count: {
    meaning: "how many secrets or personal details were taken out",
    example: "0",
    required: true,
    isValid: whole(0, 1_000_000),
  },
  captured_at: {
    meaning: "moment of the crash in UTC, to the second",
    example: "2026-11-21T08:30:12Z",
    required: true,
    isValid: text(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
  },
};

/** Exactly the fields above, each of its type: what does not fit neither is written nor leaves. */
export function isCrashReport(value: unknown): value is CrashReport {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const given = new Map<string, unknown>(Object.entries(value));
  return (
    [...given.keys()].every((name) => Object.hasOwn(FIELDS, name)) &&
    Object.entries(FIELDS).every(([name, field]) =>
      given.has(name) ? field.isValid(given.get(name)) : !field.required,
    )
  );
}

/** The version when it is nothing but one, else undefined. */
export const versionOnly = (version: string | null | undefined): string | undefined =>
  typeof version === "string" && VERSION.test(version) ? version : undefined;
export const operatingSystem = (name: string): string => (OPERATING_SYSTEMS.includes(name) ? name : "other");
export const architecture = (name: string): string => (ARCHITECTURES.includes(name) ? name : "other");
export const isSymbol = text(SYMBOL);

/** The bytes that are kept and sent. */
export const reportBytes = (report: CrashReport): string => `${JSON.stringify(report, null, 2)}\n`;
