import type { Fix } from "@prunella/contract";

const PROPERTIES = ["LoadState", "ActiveState", "SubState", "Result"];
const TRANSIENT: ReadonlySet<string> = new Set(["activating", "deactivating"]);

/** Restarts one unit of the system's manager by systemctl(1), which waits until its job is done. */
export const restartUnit: Fix = {
  name: "restart_unit",
  aliases: ["systemd_restart"],
  targetKinds: ["unit"],
  provider: null,

  async look(target, _told, hands, signal) {
    const command = ["systemctl", "--system", "show", `--property=${PROPERTIES.join(",")}`, "--", unitOf(target)];
    const done = await hands.spawn({ command }, signal);
    if (!done.ok || done.code !== 0) return null;
    const of = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(done.stdout)?.[1]?.trim() ?? "";
    if (of("LoadState") !== "loaded") return null;
    const active = of("ActiveState");
    const seen = {
      isHealthy: active === "active" || active === "reloading",
      state: { unit: unitOf(target), state: active, sub_state: of("SubState"), result: of("Result") },
    };
    // A unit that systemd is about to start again is down all the same.
    return TRANSIENT.has(active) && of("SubState") !== "auto-restart" ? { ...seen, hinders: active } : seen;
  },

  async act(target, _told, hands, signal) {
    const done = await hands.spawn({ command: ["systemctl", "--system", "restart", "--", unitOf(target)] }, signal);
    return done.ok && done.code === 0;
  },

  words: {
    verb: "restart",
    done: "restarted",
    missing: (target) => `systemd tells nothing of a loaded unit ${unitOf(target)}.`,
    healthy: (target) => `The unit ${unitOf(target)} is active.`,
  },
};

const unitOf = (target: string): string => target.slice("unit:".length);
