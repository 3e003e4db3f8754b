import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { descendants, processOf } from "../processes.ts";
import { digestOf } from "./artifact.ts";
import { readInside } from "./binaries.ts";
import { openCanaries } from "./canaries.ts";
import {
  allRules,
  RULE_NAMES,
  type EngineReport,
  type LaunchSpec,
  type Rule,
  type SandboxedProcess,
  type SandboxEngine,
} from "./engine.ts";
import { FrameError } from "./frames.ts";

/** As much as a small plugin gets. */
const MEMORY_MB = 128;
/** Each thread of a runtime takes its own code range; where memory is not what is tried there is room for some. */
const ROOM_MB = 2_048;
/** What is held beside the count: a block that is being taken, and what an idle runtime had reserved and not used. */
const SLACK_MB = 96;
const STEAL_MS = 60_000;
const WALL_MS = 600;
const GONE_MS = 2_000;

const One = z.object({ rule: z.enum(RULE_NAMES), name: z.string(), got: z.string().nullable() });
const Found = z.array(One);

export interface Leak {
  readonly rule: Rule;
  /** Which attempt, and what it got. */
  readonly what: string;
}

export interface SelfTest {
  readonly report: EngineReport;
  readonly leaks: readonly Leak[];
  /** How many attempts were made: none is no success. */
  readonly attempts: number;
}

