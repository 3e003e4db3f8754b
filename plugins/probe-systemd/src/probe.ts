import type { Probe, ProbeResult } from "@prunella/contract";
import { unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/**
 * One unit of systemd, by `systemctl show`, whose output is made for programs (systemctl(1)): a line for
 * each property. Its words are those of org.freedesktop.systemd1(5).
 */
const Settings = z.strictObject({
  unit: z
    .string()
    .regex(/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}$/, "a unit is named like nginx.service")
    .meta({ description: "The unit, such as `nginx.service`." }),
  scope: z
    .enum(["system", "user"])
    .default("system")
    .meta({ description: "Whose manager has it: the system's, or that of the user who runs the server." }),
  accept_inactive: z
    .boolean()
    .default(false)
    .meta({ description: "A unit that is not running is well, as one that a timer starts now and then." }),
});
type Settings = z.infer<typeof Settings>;

const PROPERTIES = ["LoadState", "ActiveState", "SubState", "Result", "NRestarts"];

export const systemd: Probe<Settings> = {
  kind: "systemd",
  settings: Settings,
  async check({ unit, scope, accept_inactive }, { spawn }, signal) {
    const properties = `--property=${PROPERTIES.join(",")}`;
    const command = ["systemctl", `--${scope}`, "show", properties, "--", unit];
    const done = await spawn({ command, maxBytes: 65_536 }, signal);
    if (!done.ok) return unknown(done.category, done.detail);
    // Without a manager to talk to it says so and leaves with 1; an unknown unit is told by LoadState.
    if (done.code !== 0) return unknown("no_manager", `systemctl says: ${firstLine(done.stderr)}`);
    return judge(unit, propertiesOf(done.stdout), accept_inactive);
  },
};

function judge(unit: string, seen: ReadonlyMap<string, string>, acceptsInactive: boolean): ProbeResult {
  const of = (name: string): string => seen.get(name) ?? "";
  const restarts = Number(of("NRestarts"));
  const measured: Record<string, number> = Number.isInteger(restarts) && of("NRestarts") !== "" ? { restarts } : {};
  const told = (status: ProbeResult["status"], category: string, detail: string): ProbeResult => ({
    status,
    category,
    detail,
    measured,
  });
  if (of("LoadState") === "not-found") return told("unhealthy", "not_found", `There is no unit ${unit}.`);
  switch (of("ActiveState")) {
    case "active":
    case "reloading":
    case "refreshing":
      return told("healthy", "ok", `${unit} is ${of("ActiveState")} (${of("SubState")}).`);
    case "activating":
      return of("SubState") === "auto-restart"
        ? told("unhealthy", "restarting", `${unit} ended and is about to be started again.`)
        : told("degraded", "starting", `${unit} is starting.`);
    case "deactivating":
      return told("degraded", "stopping", `${unit} is stopping.`);
    case "failed":
      return told("unhealthy", "failed", `${unit} has failed (${of("Result")}).`);
    case "inactive":
      return acceptsInactive
        ? told("healthy", "ok", `${unit} is inactive, as it may be.`)
        : told("unhealthy", "inactive", `${unit} does not run.`);
    default:
      return told("unknown", "unreadable", `systemctl says nothing about ${unit} that can be read.`);
  }
}

function propertiesOf(text: string): Map<string, string> {
  return new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const at = line.indexOf("=");
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
    }),
  );
}

const firstLine = (text: string): string => text.trim().split("\n", 1)[0]?.slice(0, 200) ?? "";
