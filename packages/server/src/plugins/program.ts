import { createHash } from "node:crypto";
import type { Refusal } from "@prunella/contract";
import type { PluginCommand, PluginManifest } from "@prunella/contract/plugins";
import type { Kernel, PluginTableRow } from "@prunella/kernel";
import { argvSummary } from "@prunella/ouroboros";
import type { Scrubbed } from "@prunella/scrub";
import type { Diagnosis } from "../platform/sandbox/diagnose.ts";
import { LaunchError } from "../platform/sandbox/engine.ts";
import { PROGRAM_HOME, PROGRAM_SCRATCH, type ProgramResult, type ProgramRun } from "../platform/sandbox/program.ts";
import { admissionOf, asksOf, NEVER } from "./admission.ts";
import type { Invoke, Invoked } from "./invocation.ts";

export interface ProgramDeps {
  readonly kernel: Pick<Kernel, "plugins">;
  readonly scrubText: (text: string) => { readonly text: Scrubbed<string> };
  readonly scrubJson: (value: unknown) => { readonly value: Scrubbed<unknown> };
  readonly now: () => number;
  readonly programs: Programs;
}

/** What starts programs, and where their files lie. */
export interface Programs {
  /** What lies there is what was installed, looked at byte for byte. */
  isWhole(digest: string): boolean;
  treeOf(digest: string): string;
  /** Why the layer does not start on this machine; null: it does. */
  shortfall(signal: AbortSignal): Promise<Diagnosis | null>;
  run(run: ProgramRun, signal: AbortSignal): Promise<ProgramResult>;
}

export interface ProgramAsk {
  readonly asked: Invoke;
  readonly plugin: PluginTableRow;
  readonly manifest: PluginManifest;
  readonly command: PluginCommand;
  /** The words behind the command. */
  readonly argv: readonly string[];
  readonly outer: AbortSignal;
  /** This server ends. */
  readonly closing: AbortSignal;
}

type Program = NonNullable<PluginManifest["program"]>;
type HookName = Program["hooks"][number]["name"];

const ENGINE = "bubblewrap";
const GRACE_MS = 1_000;
const PREVIEW = 256;
const LAST_WORDS = 600;

/**
 * Runs one command of a program, in the order of its audit: may it run, is it the artifact, may it with these
 * permissions, is it cancelled, did somebody confirm it, do its hooks let it, then it is invoked, runs, and ends.
 * A hook that says no stops it before anything of it is written down as invoked.
 */
