import type { Waits } from "@prunella/forge";
import type { Clock, Kernel, Log } from "@prunella/kernel";
import type { Scrubber } from "@prunella/scrub";
import { createBacklog } from "./backlog.ts";
import { createForgeMethods } from "./methods.ts";
import type { OpenedForge } from "./open.ts";

/** When a place may be asked again, by the database of a kernel that may not be there yet. */
export const waitsAt = (kernel: Promise<Pick<Kernel, "filings">>, place: string): Waits => ({
  until: async () => (await kernel).filings.waits.until(place),
  note: async (of) => (await kernel).filings.waits.note(place, of),
  eased: async () => (await kernel).filings.waits.eased(place),
});

/** What plugins ask of the host, and what waits until it takes it. */
export function openFiling({
  opened,
  kernel,
  scrubber,
  log,
  clock,
}: {
  readonly opened: OpenedForge;
  readonly kernel: Kernel;
  readonly scrubber: Scrubber | null;
  readonly log: Log;
  readonly clock: Clock;
}) {
  const { filings, faults } = kernel;
  const { forge, place } = opened;
  const until = async () => (await filings.waits.until(place))?.until ?? null;
  const backlog = createBacklog({ forge, filings, until, log, clock });
  backlog.wake();
  return {
    methods: createForgeMethods({
      forge,
      filings,
      faults,
      scrubber,
      wakeBacklog: backlog.wake,
      now: () => clock.now(),
    }),
    close: backlog.close,
  };
}
