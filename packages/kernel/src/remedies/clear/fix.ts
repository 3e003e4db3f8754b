import type { Fix } from "@prunella/contract";
import { idOf } from "../../gate/remedy.ts";
import { lookByCheck, runs } from "../enveloped/checked.ts";

/** Clears something away by a named command, after its dry run has said that it would work. */
export const clear: Fix = {
  name: "clear",
  aliases: [],
  targetKinds: ["*"],
  provider: null,
  look: lookByCheck,
  async act(_target, { action }, hands, signal) {
    const { command, dry_run: dryRun } = action;
    if (command === null || dryRun === null || !(await runs(dryRun, hands, signal))) return false;
    return runs(command, hands, signal);
  },
  words: {
    verb: "clear",
    done: "cleared",
    missing: (target) => `The check of ${idOf(target)} cannot be run, so nobody can say how it is.`,
    healthy: (target) => `The check of ${idOf(target)} says that it is well.`,
  },
};