export async function invokeProgram(deps: ProgramDeps, of: ProgramAsk): Promise<Invoked> {
  const { kernel, programs, now } = deps;
  const { asked, plugin, manifest, command, outer } = of;
  const clean = (text: string): string => deps.scrubText(text).text.value;
  const { program } = manifest;
  if (program === undefined) throw new Error("a program has no command to start");
  const shown = of.argv.map(clean);
  // By what is shown: a short secret could be found again by its hash.
  const asks = asksOf({ argv: shown }, shortened(JSON.stringify({ argv: shown })), deps.scrubJson);
  const admission = await admissionOf(kernel, asked.adopted, {
    projectId: asked.projectId,
    plugin,
    command: command.name,
    via: asked.via,
    by: asked.by,
    isConfirmed: asked.isConfirmed ?? false,
    bindings: asked.bindings ?? {},
    isWhole: programs.isWhole(plugin.digest),
    argv: argvSummary(shown),
    ...(asked.onParked === undefined
      ? {}
      : { asks: shown.every((word, at) => word === of.argv[at]) ? asks : { ...asks, kept: null } }),
  });
  if (admission.kind === "needs_confirmation")
    return { status: "needs_confirmation", risk: admission.risk, arguments: { argv: shown } };
  const invocation = admission.invocationId;
  if (admission.kind === "blocked") {
    const { refusal, detail, mend } = admission;
    return { status: "blocked", invocation, refusal, detail, mend };
  }
  const block = async (refusal: Refusal | null, detail: string, mend: string | null): Promise<Invoked> => {
    await kernel.plugins.invocations.end(invocation, { kind: "blocked", refusal, detail });
    return { status: "blocked", invocation, refusal, detail, mend };
  };

  // What was admitted ends, whatever breaks: nobody may find it running for ever.
  try {
    if (outer.aborted && admission.kind !== "parked")
      return await block(null, "It was cancelled before it began.", null);
    if (admission.kind === "parked") {
      const { escalationId: escalation } = admission;
      asked.onParked?.(invocation, escalation);
      const given = asked.signal ?? NEVER;
      const no = await kernel.plugins.invocations.confirmed(invocation, escalation, given, of.closing);
      if (no === "left") return { status: "parked", invocation, escalation };
      if (no !== null) return await block(no.refusal, no.detail, null);
    }
    const shortfall = await programs.shortfall(outer);
    if (shortfall !== null)
      return await block(null, `Nothing holds a program here: ${shortfall.reason}.`, shortfall.mend);
    const granted = await grantedTo(kernel, asked.projectId, plugin.plugin_id);
    const start = (words: readonly string[], timeoutMs: number, env: Readonly<Record<string, string>> = {}) =>
      programs.run(
        {
          tree: programs.treeOf(plugin.digest),
          argv: words,
          env: { ...ENV, ...env },
          memoryMb: manifest.limits.memoryMb,
          cpuSeconds: manifest.limits.cpuSeconds,
          wallMs: timeoutMs,
        },
        // A cancelled run's hooks are still told, for a moment.
        outer.aborted ? AbortSignal.timeout(GRACE_MS) : outer,
      );
    const call = {
      tool: `${manifest.namespace}.${command.name}`,
      correlation_id: invocation,
      invocation_id: invocation,
    };
    const log: string[] = [];
    /** Null: they let it pass. */
    const ask = async (name: HookName, payload: object | null): Promise<string | null> => {
      for (const hook of program.hooks) {
        if (hook.name !== name) continue;
        const lacks = hook.uses.find((scope) => !granted.has(scope));
        const said =
          lacks === undefined
            ? await hookSaid(start(hook.command, hook.timeoutMs, payload === null ? {} : payloadOf(payload)), clean)
            : { wrong: `lacks ${lacks}, which nobody granted`, lines: [] };
        log.push(...said.lines.map((line) => `${name}: ${line}`));
        if (said.wrong === null) continue;
        if (hook.failure === "fail_closed" && name.startsWith("before_")) return `Its hook ${name} ${said.wrong}.`;
        log.push(`${name}: ${said.wrong}`);
      }
      return null;
    };
    const blocked =
      (await ask("before_invocation", null)) ??
      (await ask("before_tool_call", {
        ...call,
        args_digest: sha256(JSON.stringify([command.name, ...shown])),
        args_preview: shortened([command.name, ...shown].join(" ")),
        permissions: command.uses.map((scope) => scope.replace("program:", "")),
      }));
    if (outer.aborted) return await block(null, "It was cancelled before it began.", null);
    if (blocked !== null) return await block(null, blocked, null);

    const bar = await kernel.plugins.invocations.begin(invocation, "bwrap");
    if (bar !== null) return await block(bar.refusal, bar.detail, bar.mend);
    const since = now();
    const ran = await startedOr(start([...program.command, command.name, ...of.argv], command.timeoutMs));
    const failure = failureOf(ran, command.timeoutMs, clean);
    await kernel.plugins.invocations.end(
      invocation,
      failure === null ? { kind: "completed" } : { kind: "failed", ...failure },
    );
    const output = typeof ran === "string" ? "" : ran.stdout;
    await ask("after_tool_call", {
      ...call,
      status: failure === null ? "success" : "failed",
      exit_code: typeof ran === "string" ? null : ran.code,
      output_digest: sha256(output),
      duration_ms: Math.max(1, now() - since),
    });
    await ask("after_invocation", null);
    if (failure !== null) await ask(failure.reason === "cancelled" ? "on_cancel" : "on_error", null);
    if (typeof ran !== "string") log.push(...linesOf(clean(ran.stderr)));
    const told = { invocation, engine: ENGINE, log: log.slice(-MOST_LINES) };
    return failure === null
      ? { status: "success", output: clean(output).replace(/\n$/, ""), ...told }
      : { status: "failed", ...failure, ...told };
  } catch (error) {
    await kernel.plugins.invocations.end(invocation, {
      kind: "failed",
      reason: "failed",
      detail: "The host could not run it.",
    });
    throw error;
  }
}

