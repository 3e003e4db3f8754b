import type { Exit } from "../platform/spawn.ts";

const NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 };
/** An interactive program may take Ctrl-C, and a daemon SIGHUP, without ending; later crashes are crashes. */
const BRIEF_MS = 60_000;

export interface PersonsStop {
  /** A signal that we passed on. */
  note(signal: string, at: number): void;
  /** Whether somebody has asked for an end that comes at `at`. */
  isAsked(at: number): boolean;
  /** Whether an exit at `at` is what a person asked for. */
  explains(exit: Exit, at: number): boolean;
}

/**
 * Tells a crash from a stop. TERM and QUIT say "end" whenever the end comes; INT and HUP for a
 * minute. Besides, a program that somebody ended with HUP, INT or TERM behind our back was stopped
 * by that person: the same rule as systemd's `Restart=on-failure`.
 */
export function createPersonsStop(): PersonsStop {
  let isFinal = false;
  let brief = Number.NEGATIVE_INFINITY;
  const noted = new Set<string>();
  const isAsked = (at: number) => isFinal || at - brief <= BRIEF_MS;
  return {
    note(signal, at) {
      if (NUMBERS[signal] === undefined) return;
      noted.add(signal);
      if (signal === "SIGTERM" || signal === "SIGQUIT") isFinal = true;
      else brief = at;
    },
    isAsked,
    explains({ code, signal }, at) {
      if (isAsked(at)) return true;
      if (signal === "SIGHUP" || signal === "SIGINT" || signal === "SIGTERM") return true;
      return [...noted].some((name) => code === 128 + (NUMBERS[name] ?? 0));
    },
  };
}
