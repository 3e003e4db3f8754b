import type { Probe } from "@prunella/contract";
import { z } from "zod";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";

const Settings = z.strictObject({
  command: z.array(z.string().min(1)).min(1).max(100).meta({ description: "Program and arguments; no shell." }),
  healthy: z.array(z.int().min(0).max(255)).default([0]).meta({ description: "Exit codes that are well." }),
  degraded: z
    .array(z.int().min(0).max(255))
    .default([])
    .meta({ description: "Exit codes that are degraded; a plugin of Nagios ends with 1 then." }),
  unknown: z
    .array(z.int().min(0).max(255))
    .default([])
    .meta({ description: "Exit codes that say nothing; a plugin of Nagios ends with 3 then." }),
});

const MAX_OUTPUT = 8_192;

/** A program of one's own: its exit code says how it is, its last line why. */
export const command: Probe<z.infer<typeof Settings>> = {
  kind: "command",
  settings: Settings,
  async check(settings, hands, signal) {
    const done = await hands.spawn({ command: settings.command, maxBytes: MAX_OUTPUT }, signal);
    // What cannot be started says nothing about what it was to look at.
    if (!done.ok)
      return done.category === "timeout" ? unhealthy(done.category, done.detail) : unknown(done.category, done.detail);
    const { code, signal: by, stdout, stderr, tookMs } = done;
    const said = lastLine(stdout) || lastLine(stderr);
    if (code === null) return unhealthy("signal", `It was ended by ${by ?? "a signal"}.`, { took_ms: tookMs });
    const measured = { exit_code: code, took_ms: tookMs };
    const detail = said === "" ? `It ended with exit code ${code}.` : said;
    if (settings.healthy.includes(code)) return healthy(detail, measured);
    if (settings.degraded.includes(code)) return degraded("warning", detail, measured);
    if (settings.unknown.includes(code)) return unknown("undecided", detail);
    return unhealthy("exit_code", detail, measured);
  },
};

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1)?.trim() ?? "";
