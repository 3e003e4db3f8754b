import type { Supervision } from "@prunella/server";

/** Long enough to read, short enough to be sure that something still happens. */
const EVERY_MS = 3_000;

export interface Stopping {
  readonly name: string;
  readonly supervision: Supervision;
  readonly graceMs: number;
}

/**
 * Says at once which programs are waited for and how long at most, and again every few seconds while
 * one of them runs. Returns how to fall silent.
 */
export function tellStopping(programs: readonly Stopping[], say: (line: string) => void): () => void {
  const begun = Date.now();
  const running = new Set(programs.filter(({ supervision }) => supervision.pid() !== null));
  for (const each of running) void each.supervision.done.finally(() => running.delete(each));
  if (running.size === 0) return () => undefined;
  const list = (words: (graceMs: number) => string) =>
    [...running].map(({ name, graceMs }) => `${name} (${words(graceMs)})`).join(", ");
  say(`stopping ${list((graceMs) => `at most ${seconds(graceMs)}`)}; a second signal kills at once`);
  const timer = setInterval(() => {
    if (running.size === 0) return clearInterval(timer);
    say(`still waiting for ${list((graceMs) => `${seconds(Math.max(0, begun + graceMs - Date.now()))} left`)}`);
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const seconds = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);
