import { dirname, resolve } from "node:path";
import { PrunellaError, type Caller, type Config, type Grant } from "@prunella/contract";
import {
  configuredId,
  INVESTIGATOR,
  PROMOTE_ISSUE,
  TRIAGE_GRANT,
  TRIAGE_ISSUE,
  type KernelDeps,
} from "@prunella/kernel";
import { restartUnhealthyMachine } from "@prunella/probe-fly/fix";
import { restartUnit } from "@prunella/probe-systemd/fix";
import { openEnvelopeSwitches } from "./platform/autofix-env.ts";
import { createFixHands } from "./platform/fix-hands.ts";
import type { PathLooks } from "./platform/hands/path-looks.ts";
import { readText } from "./platform/read-text.ts";

/** Of providers. */
export const FIXES = [restartUnhealthyMachine, restartUnit];

/** What of envelopes the kernel is given; `config` is asked at each call, because it may be read anew. */
export const createFixing = (
  folder: string,
  base: string,
  config: () => Config,
  paths?: PathLooks,
): NonNullable<KernelDeps["fixing"]> => {
  const hands = createFixHands(base, process.env, paths);
  // What was never looked for is not there: so it is looked for before anybody asks.
  const tokens = config().envelopes.map(({ token }) => token);
  for (const token of [...tokens, ...FIXES.map(({ provider }) => provider?.credential)]) if (token) hands.isSet(token);
  return {
    envelopes: () => config().envelopes,
    switches: openEnvelopeSwitches(folder),
    hands,
    timeout: (ms) => AbortSignal.timeout(ms),
    fixes: FIXES,
  };
};

/** A caller may ask so often of one target; more is a program that runs away. */
const LIMITS: Pick<Grant, "budgets" | "ceilings" | "expires_at"> = {
  budgets: [
    { scope: "target", max: 3, window_ms: 3_600_000 },
    { scope: "target", max: 7, window_ms: 86_400_000 },
  ],
  ceilings: [{ scope: "target", max: 1 }],
  expires_at: null,
};

/** Keys shorter than this could be guessed. */
const MIN_KEY = 16;

/** The table of callers as grants, each with its key. Throws PRUNELLA_CONFIG_INVALID for a key that is missing or too short. */
export function grantsOf({ callers, envelopes, investigator, forge }: Config, configPath: string | null) {
  const base = configPath === null ? process.cwd() : dirname(resolve(configPath));
  // A program that investigates may ask for what the envelopes list, while their switches say yes. It has no key:
  // it asks through its tool alone.
  const asks = investigator.kind === "command" ? [...new Set(envelopes.map(({ project }) => project))] : [];
  const own = asks.flatMap((project) => {
    const actions = envelopes.filter((one) => one.project === project).flatMap((one) => one.actions);
    if (actions.length === 0) return [];
    return [
      {
        grant: {
          id: INVESTIGATOR,
          project_id: project,
          actions: [...new Set(actions.map((one) => one.do))],
          targets: [...new Set(actions.flatMap((one) => one.targets))],
          ...LIMITS,
        },
        key: null,
      },
    ];
  });
  const called = callers
    .filter(({ tools, actions, targets }) => tools.includes("autofix") && actions.length > 0 && targets.length > 0)
    .map((caller) => ({
      grant: {
        id: configuredId(caller.name),
        project_id: caller.project,
        actions: caller.actions,
        targets: caller.targets,
        ...LIMITS,
      },
      key: keyOf(caller, base),
    }));
  return [...own, ...ofTriage(forge), ...called];
}

/** Private issues and their counts, and what a label, a rule or a fix makes public; nothing here asks with a key. */
const ofTriage = (forge: Config["forge"]) =>
  (forge?.triage?.projects ?? []).map((project) => ({
    grant: {
      id: TRIAGE_GRANT,
      project_id: project,
      actions: [TRIAGE_ISSUE, PROMOTE_ISSUE],
      targets: ["issue:private/*", "issue:public/*"],
      budgets: [{ scope: "target" as const, max: 12, window_ms: 3_600_000 }],
      ceilings: [{ scope: "target" as const, max: 1 }],
      expires_at: null,
    },
    key: null,
  }));

function keyOf({ name, key, key_file: file }: Caller, base: string): string {
  const named = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(key ?? "")?.[1];
  const found = file !== null ? readOrNull(resolve(base, file)) : named === undefined ? key : process.env[named];
  const secret = (found ?? "").trim();
  if (secret.length >= MIN_KEY) return secret;
  throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
    detail: `callers: the key of ${name} ${secret === "" ? "is not there" : `has less than ${MIN_KEY} characters`}.`,
    hint: "Make one with `openssl rand -base64 32`, and name its file or variable.",
  });
}

function readOrNull(path: string): string | null {
  try {
    return readText(path);
  } catch {
    return null;
  }
}
