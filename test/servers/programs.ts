import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Real programs that write down each of their starts, and crash when they are told to. */
export interface Programs {
  command(name: string): readonly string[];
  /** As it stands in a configuration. */
  supervised(name: string): unknown;
  /** Waits for its n-th start. */
  started(name: string, times: number): Promise<void>;
  /** Pids of what runs now under that name, whoever started it. */
  living(name: string): readonly number[];
  /** How many ran at the same time, at most, as often as it was looked at. */
  mostAtOnce(): ReadonlyMap<string, number>;
  /** Ends it as a fault of its own would. */
  crash(name: string): void;
  endAll(): void;
}

const WAIT_MS = 45_000;

export function createPrograms(folder: string): Programs {
  const log = join(folder, "starts");
  const pids = (name: string): number[] =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .split("\n")
          .filter((line) => line.startsWith(`${name} `))
          .map((line) => Number(line.split(" ")[1]))
      : [];
  const most = new Map<string, number>();
  const look = (): void => {
    for (const [name, before] of most) most.set(name, Math.max(before, programs.living(name).length));
  };
  const looking = setInterval(look, 100);
  const programs: Programs = {
    command(name) {
      most.set(name, 0);
      return ["sh", "-c", `echo "${name} $$" >> "${log}"; exec sleep 86417`];
    },
    supervised: (name) => ({
      name,
      command: programs.command(name),
      restart: { budget: { max: 20, window: "10m" }, backoff: { base: "10ms", max: "20ms" }, verify: "200ms" },
    }),
    async started(name, times) {
      const until = Date.now() + WAIT_MS;
      for (;;) {
        const found = pids(name).length;
        if (found === times) return;
        if (found > times || Date.now() > until)
          throw new Error(`${name} was started ${found} times instead of ${times}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    living: (name) => pids(name).filter(isOurs),
    mostAtOnce() {
      look();
      return most;
    },
    crash(name) {
      for (const pid of programs.living(name)) process.kill(pid, "SIGSEGV");
    },
    endAll() {
      clearInterval(looking);
      for (const name of most.keys()) for (const pid of programs.living(name)) process.kill(pid, "SIGKILL");
    },
  };
  return programs;
}

/** A number alone may be a stranger's by now. */
function isOurs(pid: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return words.includes("86417") && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
