import type { Notice } from "@prunella/contract";
import { scrubEvent, scrubText } from "@prunella/scrub";
import { createCore } from "./core.ts";
import { createHearing } from "./heartbeats/hearing.ts";
import { createWayIn } from "./intake/way-in.ts";
import type { KernelDeps } from "./assembly/deps.ts";
import { createLosses } from "./ledger/losses.ts";
import { createProjects } from "./projects/projects.ts";
import { createReleases } from "./releases/releases.ts";

export interface DoorKernelDeps extends Pick<
  KernelDeps,
  "engine" | "clock" | "calendar" | "rng" | "log" | "meter" | "newId" | "limits" | "freeDisk" | "scrubber"
> {
  /** Of the kernel that digests what is appended here. */
  readonly backlog: () => number;
  readonly onAppended: (isUrgent: boolean) => void;
  readonly onNotice: (notice: Notice) => void;
}

export type DoorKernel = Awaited<ReturnType<typeof createDoorKernel>>;

/**
 * What doors reach of the kernel, for a thread of their own: it takes in and appends. Whoever has the
 * whole kernel digests, decides and keeps house, and hears of the rest by `onAppended` and `onNotice`.
 */
export async function createDoorKernel(deps: DoorKernelDeps) {
  const { scrubber = { scrubEvent, scrubText }, engine, limits, freeDisk, backlog, onAppended } = deps;
  // Told to the whole kernel alone, which tells other processes.
  const core = createCore({ ...deps, engine: { ...engine, channel: null } });
  core.notices.subscribe(deps.onNotice);
  const wayIn = await createWayIn({ core, scrubber, limits, freeDisk, backlog, onAppended });
  return {
    heartbeats: createHearing({
      ...core,
      calendar: deps.calendar,
      report: wayIn.report,
      scrubText: scrubber.scrubText,
    }),
    report: wayIn.report,
    pressure: wayIn.pressure,
    lose: createLosses(core),
    projects: createProjects(core),
    releases: createReleases(core),
    sourceMaps: wayIn.sourceMaps,
    lookAround: wayIn.lookAround,
    flushSamples: wayIn.flushSamples,
    async close(): Promise<void> {
      await wayIn.flushSamples();
      await core.writer.close();
    },
  };
}
