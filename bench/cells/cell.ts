import { createEnvelopeMaker } from "../envelope.ts";

/** What the last line of output holds: a number, or null where this machine cannot measure it. */
export type Results = Record<string, number | null>;

/** One measurement. Its numbers are told whatever they are; only wrong results are failures. */
export interface Cell {
  readonly name: string;
  readonly what: string;
  run(bench: Bench): Promise<Results>;
}

export interface Bench {
  readonly isQuick: boolean;
  /** Progress, for a person who waits. */
  say(line: string): void;
  /** Something came out wrong (a lost event, a wrong count): the run ends with 1. */
  fail(what: string): void;
  /** The data folder that the storm left, for cells after it; null until then. */
  stormFolder: string | null;
}

/** Twenty distinct faults in turn, as a busy day has them. */
export const MIXED = Array.from({ length: 20 }, (_, fault) => createEnvelopeMaker(fault));
export const ONE_FAULT = [createEnvelopeMaker(0)];

/** Fails unless every event was answered 200. */
export function expectAllAccepted(
  bench: Bench,
  load: { accepted: number; refused: ReadonlyMap<number, number> },
): void {
  if (load.refused.size > 0)
    bench.fail(
      `some events were not accepted: ${[...load.refused].map(([status, count]) => `${count} × ${status === 0 ? "no answer" : status}`).join(", ")}`,
    );
}

export const per = (count: number, seconds: number | null): number | null =>
  seconds === null || seconds <= 0 ? null : Math.round(count / seconds);
export const round = (value: number | null, digits = 1): number | null =>
  value === null || Number.isNaN(value) ? null : Number(value.toFixed(digits));
