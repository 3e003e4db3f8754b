import { randomUUID } from "node:crypto";
import type { Config } from "@prunella/contract";
import type { Door, DoorKit, OpenDoor, Reached } from "../door.ts";
import { refused, type Answer } from "./answers.ts";
import { createArrival, type Source } from "./arrival.ts";
import type { InFlight } from "./in-flight.ts";
import { KIT_REASONS, type Loss, type Losses } from "./losses.ts";
import { assertOperator } from "./operator.ts";
import { createProjects } from "./projects.ts";

export interface DoorDeps {
  readonly kernel: Reached;
  readonly config: Config;
  readonly now: () => number;
  readonly losses: Losses;
  readonly inFlight: InFlight;
  /** The operator's. */
  readonly token: string;
}

/**
 * Opens the doors of one server. What comes back answers one request that one of them takes; null: none
 * does. Memory in flight and the look-up of projects are shared by all.
 */
export function openDoors(
  doors: readonly Door[],
  { kernel, config, now, losses, inFlight, token }: DoorDeps,
): (source: Source) => Promise<Answer> | null {
  const arrivalDeps = { kernel, projects: createProjects(kernel, now), limits: config.limits };
  const newId = (): string => randomUUID().replaceAll("-", "");

  const opened = doors.map((door) => {
    const known = (given: readonly Loss[]): readonly Loss[] => given.map((loss) => onList(door, loss));
    const kit: DoorKit = {
      kernel,
      config,
      now,
      newId,
      assertOperator: (authorization) => assertOperator(authorization, token),
      lose: (projectId, given) => losses.add(projectId, known(given)),
      loseNow: (projectId, given) => losses.addNow(projectId, known(given)),
    };
    return { takes: door.takes, ...door.open(kit) };
  });

  async function answer({ receive, refuse = refused }: OpenDoor, source: Source): Promise<Answer> {
    using hold = inFlight.hold();
    const arrival = createArrival(source, hold, arrivalDeps);
    try {
      return await receive(arrival);
    } catch (thrown) {
      const refusal = arrival.refusalOf(thrown);
      if (arrival.projectId !== null) losses.add(arrival.projectId, [{ reason: refusal.reason, quantity: 1 }]);
      return refuse(refusal);
    }
  }

  return (source) => {
    const door = opened.find((each) => each.takes(source.head));
    return door === undefined ? null : answer(door, source);
  };
}

/** A reason on no list would let somebody else's words into the ledger. */
function onList(door: Door, loss: Loss): Loss {
  const isListed = door.reasons.has(loss.reason) || KIT_REASONS.has(loss.reason);
  return isListed ? loss : { reason: "door.other", quantity: loss.quantity };
}
