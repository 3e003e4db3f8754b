import { z } from "zod";
import { idOf, type Remedy } from "../gate/remedy.ts";
import { Permit } from "../gate/permit.ts";

/** For tests only: a remedy that acts in this process, on lamps that can be broken. */
export function createLamps() {
  const lamps = new Map<string, { isOn: boolean; switched: number; isBroken: boolean }>();
  const find = (target: string) => lamps.get(idOf(target));
  const waiting: (() => void)[] = [];
  let begun = Promise.withResolvers<void>();

  const remedy: Remedy = {
    name: "switch_on",
    targetKinds: ["lamp"],
    args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    async observe(_, target) {
      const lamp = find(target);
      return lamp ? { isReachable: true, isHealthy: lamp.isOn, staysDown: false, args: { seen: lamp.switched } } : null;
    },
    async act(permit) {
      const { action, target } = Permit.use(permit);
      const lamp = action === "switch_on" ? find(target) : undefined;
      begun.resolve();
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (!lamp || lamp.isBroken) return false;
      lamp.isOn = true;
      lamp.switched += 1;
      return true;
    },
    async verify(_, target) {
      const lamp = find(target);
      return lamp ? (lamp.isOn ? "healthy" : "unhealthy") : "inconclusive";
    },
    mayTouchHealthy: false,
    symptoms: [],
    choices: [
      {
        name: "switch_once",
        effect: "act",
        label: "Switch on once",
        promise: "It is switched on one more time.",
        done: "is switched on once more",
      },
      { name: "leave_dark", effect: "leave", label: "Leave dark", promise: "It stays dark.", done: "stays dark" },
    ],
    defaultChoice: "leave_dark",
    leave: async () => undefined,
    words: {
      verb: "switch on",
      done: "switched on",
      name: idOf,
      question: (target) => `Switch ${idOf(target)} on once more?`,
      missing: (target) => `There is no lamp ${idOf(target)}.`,
      healthy: (target) => `The lamp ${idOf(target)} is on.`,
      reach: "Hang one up.",
      settings: {},
    },
  };
  return {
    remedy,
    add: (name: string) => void lamps.set(name, { isOn: true, switched: 0, isBroken: false }),
    fail: (name: string) => change(lamps.get(name), { isOn: false }),
    break: (name: string, isBroken: boolean) => change(lamps.get(name), { isBroken }),
    /** Resolves when somebody stands at the switch. */
    begun: () => begun.promise,
    /** Lets whoever stands at the switch turn it. */
    release(): void {
      begun = Promise.withResolvers();
      for (const go of waiting.splice(0)) go();
    },
    switched: (name: string) => lamps.get(name)?.switched ?? 0,
  };
}

const change = <T extends object>(lamp: T | undefined, values: Partial<T>): void =>
  void Object.assign(lamp ?? {}, values);
