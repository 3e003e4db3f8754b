import type { Core } from "../core.ts";
import type { Calendar } from "../ports.ts";
import { WatchName } from "@prunella/contract";
import { putHeartbeat } from "./configure.ts";
import type { createHear } from "./hear.ts";
import type { Beat } from "./judge.ts";
import { find, hold } from "./rows.ts";
import type { Schedule } from "./schedule.ts";

/** An SDK names monitors as it likes, and anybody can send what an SDK sends. */
const MOST_OF_SDKS = 200;

export interface CheckIn {
  readonly slug: string;
  readonly beat: Beat;
  /** What the SDK says about the schedule; null when it does not. */
  readonly schedule: Schedule | null;
}

/**
 * A check-in of an SDK: its monitor is a heartbeat of its own, made or changed by what the SDK says. It never
 * touches one that was written down here: who holds a public key could speak for it. False: not kept.
 */
export function createCheckIns(
  deps: Pick<Core, "db" | "writer" | "clock"> & {
    readonly calendar: Pick<Calendar, "nextBegin" | "isPattern" | "isZone">;
    readonly hearOf: ReturnType<typeof createHear>["hearOf"];
    readonly isClean: (text: string) => boolean;
  },
) {
  const { db, writer, clock, calendar } = deps;

  function isSchedule({ cron, time_zone: zone }: Schedule): boolean {
    return calendar.isZone(zone) && (cron === null || calendar.isPattern(cron, zone));
  }

  return async (projectId: string, { slug, beat, schedule }: CheckIn): Promise<boolean> => {
    if (!WatchName.safeParse(slug).success || !deps.isClean(slug)) return false;
    const known = schedule === null ? null : await find(db, projectId, slug);
    if (known !== null && known.came_from !== "sdk") return false;
    // An SDK says its schedule with every check-in; only what is new is read and written.
    if (schedule !== null && !(known !== null && isSame(known, schedule))) {
      if (!isSchedule(schedule)) return false;
      const isOurs = await writer.run(async (tx) => {
        const before = await hold(tx, projectId, slug);
        if (before !== null && before.came_from !== "sdk") return false;
        if (before === null && (await countOfSdks(tx, projectId)) >= MOST_OF_SDKS) return false;
        const heartbeat = {
          name: slug,
          project: projectId,
          target: null,
          every: schedule.every_ms,
          cron: schedule.cron,
          time_zone: schedule.time_zone,
          grace: schedule.grace_ms,
          max_runtime: schedule.max_runtime_ms,
        };
        await putHeartbeat(tx, { now: clock.now(), place: "", from: "sdk", heartbeat, calendar }, before);
        return true;
      });
      if (!isOurs) return false;
    }
    return deps.hearOf(projectId, slug, beat);
  };
}

const isSame = (a: Schedule, b: Schedule): boolean =>
  a.every_ms === b.every_ms &&
  a.cron === b.cron &&
  a.time_zone === b.time_zone &&
  a.grace_ms === b.grace_ms &&
  a.max_runtime_ms === b.max_runtime_ms;

async function countOfSdks(tx: Parameters<typeof hold>[0], projectId: string): Promise<number> {
  const rows = await tx.db
    .selectFrom("heartbeat")
    .select("name")
    .where("project_id", "=", projectId)
    .where("came_from", "=", "sdk")
    .limit(MOST_OF_SDKS)
    .execute();
  return rows.length;
}
