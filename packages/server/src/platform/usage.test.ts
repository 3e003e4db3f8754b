import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { isProcHere } from "./processes.ts";
import { usageOf } from "./usage.ts";

test.skipIf(!isProcHere())("counts the memory and the work of a process and of what it started", async () => {
  // Half a second of work, however long that takes on a machine with other things to do.
  const busy = "let n = 0; while (process.cpuUsage().user < 500000) n += 1; setInterval(() => n, 1000)";
  const shell = spawn("sh", ["-c", `'${process.execPath}' -e '${busy}'; true`], { stdio: "ignore" });
  const pid = shell.pid ?? 0;
  try {
    // The shell alone has neither.
    await expect.poll(() => usageOf(pid)?.cpu_ms ?? 0, { timeout: 20_000 }).toBeGreaterThan(200);
    expect(usageOf(pid)?.rss_bytes ?? 0).toBeGreaterThan(20 * 2 ** 20);
  } finally {
    const { descendants, signalAll } = await import("./processes.ts");
    signalAll(descendants(pid), "SIGKILL");
    shell.kill("SIGKILL");
  }
  await new Promise((resolve) => shell.once("close", resolve));
  expect(usageOf(pid)).toBeNull();
});
