import { isRunning, leadsGroup, processOf } from "@prunella/server";
import { environment } from "./environment.ts";

/** A service manager waits some seconds; the port should be free long before that. */
const LOOK_MS = 500;
const SHELL = /(?:^|\/)(?:(?:ba|da|a|z|k)?sh|busybox)$/;
const RUNS_SCRIPTS = /(?:^|\/)(?:npm|npx|node|pnpm|yarn|bun)/;

/**
 * Calls back once when the npm (pnpm, yarn) that started us is gone. Killed, it passes nothing on:
 * we would go on under process 1 and keep port and data folder from the next start. Whoever gave us
 * a process group of our own (setsid, `&` in an interactive shell) wants us to outlive them.
 */
export function whenStarterGone(callback: () => void): void {
  if (!environment.isUnderScript() || leadsGroup()) return;
  const parent = process.ppid;
  const first = processOf(parent);
  // In a container npm may be process 1; elsewhere that it is our parent means that npm ended before.
  if (parent === 1 && first !== null && !RUNS_SCRIPTS.test(first.name) && !SHELL.test(first.name)) return callback();
  // `sh -c` between npm and us does not end with npm.
  const second = first !== null && SHELL.test(first.name) ? processOf(first.parent) : null;
  const timer = setInterval(() => {
    if (process.ppid === parent && (second === null || isRunning(second))) return;
    clearInterval(timer);
    callback();
  }, LOOK_MS);
  timer.unref();
}
