import type { Fix } from "@prunella/contract";
import { idOf } from "../../gate/remedy.ts";
import { lookByCheck, runs } from "../enveloped/checked.ts";

/** Runs one command, exactly as its envelope has it. */
export const command: Fix = {
  name: "command",
  aliases: [],
  targetKinds: ["*"],
  provider: null,
  look: lookByCheck,
  async act(_target, { action }, hands, signal) {
    return action.command !== null && runs(action.command, hands, signal);
  },
  words: {
    verb: "run the command for",
    done: "treated by its command",
    missing: (target) => `The check of ${idOf(target)} cannot be run, so nobody can say how it is.`,
    healthy: (target) => `The check of ${idOf(target)} says that it is well.`,
  },
};
