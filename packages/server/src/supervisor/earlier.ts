import { PrunellaError } from "@prunella/contract";
import type { Clock } from "@prunella/kernel";
import { endAll } from "./ending.ts";
import { named } from "./leftovers.ts";
import type { Place } from "./place.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

export interface EarlierDeps {
  readonly place: Place;
  readonly name: string;
  readonly clock: Clock;
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
  /** Aborted when nobody will wait: then it is killed. */
  readonly hurry: AbortSignal;
  readonly emit: (event: SupervisorEvent) => void;
}

/**
 * Before a first start: ends what a supervisor that was killed has left running, so that there is
 * never a second copy beside the first. It is ended and not adopted, because nobody can wait for the
 * exit code of a process that is not a child, and its output went where nobody reads any more.
 * @throws PRUNELLA_CONFLICT when another supervisor has it, or when it cannot be ended.
 */
export async function endEarlier({ place, name, clock, signal, graceMs, hurry, emit }: EarlierDeps): Promise<void> {
  const { own, strayed } = await place.earlier();
  if (own.length > 0) {
    emit({ kind: "earlier_found", processes: named(own), grace_ms: graceMs });
    const find = async () => (await place.earlier()).own;
    const { left } = await endAll(find, { clock, signal, deadline: clock.now() + graceMs, hurry });
    if (left.length > 0)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: `${named(left).join(", ")} of an earlier ${name} could not be ended; a second one beside it is not started.`,
        hint: "End it yourself, perhaps as another user.",
      });
    emit({ kind: "earlier_ended" });
  }
  if (strayed.length > 0) emit({ kind: "left", processes: named(strayed), why: "own_session" });
}
