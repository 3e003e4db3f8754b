import { isForeground, type Supervision } from "@prunella/server";
import { createInterruptCounter, createStopCounter } from "./repeated-signal.ts";
import { whenStarterGone } from "./script-starter.ts";
import { tellStopping } from "./stop-progress.ts";

/** Passed on; what they mean is the program's affair. */
const FORWARDED = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"] as const;
/** A wish that it ends, unless INT or QUIT come from a terminal that is the program's. */
const STOPS = ["SIGINT", "SIGTERM", "SIGQUIT"] as const;
const FATAL: ReadonlySet<NodeJS.Signals> = new Set<NodeJS.Signals>([...STOPS, "SIGHUP", "SIGUSR1", "SIGUSR2"]);

export interface Signals {
  /** Where they go from now on, and those that came before. */
  goTo(supervision: Supervision): void;
  /** One that would have ended the program, had it run already. */
  endedEarly(): NodeJS.Signals | null;
  /** Aborted when a person will not wait. */
  readonly hurry: AbortSignal;
}

export interface SignalsRequest {
  readonly name: string;
  readonly graceMs: number;
  readonly sharesTerminal: boolean;
  readonly tell: (line: string) => void;
}

/** Hears every signal from now on. */
export function listen({ name, graceMs, sharesTerminal, tell }: SignalsRequest): Signals {
  const early: NodeJS.Signals[] = [];
  const countStops = createStopCounter();
  const countInterrupts = createInterruptCounter();
  const hurry = new AbortController();
  let supervision: Supervision | null = null;
  let isStopping = false;

  /** The terminal gave it to the program as well, which may go on after it, as shells do. */
  function interrupted(to: Supervision, signal: NodeJS.Signals): void {
    to.heard(signal);
    const count = countInterrupts(Date.now());
    if (count === 2) tell(`${name} goes on; once more kills it`);
    if (count !== 3) return;
    to.force();
    void to.stop("SIGKILL", 0);
  }

  function stop(signal: NodeJS.Signals): void {
    const count = countStops(Date.now());
    if (count === null) return;
    if (supervision === null) early.push(signal);
    if (count > 1) {
      hurry.abort();
      supervision?.force();
    } else if (supervision !== null) begin(supervision, signal);
  }

  function begin(to: Supervision, signal: NodeJS.Signals): void {
    isStopping = true;
    const fallSilent = tellStopping([{ name, supervision: to, graceMs }], tell);
    void to.stop(signal, graceMs).finally(fallSilent);
  }

  for (const signal of STOPS) {
    process.on(signal, () => {
      const isTheirs = sharesTerminal && signal !== "SIGTERM" && !isStopping && isForeground();
      if (isTheirs && supervision !== null) interrupted(supervision, signal);
      else stop(signal);
    });
  }
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      if (supervision === null) early.push(signal);
      else supervision.forward(signal);
    });
  }
  // In a session of its own the program hears nothing of Ctrl-Z; one that shares ours stops by itself.
  if (!sharesTerminal)
    process.on("SIGTSTP", () => {
      supervision?.forward("SIGSTOP");
      process.kill(process.pid, "SIGSTOP");
    });
  whenStarterGone(() => {
    tell("what started this is gone; stopping");
    stop("SIGTERM");
  });

  return {
    goTo(to) {
      supervision = to;
      for (const signal of early) {
        if (STOPS.some((each) => each === signal)) begin(to, signal);
        else to.forward(signal);
      }
      if (hurry.signal.aborted) to.force();
    },
    endedEarly: () => early.find((signal) => FATAL.has(signal)) ?? null,
    hurry: hurry.signal,
  };
}
