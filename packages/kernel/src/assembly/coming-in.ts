import type { Scrubber } from "@prunella/scrub";
import type { Core } from "../core.ts";
import { createDigest } from "../faults/digest.ts";
import { createWayIn } from "../intake/way-in.ts";
import { requestInvestigation } from "../investigations/investigations.ts";
import { happen } from "../notify/events.ts";
import { createEntering } from "../promotions/promotions.ts";
import { createIndexer } from "../search/indexer.ts";
import { createTriggerCache } from "../triggers/cache.ts";
import type { KernelDeps } from "./deps.ts";

interface Later {
  readonly scrubber: Pick<Scrubber, "scrubEvent" | "scrubText" | "scrubJson">;
  readonly isHeard: () => boolean;
  readonly onAppended: (isUrgent: boolean) => void;
}

/** The way in for events, and what is made of them: counts, faults, words to search by. */
export async function createComingIn(core: Core, { limits, freeDisk, issuing }: KernelDeps, later: Later) {
  const { scrubber, isHeard, onAppended } = later;
  const { db, newId, publish } = core;
  const indexer = createIndexer({ ...core, onIndexed: (faultId) => publish("faults", faultId) });
  const onCounted = issuing === undefined ? undefined : createEntering(issuing);
  const digest = createDigest({
    ...core,
    triggers: createTriggerCache(db),
    onDigested: indexer.wake,
    isHeard,
    onCounted,
  });
  const wayIn = await createWayIn({ core, scrubber, limits, freeDisk, backlog: digest.backlog, onAppended });

  /** What a probe found wakes the investigator, in the unit that holds the finding. */
  const report: typeof wayIn.report = (projectId, events, keys, within) =>
    wayIn.report(projectId, events, keys, async (tx) => {
      await within?.(tx);
      for (const { source, trust, tags, target, level } of events) {
        const watched = trust === "local" && (source === "probe" || source === "heartbeat") ? tags[source] : undefined;
        if (watched !== undefined)
          happen(tx, newId, {
            projectId,
            type: `${source}.failed`,
            subject: watched,
            at: core.clock.now(),
            fields: { category: tags["category"] ?? "unknown", target: target ?? "", level },
          });
        const probe = source === "probe" && trust === "local" ? tags["probe"] : undefined;
        if (probe === undefined) continue;
        const found = { projectId, probe, category: tags["category"] ?? "unknown", target: target ?? "" };
        const audit = { newId, scrubText: scrubber.scrubText };
        await requestInvestigation(tx, audit, { ...found, at: core.clock.now() });
      }
    });
  return { indexer, digest, wayIn, report };
}
