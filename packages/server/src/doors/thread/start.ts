import type { Config } from "@prunella/contract";
import type { Kernel, Log } from "@prunella/kernel";
import { startThread } from "../../platform/threads.ts";
import type { Sink } from "../../metrics/recorder.ts";
import type { SharedTurn } from "../../platform/writer-turn.ts";
import type { Door } from "../door.ts";
import { DOORS } from "../index.ts";
import { createLosses } from "../kit/losses.ts";
import { openDoorThread, type DoorThread } from "./open.ts";
import type { ThreadData } from "./run.ts";

/** Other doors than those of the house, for tests. */
export interface DoorsGiven {
  readonly doors: readonly Door[];
  /** Opens the same ones, see `runDoors`. */
  readonly entry: URL;
  readonly answerWithinMs: number;
}

/** From the sources, or beside the bundle, where all chunks stand in one folder. */
const ENTRY = new URL(import.meta.url.endsWith(".ts") ? "./entry.ts" : "./doors.mjs", import.meta.url);

const OF_THE_HOUSE: DoorsGiven = { doors: DOORS, entry: ENTRY, answerWithinMs: 5_000 };

export interface StartDoorsDeps {
  readonly kernel: Kernel;
  readonly log: Log;
  readonly recorder: Sink;
  readonly config: Config;
  readonly turn: SharedTurn;
  readonly data: ThreadData;
  readonly given?: DoorsGiven | undefined;
}

/** Opens the doors of a server in a thread of their own, beside the whole kernel. */
export function startDoors({
  kernel,
  log,
  recorder,
  config,
  turn,
  data,
  given = OF_THE_HOUSE,
}: StartDoorsDeps): DoorThread {
  const losses = createLosses({ kernel, log });

  async function countLost(number: string, quantity: number): Promise<void> {
    const project = (await kernel.projects.list()).find(({ dsn_id }) => dsn_id === number);
    if (project !== undefined) losses.add(project.project_id, [{ reason: "door.away", quantity }]);
  }

  const thread = openDoorThread({
    doors: given.doors,
    start: () => startThread(given.entry, data),
    turn,
    memory: data.memory,
    inFlightMax: config.limits.in_flight_bytes,
    house: {
      appended: kernel.appended,
      backlog: kernel.backlog,
      publish: kernel.notices.publish,
      lost: (number, quantity) =>
        void countLost(number, quantity).catch(() =>
          log.warn(`${quantity} requests were lost and could not be counted`),
        ),
    },
    log,
    onAnswered: recorder.answered,
    onMeasured: (measured) => recorder.measured("doors", measured),
    answerWithinMs: given.answerWithinMs,
  });
  const stopListening = kernel.notices.subscribe(({ topic }) => topic === "rules" && thread.look());
  return {
    ...thread,
    get isOpen() {
      return thread.isOpen;
    },
    get inHand() {
      return thread.inHand;
    },
    async close() {
      stopListening();
      await thread.close();
      await losses.close();
    },
  };
}
