import { createCalendar } from "@prunella/server/platform";
import { Config, PrunellaError } from "@prunella/contract";
import { createIds, createKernel, type Channel, type Engine, type Kernel, type Remedy } from "@prunella/kernel";
import { TEST_SIGNER } from "../ledger-rows.ts";
import type { Chance } from "./chance.ts";
import { openEngine, type Rates, type Tampering } from "./engine.ts";
import { InjectedFault, type Fault } from "./faults.ts";
import { beginLife, type Life, type Schedule } from "./schedule.ts";
import type { Store } from "./store.ts";

/** What one call came to, as whoever made it sees it. */
export type Answer<T> = { readonly kind: "answer"; readonly value: T } | { readonly kind: "refused" | "lost" };

/** One process of Prunella at a place; another one takes the place when it has ended. */
export interface Process {
  readonly life: Life;
  readonly isUp: boolean;
  readonly engine: Engine;
  /** What the process does not answer any more is lost for whoever asked. */
  call<T>(ask: (kernel: Kernel) => Promise<T>): Promise<Answer<T>>;
}

export interface ProcessDeps {
  readonly store: Store;
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly rates: () => Rates;
  readonly reached: (fault: Fault) => void;
  readonly channel: ((life: Life) => Channel) | null;
  readonly remedies: (life: Life) => readonly Remedy[];
  readonly violated: (what: string) => void;
  readonly tampering: Tampering & { readonly losesTimer?: (ms: number) => boolean };
}

const LIMITS = Config.parse({}).limits;
const RETENTION = Config.parse({}).retention;

export function startProcess(place: string, deps: ProcessDeps): Process {
  const { schedule, chance } = deps;
  const life = beginLife(place);
  const late = (): number => {
    if (!chance.is(deps.rates().timer_late ?? 0)) return 0;
    deps.reached("timer_late");
    return chance.between(1, 20_000);
  };
  const real = schedule.clockOf(life, late);
  const clock: typeof real = {
    now: real.now,
    after: (ms, callback) => (deps.tampering.losesTimer?.(ms) ? () => undefined : real.after(ms, callback)),
  };
  let kernel: Kernel | null = null;
  const engine = openEngine(life, { ...deps, channel: deps.channel?.(life) ?? null });
  createKernel({
    engine,
    clock,
    calendar: createCalendar(),
    rng: chance,
    log: { info() {}, warn() {} },
    newId: createIds(clock, chance),
    limits: LIMITS,
    retention: RETENTION,
    freeDisk: () => null,
    place,
    signer: TEST_SIGNER,
    remedies: deps.remedies(life),
  }).then(
    (made) => {
      kernel = made;
      made.begin();
    },
    (error: unknown) => {
      judge(error);
      life.end();
    },
  );

  /** Only what was injected, or what the catalogue knows, may come out of a kernel. */
  function judge(error: unknown): void {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof InjectedFault) return;
      if (cause instanceof PrunellaError && cause.code !== "PRUNELLA_INTERNAL") return;
    }
    deps.violated(
      `a call failed by itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }

  return {
    life,
    engine,
    get isUp() {
      return kernel !== null && !life.isOver;
    },
    async call<T>(ask: (kernel: Kernel) => Promise<T>): Promise<Answer<T>> {
      if (kernel === null || life.isOver) return { kind: "lost" };
      const asked = ask(kernel).then(
        (value): Answer<T> => ({ kind: "answer", value }),
        (error: unknown): Answer<T> => {
          judge(error);
          return { kind: "refused" };
        },
      );
      return Promise.race([asked, life.over.then((): Answer<T> => ({ kind: "lost" }))]);
    },
  };
}
