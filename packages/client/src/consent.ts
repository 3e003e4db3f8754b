import { join } from "node:path";
import { readObject } from "./files.ts";
import { type Environment, homeOf } from "./places.ts";
import type { Program } from "./program.ts";
import { readSettings } from "./settings.ts";

/** `keep`: write a report into the program's home. `send`: open a connection. */
export type Purpose = "keep" | "send";

export interface Situation {
  readonly env: Environment;
  /** Whether stderr is a terminal: a person sits there. */
  readonly terminal: boolean;
  /** Whether a person asked for this very report to be sent. */
  readonly asked: boolean;
}

/** Why not, as `prunella telemetry status` says it. */
export const REASONS = {
  allowed: "nothing is against it",
  do_not_track: "DO_NOT_TRACK is set",
  env_off: "PRUNELLA_TELEMETRY is not on",
  settings_unreadable:
    "the settings file cannot be understood, so it counts as off; `prunella telemetry on` or `off` writes it anew",
  settings_off: "you turned it off (`prunella telemetry on` turns it on)",
  program_off: "you turned it off for this program (`prunella telemetry on --help` says how to turn one on)",
  air_gap: "nothing may leave this machine (air gap)",
  ci: "this is a CI run",
  no_terminal: "there is no terminal, so nobody could read what is sent",
  no_endpoint: "no server is configured that takes reports",
  endpoint_invalid: "the configured server is no http or https address",
  not_disclosed: "what would be sent was not shown yet on a terminal",
  endpoint_changed: "the program names another server than the one that was shown (`prunella telemetry on` accepts it)",
  ask: "the program asks for each report (`prunella crash submit`)",
} as const;

export type Reason = keyof typeof REASONS;

export type Answer =
  | { readonly allowed: true; readonly reason: "allowed"; readonly endpoint: string | null }
  | { readonly allowed: false; readonly reason: Exclude<Reason, "allowed"> };

/**
 * May we? The only place that answers it; every path asks here before it writes a report or opens a
 * connection. Any "off" wins over any "on", and whatever cannot be read is "off".
 */
export function mayReport(purpose: Purpose, program: Program, situation: Situation): Answer {
  const { env } = situation;
  if (isSet(env["DO_NOT_TRACK"])) return no("do_not_track");
  const wanted = env["PRUNELLA_TELEMETRY"]?.trim().toLowerCase() ?? "";
  // Anything but an explicit yes is no, as with every switch of Prunella.
  if (wanted !== "" && !["on", "1", "true", "yes"].includes(wanted)) return no("env_off");
  const settings = readSettings(env);
  if (settings === "garbage") return no("settings_unreadable");
  if (settings.telemetry === "off") return no("settings_off");
  if (settings.programsOff.includes(program.app)) return no("program_off");
  if (program.airGap || settings.airGap || isSet(env["PRUNELLA_AIR_GAP"])) return no("air_gap");
  if (CI.some((name) => isSet(env[name]))) return no("ci");
  if (!situation.terminal) return no("no_terminal");
  const configured = settings.endpoint ?? program.endpoint;
  if (purpose === "keep") return { allowed: true, reason: "allowed", endpoint: configured };

  if (configured === null) return no("no_endpoint");
  const endpoint = toEndpoint(configured);
  if (endpoint === null) return no("endpoint_invalid");
  const shown = readObject(sentinelFile(program, env));
  if (shown === null) return no("not_disclosed");
  // A server that the user named needs no comparison; one that the program names must be the one that was shown.
  if (settings.endpoint === null && (shown === "garbage" || shown["endpoint"] !== endpoint))
    return no("endpoint_changed");
  if (program.mode === "ask" && !situation.asked) return no("ask");
  return { allowed: true, reason: "allowed", endpoint };
}

/** Says that the disclosure was shown. It is no consent: that is in the user's settings. */
export const sentinelFile = (program: Program, env: Environment): string =>
  join(homeOf(program, env), "disclosure-shown.json");

/** The address that reports go to, of the form that is compared and shown; null for anything but plain http and https. */
export function toEndpoint(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  // Credentials in an address end in process lists and logs.
  if ((url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "" || url.password !== "")
    return null;
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v1\/crash$/, "")}/v1/crash`;
}

const CI = [
  "CI",
  "CONTINUOUS_INTEGRATION",
  "GITHUB_ACTIONS",
  "GITLAB_CI",
  "BUILDKITE",
  "CIRCLECI",
  "TRAVIS",
  "JENKINS_URL",
  "TEAMCITY_VERSION",
  "TF_BUILD",
  "CODEBUILD_BUILD_ID",
  "bamboo_buildKey",
];

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no", "off"].includes(value.trim().toLowerCase());
}

const no = (reason: Exclude<Reason, "allowed">): Answer => ({ allowed: false, reason });
