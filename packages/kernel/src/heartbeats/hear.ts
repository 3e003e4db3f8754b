import type { Scrubber } from "@prunella/scrub";
import { digestOf } from "../access/secret.ts";
import type { Calendar } from "../ports.ts";
import { createGather } from "./gather.ts";
import { heard, type Beat } from "./judge.ts";
import { keep, type KeepDeps } from "./keep.ts";
import { find, findByKey, hold } from "./rows.ts";
import { createTogether, type Sign } from "./together.ts";

/** What is kept of what comes with a sign of life: the end of it, which tells most. */
const SAID = { lines: 20, characters: 2_000 };

export interface HearDeps extends KeepDeps {
  readonly calendar: Pick<Calendar, "nextBegin">;
  readonly scrubText: Scrubber["scrubText"];
}

/** Signs of life as they come in at a door. */
export function createHear(deps: HearDeps) {
  const { db, calendar, clock } = deps;
  const together = createGather<Sign, boolean>(clock, createTogether(deps));
  return {
    /**
     * One sign of life, by name and key; false when there is none of that name with that key. Both ways of being
     * wrong take the same steps, and neither has what it brings scrubbed: that is for those who may speak, because
     * it takes the doors' thread. Resolves after the commit.
     */
    async hear(name: string, key: string, beat: Beat, body: string): Promise<boolean> {
      const digest = digestOf(key);
      const at = clock.now();
      const seen = await findByKey(db, digest);
      if (seen?.name !== name) return false;
      const said = lastOf(body, deps.scrubText);
      return together({ digest, name, judge: (row) => heard(calendar, row, beat, said, at) });
    },
    /** The same for whoever showed already that it may: an SDK, of its own project. */
    async hearOf(projectId: string, name: string, beat: Beat): Promise<boolean> {
      const seen = await find(db, projectId, name);
      if (seen?.came_from !== "sdk") return false;
      const at = clock.now();
      return keep(deps, seen, {
        hold: (tx) => hold(tx, projectId, name),
        judge: (row) => (row.came_from === "sdk" ? heard(calendar, row, beat, "", at) : null),
      });
    },
  };
}

/** The last lines, scrubbed before anything is cut off: half a secret looks like none. */
function lastOf(body: string, scrubText: Scrubber["scrubText"]): string {
  if (body === "") return "";
  const text = scrubText(body.toWellFormed().replaceAll("\0", "\ufffd")).text.value;
  const lines = text.trimEnd().split("\n").slice(-SAID.lines).join("\n");
  return lines.length <= SAID.characters ? lines : lines.slice(-SAID.characters).toWellFormed();
}
