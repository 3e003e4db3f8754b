import type { Meter } from "@prunella/kernel";
import { createMeter, type Measured } from "./meter.ts";

export type ThreadName = "main" | "doors";

/** Where measures end up. */
export interface Sink {
  measured(thread: ThreadName, measured: Measured): void;
  answered(door: string, status: number, seconds: number): void;
}

export interface Recorder extends Sink {
  /** Of this thread. */
  readonly meter: Meter;
  /** From here on all goes there, and what was measured before as well. */
  attach(sink: Sink): void;
  /** Passes on what this thread's meter holds. */
  drain(): void;
}

/** What may wait for the library that keeps it, which is loaded behind the doors. */
const MAX_HELD = 10_000;

/** Measures from the first moment on, without the library that tells them to others. */
export function createRecorder(): Recorder {
  const meter = createMeter();
  const held: ((sink: Sink) => void)[] = [];
  let attached: Sink | null = null;
  const pass = (step: (sink: Sink) => void): void => {
    if (attached !== null) step(attached);
    else if (held.length < MAX_HELD) held.push(step);
  };
  return {
    meter,
    measured: (thread, measured) => pass((sink) => sink.measured(thread, measured)),
    answered: (door, status, seconds) => pass((sink) => sink.answered(door, status, seconds)),
    attach(sink) {
      attached = sink;
      for (const step of held.splice(0)) step(sink);
    },
    drain() {
      const measured = meter.take();
      if (measured !== null) pass((sink) => sink.measured("main", measured));
    },
  };
}
