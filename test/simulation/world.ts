import type { Fault } from "./faults.ts";
import type { Answer, Process } from "./process.ts";
import type { Kernel } from "@prunella/kernel";
import type { Chance } from "./chance.ts";
import type { Laws, Policy } from "./laws.ts";
import type { Life, Schedule } from "./schedule.ts";

/** What the people, programs and machines around Prunella share. */
export interface World {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly laws: Laws;
  readonly policies: Map<string, Policy>;
  /** Of maintenance, by the digest of each. */
  readonly windows: Map<string, { readonly from: number; readonly to: number }>;
  /** Of the world itself, which no process ends. */
  readonly life: Life;
  /** True so often, and noted when it is. */
  happens(fault: Fault): boolean;
  reached(fault: Fault): void;
  violated(what: string): void;
  processes(): readonly Process[];
  /** Asks one of the processes that are up; they are all the same to whoever asks. */
  ask<T>(ask: (kernel: Kernel) => Promise<T>): Promise<Answer<T>>;
  /** A fresh id of an event. */
  eventId(): string;
  /** Events whose door has answered, and all that were sent. */
  readonly events: { readonly sent: Set<string>; readonly answered: Set<string> };
}

/** Somebody who does one thing at a time. */
export interface Actor {
  /** Begins the next thing, unless the last one is not over; resolves when it is. */
  act(): Promise<void>;
}

export const oneAtATime = (next: () => Promise<void>): Actor => {
  let isBusy = false;
  return {
    async act() {
      if (isBusy) return;
      isBusy = true;
      await next().finally(() => (isBusy = false));
    },
  };
};