/** What such programs are told of where they are; they may write to their scratch folder until they end. */
const ENV = {
  PYTHONDONTWRITEBYTECODE: "1",
  OUROBOROS_PLUGIN_HOME: PROGRAM_HOME,
  OUROBOROS_PLUGIN_WORKDIR: PROGRAM_SCRATCH,
  OUROBOROS_PLUGIN_OUTPUT_DIR: `${PROGRAM_SCRATCH}/output`,
};
const payloadOf = (payload: object) => ({ OUROBOROS_PLUGIN_TOOL_CALL_PAYLOAD: JSON.stringify(payload) });

const MOST_LINES = 200;
const linesOf = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const shortened = (text: string): string => (text.length <= PREVIEW ? text : `${text.slice(0, PREVIEW - 1)}…`);

async function grantedTo(kernel: ProgramDeps["kernel"], projectId: string, id: string): Promise<ReadonlySet<string>> {
  const { asked } = await kernel.plugins.read(projectId, id);
  return new Set(asked.flatMap(({ scope, granted, missing }) => (granted && missing.length === 0 ? [scope] : [])));
}

/** What ran, or why it did not start. */
async function startedOr(running: Promise<ProgramResult>): Promise<ProgramResult | string> {
  try {
    return await running;
  } catch (error) {
    if (error instanceof LaunchError) return error.message;
    throw error;
  }
}

/** `wrong` null: it let it pass. */
async function hookSaid(
  running: Promise<ProgramResult>,
  clean: (text: string) => string,
): Promise<{ readonly wrong: string | null; readonly lines: readonly string[] }> {
  const ran = await startedOr(running);
  if (typeof ran === "string") return { wrong: clean(`did not start: ${ran}`), lines: [] };
  const lines = linesOf(clean(ran.stdout));
  if (ran.ended !== null) return { wrong: WHY[ran.ended], lines };
  return { wrong: ran.code === 0 ? null : `said no, with code ${ran.code}${lastWords(ran, clean)}`, lines };
}

const WHY: Readonly<Record<NonNullable<ProgramResult["ended"]>, string>> = {
  time: "took too long",
  cancelled: "was cancelled",
  memory: "took more memory than its limit",
  processes: "started more processes than its limit",
  output: "said more than 1 MiB",
};

function failureOf(
  ran: ProgramResult | string,
  timeoutMs: number,
  clean: (text: string) => string,
): { readonly reason: "failed" | "cancelled" | "timeout"; readonly detail: string } | null {
  if (typeof ran === "string") return { reason: "failed", detail: clean(`It did not start: ${ran}.`) };
  if (ran.ended === "time") return { reason: "timeout", detail: `It took longer than its ${timeoutMs / 1_000} s.` };
  if (ran.ended === "cancelled") return { reason: "cancelled", detail: "It was cancelled." };
  if (ran.ended !== null) return { reason: "failed", detail: `It ${WHY[ran.ended]}.` };
  if (ran.code === 0) return null;
  return { reason: "failed", detail: `It ended with code ${ran.code}${lastWords(ran, clean)}` };
}

/** Scrubbed whole, before anything is cut off: what is left of a secret looks like none. */
function lastWords({ stdout, stderr }: ProgramResult, clean: (text: string) => string): string {
  const said = clean(stderr.trim() === "" ? stdout : stderr);
  const tail = said.trim().split("\n").slice(-3).join("\n").slice(-LAST_WORDS);
  return tail === "" ? "" : `; its last words: ${tail}`;
}
