import { FixEnvelope, type Fix, type FixHands } from "@prunella/contract";
import type { KernelDeps } from "../assembly/deps.ts";

/** For tests only: machines of two halls that can be broken, an envelope around them, and a switch. */
export function createHalls() {
  const machines = new Map<string, { state: string; acts: number; staysBroken: boolean }>();
  const on = new Set<string>();
  let envelopes = [
    FixEnvelope.parse({
      probe: "halls",
      begins_at: "auto",
      actions: [{ do: "mend_machine", as: "fix_it", targets: ["machine:north/*", "machine:south/*"] }],
    }),
    FixEnvelope.parse({ probe: "watcher" }),
  ];
  let token: string | null = "set";
  /** What the provider says besides. */
  let note: string | null = null;
  const looked: string[] = [];
  /** With which credential each was acted on. */
  const tokens: unknown[] = [];
  /** What happens while a machine is being mended. */
  let during: () => Promise<void> | void = () => undefined;

  const mend: Fix = {
    name: "mend_machine",
    aliases: ["mend"],
    targetKinds: ["machine"],
    provider: { name: "halls", credential: "env:HALLS_TOKEN" },
    async look(target) {
      looked.push(target);
      const machine = machines.get(target);
      if (!machine) return null;
      const { state } = machine;
      const seen = { isHealthy: state === "well", state: { id: target, state, note }, labels: { halls_app: "north" } };
      return state === "moving" ? { ...seen, hinders: state } : seen;
    },
    async act(target, told) {
      tokens.push(told.credential);
      await during();
      const machine = machines.get(target);
      if (!machine) return false;
      machine.acts += 1;
      if (machine.staysBroken) return false;
      machine.state = "well";
      return true;
    },
    words: {
      verb: "mend",
      done: "mended",
      missing: (target) => `There is no ${target}.`,
      healthy: (target) => `${target} is well.`,
    },
  };

  const fixing: NonNullable<KernelDeps["fixing"]> = {
    envelopes: () => envelopes,
    switches: {
      isOn: (probe) => on.has(probe),
      setBy: () => "file",
      turn: (probe, isOn) => void (isOn ? on.add(probe) : on.delete(probe)),
    },
    hands: { ...NO_HANDS, isSet: () => token !== null },
    timeout: () => new AbortController().signal,
    fixes: [mend],
  };
  return {
    fixing,
    turn: (isOn: boolean) => fixing.switches.turn("halls", isOn),
    add: (target: string, state = "broken") => void machines.set(target, { state, acts: 0, staysBroken: false }),
    breakForGood: (target: string) => Object.assign(machines.get(target) ?? {}, { staysBroken: true }),
    acts: () => [...machines.values()].reduce((sum, { acts }) => sum + acts, 0),
    looked: () => looked.splice(0),
    tokens,
    say: (text: string) => void (note = text),
    unsetToken: () => void (token = null),
    whileMending: (step: () => Promise<void> | void) => void (during = step),
    configure: (next: typeof envelopes) => void (envelopes = next),
  };
}

const nothing = async () => ({ ok: false, category: "none", detail: "Nothing is there." }) as const;
export const NO_HANDS: FixHands = {
  http: nothing,
  spawn: nothing,
  signal: nothing,
  pause: async () => undefined,
  isSet: () => false,
};
