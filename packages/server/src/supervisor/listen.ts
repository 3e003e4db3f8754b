import type { Instruction } from "@prunella/contract";
import { insist, sleep, STOPPED, type Insisted, type InsistDeps } from "./insist.ts";
import type { SupervisorPort } from "./port.ts";

/** What is permitted now: the permit is to be redeemed when its time has come. */
export type Order = Extract<Instruction, { readonly not_before: number }>;

/** Between two answers that say nothing new of a program that runs. */
const AGAIN_MS = 500;

/**
 * What a person has a running program do, as soon as they say so; null when nobody will say anything
 * more, or when `deps.signal` came first. An owner that is away is waited for without a word: the
 * program runs.
 */
export async function listen(
  port: Pick<SupervisorPort, "next">,
  runId: string,
  deps: Pick<InsistDeps, "clock" | "signal">,
): Promise<Order | null> {
  const quietly: InsistDeps = { ...deps, onLost: () => undefined, onFound: () => undefined };
  let seen: string | null = null;
  for (;;) {
    const asked: string | null = seen;
    const answer: Insisted<Instruction> = await insist(() => port.next(runId, asked, deps.signal), quietly);
    if (answer === STOPPED || !("value" in answer)) return null;
    const instruction: Instruction = answer.value;
    switch (instruction.kind) {
      case "stop":
      case "restart":
        return instruction;
      case "over":
        return null;
      case "hold":
        seen = instruction.attempt_id;
        break;
      case "stopped":
        seen = instruction.seen;
        break;
      case "wait":
      case "start":
    }
    if (instruction.kind !== "wait") await sleep(AGAIN_MS, deps);
  }
}
