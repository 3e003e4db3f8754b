import { goDirect, type Channel, type Engine } from "@prunella/kernel";
import type { Chance } from "./chance.ts";
import { InjectedFault, type Fault } from "./faults.ts";
import type { Life, Schedule } from "./schedule.ts";
import { areRows, kyselyOver, type Execute, type Row, type Store } from "./store.ts";

/** How often what goes wrong, from 0 to 1 for each statement or commit. */
export type Rates = Readonly<Partial<Record<Fault, number>>>;

/** A wrong engine, made on purpose: the simulation has to find it. */
export interface Tampering {
  /** What a statement becomes before it is carried out. */
  readonly text?: (text: string) => string;
  /** What its answer becomes. `isInUnit`: it was asked inside a unit. */
  readonly rows?: (text: string, rows: Row[], isInUnit: boolean, values: readonly unknown[]) => Row[];
}

export interface EngineDeps {
  readonly store: Store;
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly rates: () => Rates;
  readonly reached: (fault: Fault) => void;
  readonly channel: Channel | null;
  readonly tampering: Tampering;
}

const NEVER = new Promise<never>(() => undefined);

/**
 * A process's way to the database. Each query and each commit waits until the schedule chooses it, and may
 * fail, come late, lose its answer, or be the last thing that its process does. A unit is carried out in
 * one piece: nobody could see its middle anyway.
 */
export function openEngine(life: Life, deps: EngineDeps): Engine {
  const { store, schedule, chance, tampering } = deps;
  const happens = (fault: Fault): boolean => {
    const isIt = chance.is(deps.rates()[fault] ?? 0);
    if (isIt) deps.reached(fault);
    return isIt;
  };
  const carryOut = (text: string, values: readonly unknown[]): Row[] | number => {
    const isInUnit = store.isInUnit;
    const found = store.execute(tampering.text?.(text) ?? text, values);
    return typeof found === "number" ? found : (tampering.rows?.(text, found, isInUnit, values) ?? found);
  };
  const crash = (): Promise<never> => {
    store.rollback();
    life.end();
    return NEVER;
  };

  const read: Execute = async (text, values) => {
    await schedule.turn(life);
    if (happens("read_failed")) throw new InjectedFault("read_failed");
    const found = carryOut(text, values);
    if (happens("read_slow")) await schedule.turn(life, chance.between(1, 45_000));
    return found;
  };

  /** Rolled back with its process: what a dead one asks for meanwhile goes nowhere. */
  const write: Execute = async (text, values) => {
    if (life.isOver) return NEVER;
    if (text === "commit") return commit();
    if (text === "rollback") {
      store.rollback();
      return 0;
    }
    if (happens("write_failed")) throw new InjectedFault("write_failed");
    if (happens("write_busy")) throw new InjectedFault("write_busy", true);
    if (happens("crash_in_unit")) return crash();
    return carryOut(text, values);
  };

  async function commit(): Promise<number> {
    if (happens("commit_failed")) {
      store.rollback();
      throw new InjectedFault("commit_failed");
    }
    store.commit();
    if (happens("crash_before_answer")) return crash();
    await schedule.turn(life, happens("commit_slow") ? chance.between(1, 45_000) : 0);
    if (happens("answer_lost")) throw new InjectedFault("answer_lost");
    return 0;
  }

  const writer = kyselyOver(write);
  const reader = kyselyOver(read);
  const directly =
    (execute: Execute) =>
    async <R>(text: string, values: readonly unknown[]): Promise<R[]> => {
      const found = await execute(text, values);
      return typeof found !== "number" && areRows<R>(found) ? found : [];
    };
  goDirect(reader, directly(read));
  return {
    kind: "sqlite",
    channel: deps.channel,
    writer,
    reader,
    turn: null,
    async begin(db) {
      await schedule.turn(life);
      store.begin();
      goDirect(db, directly(write));
    },
    sync: null,
    nextTurn: () => schedule.turn(life),
    isRetryable: (error) => error instanceof InjectedFault && error.errcode === 5,
    scrubFiles: async () => undefined,
    close: async () => undefined,
  };
}
