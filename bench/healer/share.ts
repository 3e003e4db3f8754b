import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { temporaryFolder } from "../folder.ts";
import { cpuSeconds } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";

/** A server's CPU time over the clock's, while `begin` works on it; null where there is no /proc. */
export async function shareOf(given: {
  /** The configuration; what it names lies in the folder. */
  readonly yaml: (folder: string) => string;
  /** Before the clock starts. */
  readonly settleMs: number;
  readonly seconds: number;
  readonly begin: (url: string) => Promise<unknown>;
}): Promise<number | null> {
  using folder = temporaryFolder("bench-healer");
  const config = join(folder.path, "prunella.yaml");
  writeFileSync(config, given.yaml(folder.path));
  const server = await startServerProcess({ data: join(folder.path, "data"), config });
  try {
    await pause(given.settleMs);
    const before = cpuSeconds(server.pid);
    const startedAt = performance.now();
    const working = given.begin(server.url);
    await pause(given.seconds * 1_000);
    const after = cpuSeconds(server.pid);
    const took = (performance.now() - startedAt) / 1_000;
    await working;
    return before === null || after === null ? null : (after - before) / took;
  } finally {
    await server.stop();
  }
}
