import { appendFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PrunellaError } from "@prunella/contract";
import { Permit, type Kernel, type Remedy } from "@prunella/kernel";
import { openPostgres, systemClock } from "@prunella/server/platform";
import { createLamps } from "../../../packages/kernel/src/remedies/lamp-fixture.ts";
import { createSeeded } from "../../crashloop/seeded.ts";
import { aCrash, openKernel } from "../../kernel-fixture.ts";
import { LAMPS } from "./lamps.ts";

/**
 * One of four processes on one PostgreSQL: the kernel as it is, and whoever speaks to it, who does one thing after the
 * other until the process is killed or told to end. What it knows stands in files, before and after each thing, so
 * that nothing of it is lost with the process.
 */
const [url = "", folder = "", place = "", seed = "0", key = ""] = process.argv.slice(2);
const random = createSeeded(Number(seed));
const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
const note = (file: "sent" | "answered" | "effects" | "wrong", line: string) =>
  appendFileSync(join(folder, file), `${line}\n`);

const aLamp = (): string => pick(LAMPS) ?? "hall";
const dark = (target: string) => join(folder, `dark-${target.replace("lamp:", "")}`);

/** Lamps are files that all processes see: whoever acts on one leaves a mark first. */
const lamps: Remedy = {
  ...createLamps().remedy,
  observe: async (_, target) => ({
    isReachable: true,
    isHealthy: !existsSync(dark(target)),
    staysDown: false,
    args: {},
  }),
  async act(permit) {
    const { attemptId, target } = Permit.use(permit);
    note("effects", attemptId);
    await sleep(random() * 150);
    if (random() < 0.2) return false;
    rmSync(dark(target), { force: true });
    return true;
  },
  verify: async (_, target) => (existsSync(dark(target)) ? "unhealthy" : "healthy"),
};

const DEEDS: Readonly<Record<string, { readonly weight: number; readonly act: (kernel: Kernel) => Promise<unknown> }>> =
  {
    fail: {
      weight: 12,
      async act(kernel) {
        const name = aLamp();
        const id = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
        writeFileSync(dark(name), "");
        note("sent", id);
        const event = { id, source: "probe", level: "error", at: Date.now() } as const;
        await kernel.report("default", [aCrash(`lamp:${name}`, event)]);
        note("answered", id);
      },
    },
    decide: {
      weight: 4,
      async act(kernel) {
        const question = pick((await kernel.escalations.list("open")).escalations);
        const option = pick(question?.options ?? []);
        if (question && option) await kernel.escalations.decide(question.id, option.name);
      },
    },
    ask: {
      weight: 4,
      act: (kernel) => kernel.callers.ask(key, { action: "switch_on", target: `lamp:${aLamp()}`, args: {} }),
    },
    approve: {
      weight: 2,
      act: (kernel) =>
        kernel.approvals.give({
          id: null,
          projectId: "default",
          triggerId: null,
          action: "switch_on",
          target: `lamp:${aLamp()}`,
          reason: "go on",
          forMs: 2_000,
        }),
    },
    widen: {
      weight: 1,
      act: (kernel) =>
        kernel.pauses.override(
          { projectId: "default", triggerId: `light-${aLamp()}`, extra: 1, forMs: 2_000, reason: "new bulbs" },
          { kind: "person", id: "anna" },
        ),
    },
    pause: {
      weight: 1,
      act: (kernel) =>
        kernel.pauses.add(
          { projectId: "default", triggerId: null, reason: "a deploy", until: Date.now() + 300 },
          { kind: "person", id: "anna" },
        ),
    },
    kill: { weight: 1, act: (kernel) => kernel.switches.kill(true) },
    unkill: { weight: 3, act: (kernel) => kernel.switches.kill(false) },
  };
const DRAWN = Object.values(DEEDS).flatMap(({ weight, act }) => Array.from({ length: weight }, () => act));

/** Only what the catalogue knows may come out of a kernel, however its neighbours end. */
function judge(error: unknown): void {
  if (error instanceof PrunellaError && error.code !== "PRUNELLA_INTERNAL") return;
  note(
    "wrong",
    `${place}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.replaceAll("\n", " "),
  );
}

const tell = (what: string): void => void process.send?.(what);
let isEnding = false;
process.once("message", () => (isEnding = true));
// Whoever started it has gone.
process.once("disconnect", () => process.exit(1));

// Whoever comes after it starts sooner; one that is killed has no time to leave it behind.
flushCompileCache();
const engine = await openPostgres(url);
const kernel = await openKernel(engine, systemClock, undefined, Number(seed), undefined, { place, remedies: [lamps] });
while (!isEnding) {
  // Two at once, as people and machines do.
  await Promise.all([pick(DRAWN), pick(DRAWN)].map(async (act) => act?.(kernel).catch(judge)));
  tell("did");
}
await kernel.settle();
await kernel.close();
await engine.close();
process.disconnect?.();
