import type { Probe } from "@prunella/contract";
import { z } from "zod";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";

const Settings = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .default(null)
      .meta({ description: "The program's name, as `ps -o comm` shows it." }),
    contains: z
      .string()
      .min(1)
      .max(1_000)
      .nullable()
      .default(null)
      .meta({ description: "Text that its command line must hold." }),
    pid_file: z
      .string()
      .min(1)
      .max(1_000)
      .nullable()
      .default(null)
      .meta({ description: "A file with its number; relative to the configuration file." }),
    least: z.int().min(1).default(1).meta({ description: "So many must run.", "x-unit": "processes" }),
    most: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .meta({ description: "With more than so many it is degraded.", "x-unit": "processes" }),
  })
  .refine(({ name, contains, pid_file }) => name !== null || contains !== null || pid_file !== null, {
    message: "a process is told by name, contains or pid_file, such as name: nginx",
  });

/** Whether a program runs on this machine, whoever started it. */
export const processRuns: Probe<z.infer<typeof Settings>> = {
  kind: "process",
  settings: Settings,
  async check({ name, contains, pid_file, least, most }, hands, signal) {
    const list = await hands.processes(signal);
    if (!list.ok) return unknown(list.category, list.detail);
    let pid: number | null = null;
    if (pid_file !== null) {
      const file = await hands.readFile({ path: pid_file, maxBytes: 64 }, signal);
      if (!file.ok && file.category === "busy") return unknown(file.category, file.detail);
      if (!file.ok) return unhealthy(file.category === "timeout" ? "timeout" : "no_pid_file", file.detail);
      pid = Number(file.text.trim());
      if (!Number.isInteger(pid) || pid < 1) return unhealthy("no_pid_file", "The file of its number holds none.");
    }
    const found = list.running.filter(
      (one) =>
        (pid === null || one.pid === pid) &&
        (name === null || one.name === name) &&
        (contains === null || one.command.includes(contains)),
    );
    const measured = { processes: found.length };
    if (found.length < least) return unhealthy("not_running", `${found.length} of ${least} run.`, measured);
    if (most !== null && found.length > most)
      return degraded("too_many", `${found.length} run, and at most ${most} should.`, measured);
    return healthy(found.length === 1 ? "It runs." : `${found.length} run.`, measured);
  },
};
