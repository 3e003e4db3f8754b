import type { Actor, KillSwitch } from "@prunella/contract";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import { readKillSwitch, turnKillSwitch } from "../gate/switches.ts";
import type { Tx } from "../store/engine.ts";
import { voidPermits } from "./end.ts";
import { listAttempts } from "./list.ts";
import type { AttemptRow } from "./row.ts";

export const createAttempts = ({ db }: Core) => ({
  list: (given: Parameters<typeof listAttempts>[1]) => listAttempts(db, given),
});

export interface SwitchDeps extends Core {
  /** In the unit that turns it on: what was permitted and is taken back. */
  readonly onTakenBack: (tx: Tx, now: number, attempts: readonly AttemptRow[]) => Promise<void>;
  /** In the unit that turns it off: what stayed down because of it is judged again. */
  readonly onRelease: (tx: Tx, now: number, killedSince: number) => Promise<void>;
  readonly wake: () => void;
}

/** On: nothing acts, and permits that were granted but not redeemed are void. */
export function createSwitches(deps: SwitchDeps) {
  const { db, writer, clock } = deps;
  return {
    read: () => readKillSwitch(db),
    async kill(on: boolean, by: Actor = OPERATOR): Promise<KillSwitch> {
      const turned = await writer.run(async (tx) => {
        const now = clock.now();
        const done = await turnKillSwitch(tx, now, on, by);
        if (done.hasChanged && on) await deps.onTakenBack(tx, now, await voidPermits(tx, now));
        if (done.hasChanged && !on) await deps.onRelease(tx, now, done.before ?? now);
        return done;
      });
      for (const topic of ["triggers", "attempts", "supervised", "ledger"] as const) deps.publish(topic, "kill");
      deps.wake();
      return turned.state;
    },
  };
}
