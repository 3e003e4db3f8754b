import type { Config } from "@prunella/contract";
import { createDoorKernel, createIds, type Log } from "@prunella/kernel";
import { createCalendar } from "../../platform/calendar.ts";
import { systemClock } from "../../platform/clock.ts";
import { freeBytes } from "../../platform/disk.ts";
import { createMeter } from "../../metrics/meter.ts";
import { openEngine } from "../../platform/engine.ts";
import { systemRng } from "../../platform/rng.ts";
import { ownThread } from "../../platform/threads.ts";
import { openTurn } from "../../platform/writer-turn.ts";
import { openScrubber } from "../../scrub-policy.ts";
import type { Door } from "../door.ts";
import { createInFlight, openByteCount } from "../kit/in-flight.ts";
import { createLosses } from "../kit/losses.ts";
import { openDoors } from "../kit/open.ts";
import { isRecord } from "../kit/record.ts";
import { openLine } from "./line.ts";
import { isToDoors, type FromDoors, type ToDoors } from "./messages.ts";
import { serve } from "./serve.ts";
import { openWhose } from "./whose.ts";

/** What the thread is started with. */
export interface ThreadData {
  readonly config: Config;
  readonly configPath: string | null;
  readonly folder: string;
  readonly databasePath: string;
  readonly token: string;
  readonly memory: {
    readonly turn: SharedArrayBuffer;
    readonly bytes: SharedArrayBuffer;
    readonly whose: SharedArrayBuffer;
  };
}

/** Whoever starts it is of the same build. */
const isThreadData = (value: unknown): value is ThreadData => isRecord(value) && isRecord(value.memory);

/** PostgreSQL connections for reading; few, because doors look little up. */
const READERS = 2;

/**
 * The thread of the doors: its own connection, its own part of the kernel. What comes in is unpacked,
 * scrubbed, grouped and appended here, and nothing unscrubbed leaves it but over the port of no thread.
 */
export async function runDoors(doors: readonly Door[]): Promise<void> {
  const own = ownThread();
  if (own === null || !isThreadData(own.data)) throw new Error("this is no thread of a server");
  const { config, configPath, folder, databasePath, token, memory } = own.data;
  const waiting: ToDoors[] = [];
  let hear = (message: ToDoors): void => void waiting.push(message);
  const line = openLine<FromDoors, ToDoors>(own.port, isToDoors, (message) => hear(message));
  const say = (level: "info" | "warn") => (message: string) => line.say({ kind: "said", level, message });
  const log: Log = { info: say("info"), warn: say("warn") };

  const meter = createMeter();
  const turn = openTurn(memory.turn, "other");
  const engine = await openEngine(config, { databasePath, turn, readers: READERS, syncs: "beside" });
  const rng = systemRng();
  const scrubber = openScrubber(config.scrub, configPath);
  let backlog = 0;
  const kernel = await createDoorKernel({
    engine,
    clock: systemClock,
    calendar: createCalendar(),
    rng,
    log,
    meter,
    newId: createIds(systemClock, rng),
    limits: config.limits,
    freeDisk: () => freeBytes(folder),
    ...(scrubber === null ? {} : { scrubber }),
    backlog: () => backlog,
    onAppended: (isUrgent) => line.say({ kind: "appended", isUrgent }),
    onNotice: (notice) => line.say({ kind: "notice", notice }),
  });
  const losses = createLosses({ kernel, log });
  const inFlight = createInFlight(config.limits.in_flight_bytes, openByteCount(memory.bytes, 1));

  async function close(): Promise<void> {
    await losses.close();
    await kernel.close();
    await engine.close();
    line.flush();
    own?.leave();
  }

  hear = serve({
    answer: openDoors(doors, { kernel, config, now: () => systemClock.now(), losses, inFlight, token }),
    whose: openWhose(memory.whose),
    line,
    look: () => void kernel.lookAround().catch(() => log.warn("rules could not be read again")),
    flush: kernel.flushSamples,
    onBacklog: (rows) => (backlog = rows),
    measured: meter.take,
    close: () => void close(),
  });
  line.say({ kind: "ready" });
  waiting.forEach((message) => hear(message));
}
