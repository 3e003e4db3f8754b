import type { Fix } from "@prunella/contract";
import { idOf } from "../../gate/remedy.ts";
import { calls, lookByCheck } from "../enveloped/checked.ts";

/** Calls one address, exactly as its envelope has it. */
export const httpCall: Fix = {
  name: "http_call",
  aliases: [],
  targetKinds: ["*"],
  provider: null,
  look: lookByCheck,
  act: (_target, told, hands, signal) => calls(told, hands, signal),
  words: {
    verb: "call the address for",
    done: "treated by its call",
    missing: (target) => `The check of ${idOf(target)} cannot be run, so nobody can say how it is.`,
    healthy: (target) => `The check of ${idOf(target)} says that it is well.`,
  },
};
