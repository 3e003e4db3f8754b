import type { Scrubber } from "@prunella/scrub";
import type { Core } from "../core.ts";
import { createFinder } from "../grouping/finder.ts";
import { createGrouping } from "../grouping/grouping.ts";
import { createSourceMaps } from "../sourcemaps/source-maps.ts";
import { createIntake } from "./intake.ts";
import { createPrepare, createReport, type Prepare } from "./report.ts";
import { createSampleKeeper } from "./samples.ts";
import { createStormGuard, type StormLimits } from "./storm-guard.ts";
import { createTurns } from "./turns.ts";

export interface WayInDeps {
  readonly core: Core;
  readonly scrubber: Pick<Scrubber, "scrubEvent" | "scrubText">;
  readonly limits: StormLimits;
  readonly freeDisk: () => number | null;
  /** Rows that wait for the digest, whoever digests. */
  readonly backlog: () => number;
  /** Urgent: somebody waits for what is done about it. */
  readonly onAppended: (isUrgent: boolean) => void;
}

/** The way in for events, of whoever takes some in: each thread that does has one of its own. */
export async function createWayIn({ core, scrubber, limits, freeDisk, backlog, onAppended }: WayInDeps) {
  const { db, clock, engine } = core;
  const grouping = await createGrouping(core);
  const sourceMaps = await createSourceMaps({ ...core, scrubText: scrubber.scrubText, publish: core.publish });
  const finder = createFinder(db);
  const keeper = createSampleKeeper({ ...core, onGrown: (projectId, bytes) => guard.added(projectId, 0, bytes) });
  const guard = createStormGuard({ clock, limits, pending: () => intake.pending + backlog(), freeDisk });
  const intake = createIntake({
    ...core,
    maxPending: limits.queue_events,
    onAppended({ counted, duplicates, added, samples, known, keys }, isUrgent) {
      core.meter?.appended(counted, duplicates);
      finder.committed(known, keys);
      for (const [projectId, { newFaults, storedBytes }] of added) guard.added(projectId, newFaults, storedBytes);
      keeper.keep(samples);
      onAppended(isUrgent);
    },
  });
  const turns = createTurns({
    clock,
    nextTurn: () => engine.nextTurn(),
    mustWait: () => engine.turn?.isMine === true,
  });
  const prepareNow = createPrepare({ clock, turns, finder, scrubber, rulesOf: grouping.of, sourceMaps });
  let looking: Promise<void> | null = null;

  /** What comes in meanwhile waits: who changed a rule, or sent a source map, finds it obeyed. */
  function lookAround(): Promise<void> {
    const before = looking;
    const mine = (async () => {
      await before?.catch(() => undefined);
      await grouping.refresh();
      await sourceMaps.refresh();
      await sourceMaps.noteUsed();
    })();
    looking = mine;
    const done = () => {
      if (looking === mine) looking = null;
    };
    mine.then(done, done);
    return mine;
  }

  const prepare: Prepare = async (...given) => {
    // A look that failed leaves what was known before.
    while (looking !== null) await looking.catch(() => undefined);
    return prepareNow(...given);
  };
  return {
    prepare,
    report: createReport(prepare, intake),
    pressure: guard.pressure,
    rules: grouping.rules,
    sourceMaps: { list: sourceMaps.list, add: sourceMaps.add, remove: sourceMaps.remove },
    lookAround,
    flushSamples: (): Promise<void> => keeper.flush(),
  };
}
