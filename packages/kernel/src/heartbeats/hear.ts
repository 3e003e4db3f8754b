import type { Scrubber } from "@prunella/scrub";
import { digestOf } from "../access/secret.ts";
import type { Calendar } from "../ports.ts";
import { heard, type Beat } from "./judge.ts";
import { keep, type KeepDeps } from "./keep.ts";
import { find, hold, holdByKey } from "./rows.ts";

/** What is kept of what comes with a sign of life: the end of it, which tells most. */
const SAID = { lines: 20, characters: 2_000 };

export interface HearDeps extends KeepDeps {
  readonly calendar: Pick<Calendar, "nextBegin">;
  readonly scrubText: Scrubber["scrubText"];
}

/** Signs of life as they come in at a door. */
export function createHear(deps: HearDeps) {
  const { db, calendar, clock } = deps;
  return {
    /**
     * One sign of life, by name and key; false when there is none of that name with that key. Both ways of being
     * wrong take the same steps, and neither has what it brings scrubbed: that is for those who may speak, because
     * it takes the doors' thread. Resolves after the commit.
     */
    async hear(name: string, key: string, beat: Beat, body: string): Promise<boolean> {
      const digest = digestOf(key);
      const [seen] = await db.selectFrom("heartbeat").selectAll().where("key_sha256", "=", digest).limit(1).execute();
      if (seen?.name !== name) return false;
      const said = lastOf(body, deps.scrubText);
      const at = clock.now();
      const judgeIn = async (row: Awaited<ReturnType<typeof holdByKey>>) =>
        row === null || row.name !== name ? null : heard(calendar, row, beat, said, at);
      const expected = heard(calendar, seen, beat, said, at);
      const isKept = await keep(deps, expected, async (tx) => judgeIn(await holdByKey(tx, digest)));
      if (isKept) tell(expected.row, seen);
      return isKept;
    },
    /** The same for whoever showed already that it may: an SDK, of its own project. */
    async hearOf(projectId: string, name: string, beat: Beat): Promise<boolean> {
      const seen = await find(db, projectId, name);
      if (seen?.came_from !== "sdk") return false;
      const at = clock.now();
      const judgeIn = async (row: Awaited<ReturnType<typeof hold>>) =>
        row === null || row.came_from !== "sdk" ? null : heard(calendar, row, beat, "", at);
      const expected = heard(calendar, seen, beat, "", at);
      const isKept = await keep(deps, expected, async (tx) => judgeIn(await hold(tx, projectId, name)));
      if (isKept) tell(expected.row, seen);
      return isKept;
    },
  };

  function tell(row: { name: string; status: string; target: string }, before: { status: string }): void {
    // Each sign of life would be a notice; pages look by themselves as well.
    if (before.status !== row.status) deps.publish("heartbeats", row.name, 0, row.target);
  }
}

/** The last lines, scrubbed before anything is cut off: half a secret looks like none. */
function lastOf(body: string, scrubText: Scrubber["scrubText"]): string {
  if (body === "") return "";
  const text = scrubText(body.toWellFormed().replaceAll("\0", "\ufffd")).text.value;
  const lines = text.trimEnd().split("\n").slice(-SAID.lines).join("\n");
  return lines.length <= SAID.characters ? lines : lines.slice(-SAID.characters).toWellFormed();
}
