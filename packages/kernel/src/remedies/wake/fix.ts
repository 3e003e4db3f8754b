import type { Fix } from "@prunella/contract";
import { idOf } from "../../gate/remedy.ts";
import { calls, lookByCheck, runs } from "../enveloped/checked.ts";

/** Wakes what fell silent: by a command, a signal, or a call, whichever its envelope names. */
export const wake: Fix = {
  name: "wake",
  aliases: [],
  targetKinds: ["*"],
  provider: null,
  look: lookByCheck,
  async act(_target, told, hands, signal) {
    const { command, signal: sent } = told.action;
    if (command !== null) return runs(command, hands, signal);
    if (sent !== null) return (await hands.signal({ pidFile: sent.pid_file, name: sent.name })).ok;
    return calls(told, hands, signal);
  },
  words: {
    verb: "wake",
    done: "woken",
    missing: (target) => `The check of ${idOf(target)} cannot be run, so nobody can say how it is.`,
    healthy: (target) => `The check of ${idOf(target)} says that it is well.`,
  },
};
