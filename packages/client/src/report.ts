import {
  architecture,
  type CrashReport,
  isCrashReport,
  isExitCode,
  isSymbol,
  operatingSystem,
  PHASES,
  versionOnly,
} from "./fields.ts";
import { crashFingerprint, errorClass, projectIdHash, stackSignature } from "./fingerprint.ts";
import type { FrictionKind } from "./friction.ts";

/** What was seen, as it was seen: still with whatever stood in it. */
export interface Crash {
  readonly errorClass: string;
  /** Names of functions, newest call first. */
  readonly functions: readonly string[];
  readonly exitCode: number | null;
  readonly phase: string | null;
  readonly friction: FrictionKind | null;
  /** Epoch ms. */
  readonly at: number;
}

/** What the machine says of itself. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly node: string | undefined;
  readonly bun: string | undefined;
  readonly appVersion: string | null;
  /** Git remote; null when there is none. */
  readonly remote: string | null;
}

export interface Scrubber {
  readonly version: number;
  /** Safe text and how much was taken out. */
  readonly scrub: (text: string) => { readonly text: string; readonly redactions: number };
}

/** The report of a crash: scrubbed first, fingerprint made of what is left. Throws when the scrubber does. */
export function createReport(crash: Crash, machine: Machine, scrubber: Scrubber): CrashReport {
  let redactions = 0;
  const scrub = (text: string): string => {
    const safe = scrubber.scrub(text);
    redactions += safe.redactions;
    return safe.text;
  };
  // A class with a secret in it is no class any more.
  const name = errorClass(crash.errorClass);
  const safeClass = errorClass(scrub(name));
  const signature = stackSignature(crash.functions.filter(isSymbol).slice(0, 5).map(scrub));
  const appVersion = versionOnly(machine.appVersion);
  const nodeVersion = versionOnly(machine.node);
  const bunVersion = versionOnly(machine.bun);
  const report: CrashReport = {
    os: operatingSystem(machine.platform),
    arch: architecture(machine.arch),
    ...(appVersion === undefined ? {} : { app_version: appVersion }),
    ...(nodeVersion === undefined ? {} : { node_version: nodeVersion }),
    ...(bunVersion === undefined ? {} : { bun_version: bunVersion }),
    error_class: safeClass,
    stack_signature: signature,
    phase: crash.phase !== null && PHASES.includes(crash.phase) ? crash.phase : "UNKNOWN",
    exit_code: isExitCode(crash.exitCode) ? crash.exitCode : null,
    ...(crash.friction === null ? {} : { friction_kind: crash.friction }),
    project_id_hash: projectIdHash(machine.remote),
    fingerprint: crashFingerprint(safeClass, signature),
    rules_version: scrubber.version,
    redactions_count: redactions,
    captured_at: `${new Date(crash.at).toISOString().slice(0, 19)}Z`,
  };
  if (!isCrashReport(report)) throw new Error("The report does not fit its own fields.");
  return report;
}
