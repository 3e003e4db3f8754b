import type { Notice } from "@prunella/contract";
import type { Log } from "@prunella/kernel";
import type { Measured } from "../../metrics/meter.ts";
import type { Thread } from "../../platform/threads.ts";
import { newTurn, type SharedTurn } from "../../platform/writer-turn.ts";
import type { Door } from "../door.ts";
import { createInFlight, newByteCount, openByteCount } from "../kit/in-flight.ts";
import { openLine, type Line } from "./line.ts";
import { isFromDoors, type FromDoors, type ToDoors } from "./messages.ts";
import { createReception, type OnAnswered, type Reception } from "./reception.ts";
import type { ThreadData } from "./run.ts";
import { newWhose, openWhose } from "./whose.ts";

/** What the whole kernel does for the doors. */
export interface House {
  /** Something was appended and may be digested. */
  appended(isUrgent: boolean): void;
  backlog(): number;
  publish(notice: Notice): void;
  /** Counts a request that was given up, of the project with this number. */
  lost(number: string, quantity: number): void;
}

export interface DoorThreadDeps {
  readonly doors: readonly Door[];
  readonly start: (memory: ThreadData["memory"]) => Thread;
  readonly turn: SharedTurn;
  readonly memory: ThreadData["memory"];
  readonly inFlightMax: number;
  readonly house: House;
  readonly log: Log;
  readonly onAnswered?: OnAnswered;
  readonly onMeasured?: (measured: Measured) => void;
  /** A thread that does not answer for so long is replaced: what it has in hand is at fault. */
  readonly answerWithinMs: number;
}

export interface DoorThread {
  readonly take: Reception["take"];
  readonly isOpen: boolean;
  /** What has come in and has no answer yet. */
  readonly inHand: { readonly requests: number; readonly bytes: number };
  /** Rules or source maps were changed; what is asked of the doors from here on finds them so. */
  look(): void;
  /** Writes the bodies that are held back there. A thread that ends meanwhile holds none back. */
  flushSamples(): Promise<void>;
  /** Waits for all that was taken in. */
  close(): Promise<void>;
}

export const newDoorMemory = (): ThreadData["memory"] => ({
  turn: newTurn(),
  bytes: newByteCount(),
  whose: newWhose(),
});

const PING_MS = 250;
/** A start may wait for a database and for a disk. */
const START_WITHIN_MS = 30_000;
const CLOSE_WITHIN_MS = 10_000;
/** Waits before the next start; the last one stays. */
const BACK_OFF_MS = [100, 500, 2_000, 10_000, 30_000];
/** A thread that lived so long is no part of a row of failures. */
const STEADY_MS = 60_000;

/**
 * Keeps a thread in which the doors are. It is started anew when it ends or hangs, ever more slowly;
 * while it is away the doors answer 503, and nothing else of the server feels it.
 */
export function openDoorThread(deps: DoorThreadDeps): DoorThread {
  const { start, turn, memory, house, log, answerWithinMs } = deps;
  const bytes = openByteCount(memory.bytes, 0);
  const whose = openWhose(memory.whose);
  const inFlight = createInFlight(deps.inFlightMax, bytes);
  const reception = createReception(deps.doors, inFlight, deps.onAnswered);
  let flushes = new Map<number, () => void>();
  let lastFlush = 0;
  let failures = 0;
  let isClosing = false;
  let isReady = false;
  let current: { thread: Thread; line: Line<ToDoors>; ended: Promise<void> } | null = null;
  let again: NodeJS.Timeout | null = null;

  function begin(): void {
    const thread = start(memory);
    const startedAt = Date.now();
    /** Pings without an answer. Counted, not timed: a machine that slept is not at fault. */
    let unanswered = 0;
    const line = openLine<ToDoors, FromDoors>(thread, isFromDoors, (message) => {
      unanswered = 0;
      hear(message, () => {
        isReady = true;
      });
    });
    const pinging = setInterval(() => {
      unanswered += 1;
      if (unanswered * PING_MS > (isReady ? answerWithinMs : START_WITHIN_MS)) void thread.kill("it hung");
      else line.say({ kind: "ping", backlog: house.backlog() });
    }, PING_MS);
    pinging.unref();
    const ended = new Promise<void>((resolve) => {
      thread.onEnd((why) => {
        clearInterval(pinging);
        current = null;
        isReady = false;
        turn.forfeit("other");
        bytes.forget(1);
        giveUp(why);
        if (Date.now() - startedAt >= STEADY_MS) failures = 0;
        if (!isClosing) startLater();
        resolve();
      });
    });
    current = { thread, line, ended };
    reception.attach(line);
  }

  /** Answers what was in hand, and counts it. */
  function giveUp(why: string): void {
    flushes.forEach((done) => done());
    flushes = new Map();
    const ids = reception.detach();
    const owners = Map.groupBy(
      ids.flatMap((id) => whose.of(id) ?? []),
      (number) => number,
    );
    for (const [number, lost] of owners) house.lost(number, lost.length);
    if (!isClosing) log.warn(`the thread of the doors ended (${why}); ${ids.length} requests were given up`);
  }

  function startLater(): void {
    const wait = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length - 1)] ?? 0;
    failures += 1;
    log.info(`the doors open again in ${wait} ms`);
    again = setTimeout(begin, wait);
    again.unref();
  }

  function hear(message: FromDoors, onReady: () => void): void {
    switch (message.kind) {
      case "ready":
        return onReady();
      case "want_body":
      case "answer":
        return reception.hear(message);
      case "flushed":
        flushes.get(message.id)?.();
        return void flushes.delete(message.id);
      case "appended":
        return house.appended(message.isUrgent);
      case "notice":
        return house.publish(message.notice);
      case "said":
        return log[message.level](message.message);
      case "pong":
        if (message.measured !== null) deps.onMeasured?.(message.measured);
        return;
    }
  }

  begin();
  return {
    take: reception.take,
    get isOpen() {
      return isReady;
    },
    get inHand() {
      return { requests: reception.inHand, bytes: inFlight.usedBytes };
    },
    look: () => current?.line.say({ kind: "look" }),
    flushSamples() {
      const at = current;
      if (at === null) return Promise.resolve();
      const id = (lastFlush += 1);
      return new Promise((resolve) => {
        flushes.set(id, resolve);
        at.line.say({ kind: "flush", id });
      });
    },
    async close() {
      isClosing = true;
      if (again !== null) clearTimeout(again);
      if (current === null) return;
      const { thread, line, ended } = current;
      line.say({ kind: "close" });
      const tooLate = setTimeout(() => void thread.kill("it did not close"), CLOSE_WITHIN_MS);
      await ended;
      clearTimeout(tooLate);
    },
  };
}
