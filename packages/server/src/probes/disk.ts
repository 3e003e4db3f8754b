import type { Probe } from "@prunella/contract";
import { z } from "zod";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";

const percent = (description: string, standard: number) =>
  z.number().min(0).max(100).default(standard).meta({ description, "x-unit": "percent" });

const Settings = z.strictObject({
  path: z.string().min(1).max(4_096).meta({ description: "A folder on it; relative to the configuration file." }),
  degraded_below: percent("With less free it is degraded.", 10),
  unhealthy_below: percent("With less free it is unhealthy.", 3),
});

/** What is free on a disk, in bytes and in files. */
export const disk: Probe<z.infer<typeof Settings>> = {
  kind: "disk",
  settings: Settings,
  async check({ path, degraded_below, unhealthy_below }, hands, signal) {
    const space = await hands.disk({ path }, signal);
    if (!space.ok)
      return space.category === "not_found" || space.category === "timeout"
        ? unhealthy(space.category, space.detail)
        : unknown(space.category, space.detail);
    const bytes = share(space.freeBytes, space.totalBytes);
    const files = share(space.freeFiles, space.totalFiles);
    const measured = { free_percent: bytes, free_bytes: space.freeBytes, free_files_percent: files };
    const least = Math.min(bytes, files);
    const what = bytes <= files ? "its bytes" : "its files";
    const detail = `${least.toFixed(1)} % of ${what} are free.`;
    if (least < unhealthy_below) return unhealthy("full", detail, measured);
    if (least < degraded_below) return degraded("nearly_full", detail, measured);
    return healthy(detail, measured);
  },
};

/** A file system that counts none has room for all. */
const share = (free: number, total: number): number => (total === 0 ? 100 : (free / total) * 100);
