import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "@prunella/contract";
import type { Door, DoorKernel, DoorKit, OpenDoor, Receive } from "../door.ts";
import { refused, send, type Answer } from "./answers.ts";
import { createArrival } from "./arrival.ts";
import { createInFlight } from "./in-flight.ts";
import { KIT_REASONS, type Loss, type Losses } from "./losses.ts";
import { assertOperator } from "./operator.ts";
import { createProjects } from "./projects.ts";

export interface DoorDeps {
  readonly kernel: DoorKernel;
  readonly config: Config;
  readonly now: () => number;
  readonly losses: Losses;
  /** The operator's. */
  readonly token: string;
}

/**
 * Opens the doors of one server. What comes back takes one request: true when it was for one of them,
 * which then answers it. Memory in flight and the look-up of projects are shared by all.
 */
export function openDoors(
  doors: readonly Door[],
  { kernel, config, now, losses, token }: DoorDeps,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const inFlight = createInFlight(config.limits.in_flight_bytes);
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
    return door.open(kit);
  });

  async function answer(door: OpenDoor, receive: Receive, request: IncomingMessage): Promise<Answer> {
    using hold = inFlight.hold();
    const arrival = createArrival(request, hold, arrivalDeps);
    try {
      return await receive(arrival);
    } catch (thrown) {
      const refusal = arrival.refusalOf(thrown);
      if (arrival.projectId !== null) losses.add(arrival.projectId, [{ reason: refusal.reason, quantity: 1 }]);
      return (door.refuse ?? refused)(refusal);
    }
  }

  return (request, response) => {
    for (const door of opened) {
      const receive = door.take(request);
      if (receive === null) continue;
      answer(door, receive, request)
        .then((given) => send(response, given))
        .catch(() => response.destroy());
      return true;
    }
    return false;
  };
}

/** A reason on no list would let somebody else's words into the ledger. */
function onList(door: Door, loss: Loss): Loss {
  const isListed = door.reasons.has(loss.reason) || KIT_REASONS.has(loss.reason);
  return isListed ? loss : { reason: "door.other", quantity: loss.quantity };
}
