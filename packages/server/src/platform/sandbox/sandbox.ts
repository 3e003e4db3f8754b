import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseJson } from "@prunella/contract/json";
import { z } from "zod";
import { denoBinary, insideFile, nodeBinary } from "./binaries.ts";
import { programAt } from "./bubblewrap.ts";
import {
  allRules,
  Enforced,
  RULE_NAMES,
  RULES,
  type EngineName,
  type EngineReport,
  type Rule,
  type SandboxEngine,
} from "./engine.ts";
import { createEngine } from "./engines.ts";
import { selfTest } from "./self-test.ts";

export interface SandboxSetting {
  readonly engine: "deno" | "node";
  /** `preferred`: without it where the machine has none, which is said wherever it matters. */
  readonly os_layer: "required" | "preferred" | "off";
}

/** What is used here and why, or why nothing is. */
export type Standing =
  | {
      readonly kind: "ready";
      readonly engine: SandboxEngine;
      readonly hasOsLayer: boolean;
      readonly report: EngineReport;
      /** Why it is not the first choice of the setting; null when it is. */
      readonly insteadOf: Shortfall | null;
    }
  | ({ readonly kind: "none" } & Shortfall);

export interface Shortfall {
  readonly reason: string;
  readonly mend: string | null;
}

/** An engine that does not keep one of these runs nothing at all. Of the others people are told before the first use. */
const VITAL: readonly Rule[] = ["imports", "remote_imports", "files", "network", "environment", "processes"];

/** In the order in which they are tried. node is no boundary by itself. */
export function choicesOf({ engine, os_layer: layer }: SandboxSetting): readonly EngineName[] {
  if (engine === "node") return layer === "off" ? [] : ["node+bwrap"];
  if (layer === "off") return ["deno"];
  return layer === "required" ? ["deno+bwrap"] : ["deno+bwrap", "deno"];
}

export interface Sandbox {
  /** Tried with the hostile plugin once for each state of this machine, before anything else is. */
  standing(signal: AbortSignal): Promise<Standing>;
}

export function createSandbox(given: {
  /** Where the trials take place and their answers are kept. */
  readonly folder: string;
  readonly setting: SandboxSetting;
  readonly engineOf?: (name: EngineName) => SandboxEngine;
}): Sandbox {
  const { folder, setting, engineOf = createEngine } = given;
  let known: Promise<Standing> | null = null;
  return {
    standing(signal) {
      known ??= choose(folder, setting, engineOf, signal);
      known.then(
        (standing) => standing.kind === "none" && (known = null),
        () => (known = null),
      );
      return known;
    },
  };
}

/** What would be used here, found out without writing to any folder that somebody has: for doctors. */
export async function standingElsewhere(setting: SandboxSetting, signal: AbortSignal): Promise<Standing> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-trial-"));
  try {
    return await createSandbox({ folder, setting }).standing(signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function choose(
  folder: string,
  setting: SandboxSetting,
  engineOf: (name: EngineName) => SandboxEngine,
  signal: AbortSignal,
): Promise<Standing> {
  const choices = choicesOf(setting);
  let instead: Shortfall | null = null;
  for (const name of choices) {
    const engine = engineOf(name);
    const report = await reportOf(engine, folder, signal);
    const refused = whyRefused(report);
    if (refused === null)
      return { kind: "ready", engine, hasOsLayer: name.endsWith("+bwrap"), report, insteadOf: instead };
    instead ??= refused;
  }
  return {
    kind: "none",
    ...(instead ?? {
      reason: "node is no boundary by itself",
      mend: "Set plugins.os_layer to required, or plugins.engine to deno.",
    }),
  };
}

/** null: it may run plugins. */
export function whyRefused(report: EngineReport): Shortfall | null {
  const { isAvailable, enforced, reason, mend } = report;
  if (!isAvailable) return { reason: reason ?? "it does not start", mend };
  const broken = VITAL.filter((rule) => enforced[rule] === "unenforced");
  return broken.length === 0
    ? null
    : {
        reason: `${report.engine} is refused: it does not hold that a plugin ${broken.map((rule) => RULES[rule]).join(", ")} (${reason ?? ""})`,
        mend,
      };
}

/** In plain words, what a plugin is not kept from here; empty when every rule holds. */
export const unenforcedOf = ({ enforced }: EngineReport): string[] =>
  RULE_NAMES.filter((rule) => enforced[rule] === "unenforced").map((rule) => RULES[rule]);

const Kept = z.object({
  key: z.string(),
  report: z.object({
    engine: z.enum(["deno", "deno+bwrap", "node+bwrap"]),
    isAvailable: z.boolean(),
    enforced: Enforced,
    reason: z.string().nullable(),
    mend: z.string().nullable(),
  }),
});

/** Of this engine on this machine as it is now; what was found out before holds until one of its parts changes. */
async function reportOf(engine: SandboxEngine, folder: string, signal: AbortSignal): Promise<EngineReport> {
  const path = join(folder, `trial-${engine.name.replace("+", "-")}.json`);
  const key = stateOf(engine.name);
  const kept = existsSync(path) ? Kept.safeParse(parseJson(readFileSync(path, "utf8"))) : null;
  if (kept?.success === true && kept.data.key === key) {
    // Whether it still starts is looked at each time: that is quick, and a container has other rules tomorrow.
    const probed = await engine.probe(signal);
    return probed.ok ? kept.data.report : { ...kept.data.report, isAvailable: false, ...probed };
  }
  const report = await tried(engine, folder, signal);
  if (report.isAvailable) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(`${path}.new`, JSON.stringify({ key, report }), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  return report;
}

/** A trial that breaks off shows nothing: what was not seen to hold is not used. */
async function tried(engine: SandboxEngine, folder: string, signal: AbortSignal): Promise<EngineReport> {
  try {
    return (await selfTest(engine, folder, signal)).report;
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      engine: engine.name,
      isAvailable: false,
      enforced: allRules("unenforced"),
      reason: `its trial broke off: ${error instanceof Error ? error.message.slice(0, 300) : "for no reason"}`,
      mend: "Try it again and see more: prunella doctor --sandbox",
    };
  }
}

function stateOf(name: EngineName): string {
  const parts = [
    name.startsWith("node") ? nodeBinary() : denoBinary(),
    programAt("bwrap"),
    programAt("prlimit"),
    insideFile("runner"),
    insideFile("hostile"),
  ];
  const seen = parts.map((path) => {
    const stat = path === null ? undefined : statSync(path, { throwIfNoEntry: false });
    return [path, stat?.size, stat?.mtimeMs];
  });
  return createHash("sha256")
    .update(JSON.stringify([release(), process.arch, process.getuid?.(), seen]))
    .digest("hex");
}