/** Lets the hostile plugin try everything in an engine, and says rule by rule what held. */
export async function selfTest(
  engine: SandboxEngine,
  folder: string,
  signal: AbortSignal,
  /** `steal`: without what a process is ended for. */
  what: "all" | "steal" = "all",
): Promise<SelfTest> {
  const probed = await engine.probe(signal);
  if (!probed.ok)
    return {
      leaks: [],
      attempts: 0,
      report: {
        engine: engine.name,
        isAvailable: false,
        enforced: allRules("unenforced"),
        reason: probed.reason,
        mend: probed.mend,
      },
    };
  const leaks: Leak[] = [];
  let attempts = 0;
  const home = join(folder, `self-test-${engine.name.replace("+", "-")}`);
  rmSync(home, { recursive: true, force: true });
  try {
    const start = starter(engine, home, signal);
    using canaries = await openCanaries(join(home, "canaries"));
    const leak = (rule: Rule, what: string): void => void leaks.push({ rule, what });

    const found = Found.parse(await ask(await start(STEAL_MS), "steal", { canary: canaries.canary }));
    attempts += found.length;
    for (const { rule, name, got } of found)
      if (got !== null && canaries.isLeak(name, got)) leak(rule, `${name} got ${got.slice(0, 80)}`);
    for (const name of ["worker_permissions", "exit_handler"]) {
      attempts += 1;
      const one = One.safeParse(await ask(await start(STEAL_MS), "fatal", { canary: canaries.canary, name }, true));
      if (one.success && one.data.got !== null) leak(one.data.rule, `${name} got ${one.data.got.slice(0, 80)}`);
    }
    for (const [rule, seen] of canaries.sideEffects()) leak(rule, seen);
    if (what === "all") attempts += await excesses(start, canaries.mark, leak);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const broken = new Set(leaks.map(({ rule }) => rule));
  const enforced = {
    ...allRules("enforced"),
    ...Object.fromEntries([...broken].map((rule) => [rule, "unenforced"] as const)),
  };
  return {
    leaks,
    attempts,
    report: {
      engine: engine.name,
      isAvailable: true,
      enforced,
      reason: leaks.length === 0 ? null : leaks.map(({ rule, what }) => `${rule}: ${what}`).join("; "),
      mend: leaks.length === 0 ? null : "Use another engine; this one is refused here.",
    },
  };
}

type Starter = (wallMs: number, memoryMb?: number) => Promise<SandboxedProcess>;

/** Keeps, hoards, spins and shouts; returns how many attempts that was. */
async function excesses(start: Starter, mark: string, leak: (rule: Rule, what: string) => void): Promise<number> {
  let attempts = 0;
  for (const round of ["first", "second"]) {
    const left = z.array(z.string()).parse(await ask(await start(STEAL_MS), "remember", { mark: mark }));
    attempts += 1;
    if (left.length > 0) leak("shared_storage", `the ${round} run found what another left`);
  }
  for (const what of ["heap", "buffer", "wasm"]) {
    attempts += 1;
    const held = await hoarded(await start(STEAL_MS, MEMORY_MB), what);
    if (held > MEMORY_MB + SLACK_MB) leak("memory", `${what} took ${held} MB of ${MEMORY_MB}`);
  }
  attempts += 1;
  const left = await spun(await start(WALL_MS), 30);
  if (left !== null) leak("time", left);
  for (const what of ["one_line", "garbage", "deep"]) {
    attempts += 1;
    if (!(await isRefused(await start(STEAL_MS), what))) leak("stdout", `${what} was taken for a frame`);
  }
  attempts += 1;
  const loud = await start(STEAL_MS);
  await ask(loud, "shout", { what: "stderr" });
  if (Buffer.byteLength(loud.stderr()) > 65_536) leak("stdout", "stderr is kept without end");
  return attempts;
}

function starter(engine: SandboxEngine, home: string, signal: AbortSignal): Starter {
  const bytes = readInside("hostile");
  const bundle = join(home, "bundle.js");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // An engine that let it change its own file has been found out; what follows is tried with the right one.
  const write = (): void => {
    rmSync(bundle, { force: true });
    writeFileSync(bundle, bytes);
    chmodSync(bundle, 0o444);
  };
  const spec = (wallMs: number, memoryMb: number): LaunchSpec => ({
    bundle,
    digest: digestOf(bytes),
    limits: { memoryMb, cpuSeconds: 30, wallMs },
    workDir: join(home, "work"),
  });
  return (wallMs, memoryMb = ROOM_MB) => {
    write();
    return engine.launch(spec(wallMs, memoryMb), signal);
  };
}

const Answer = z.object({ id: z.literal(1), result: z.object({ output: z.unknown() }) });
const Refused = z.object({ id: z.literal(1), error: z.object({ message: z.string() }) });
const Held = z.object({ method: z.literal("held"), params: z.object({ held: z.number() }) });

const command = (name: string, input: object): object => ({
  jsonrpc: "2.0",
  id: 1,
  method: `commands/${name}`,
  params: { input },
});

/** `mayEnd`: that it ends without an answer is one. */
async function ask(process_: SandboxedProcess, name: string, input: object, mayEnd = false): Promise<unknown> {
  try {
    process_.send(command(name, input));
    for await (const frame of process_.frames) {
      const answer = Answer.safeParse(frame);
      if (answer.success) return answer.data.result.output;
      const refused = Refused.safeParse(frame);
      if (refused.success) throw new Error(`the hostile plugin broke: ${refused.data.error.message}`);
    }
    if (mayEnd) return null;
    throw new Error(`the hostile plugin ended early: ${process_.stderr().slice(-400)}`);
  } finally {
    await process_.kill();
  }
}

async function hoarded(process_: SandboxedProcess, what: string): Promise<number> {
  let held = 0;
  try {
    process_.send(command("hoard", { what }));
    for await (const frame of process_.frames) {
      const said = Held.safeParse(frame);
      if (!said.success) break;
      held = said.data.params.held;
    }
  } finally {
    await process_.kill();
  }
  return held;
}

/** null when nothing of it is left after its deadline. */
async function spun(process_: SandboxedProcess, threads: number): Promise<string | null> {
  process_.send(command("spin", { threads }));
  // It never speaks; the end of its output is the end of it.
  const speaks = (async () => {
    for await (const _frame of process_.frames) return true;
    return false;
  })();
  await new Promise((resolve) => setTimeout(resolve, WALL_MS / 2));
  const family = [process_.pid, ...descendants(process_.pid).map(({ pid }) => pid)];
  const { ended, code } = await process_.exited;
  if (await speaks.catch(() => false)) return "an endless loop spoke";
  // Thirty threads may be more than its memory holds: then it ended sooner, and that is as well.
  if (ended === null && code === 0) return "an endless loop ended by itself";
  // The kernel takes a moment to end the last of a namespace.
  for (let waited = 0; waited < GONE_MS; waited += 20) {
    if (family.every((pid) => processOf(pid) === null)) return null;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return "something of it still runs";
}

async function isRefused(process_: SandboxedProcess, what: string): Promise<boolean> {
  try {
    process_.send(command("shout", { what }));
    for await (const _frame of process_.frames) continue;
    return false;
  } catch (error) {
    return error instanceof FrameError;
  } finally {
    await process_.kill();
  }
}
