import type { Actor, TrendRange } from "@prunella/contract";
import { Triage } from "@prunella/contract/operations";
import type { z } from "zod";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Askers } from "../escalations/asker.ts";
import type { Remedies } from "../gate/remedy.ts";
import { suggest, type Asked } from "../search/suggest.ts";
import { resolveId } from "../store/resolve-id.ts";
import { faultDetail, readFault, readSample } from "./detail.ts";
import { projectOfChange } from "./changes.ts";
import { countsOver } from "./counts-over.ts";
import { eraseFault, faultOfFingerprint } from "./erase.ts";
import { explain } from "./explain.ts";
import { listReleases, readRelease } from "./in-release.ts";
import { listFaults, type FaultsWanted } from "./list.ts";
import { mergeFaults, unmergeFault } from "./merge.ts";
import { triageFault, undoChange, type Triaged } from "./triage.ts";
import { usersOf } from "./users.ts";

export interface FaultDeps extends Core {
  readonly askers: Askers;
  readonly remedies: Remedies;
  /** Bodies that wait for their writing are written first, or they would come after the erasing. */
  readonly flushSamples: () => Promise<void>;
}

/** What people see of faults, and say about them. */
export function createFaults(deps: FaultDeps) {
  const { db, engine, writer, clock, askers } = deps;

  function tell(...ids: string[]): void {
    for (const id of ids) deps.publish("faults", id);
    deps.publish("ledger", "head");
  }

  const whichFault = (typed: string): Promise<string> =>
    /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(typed.trim())
      ? faultOfFingerprint(db, typed.trim())
      : resolveId(db, "fault", "fault_id", typed);

  function tellTriaged({ fault }: Triaged): void {
    deps.publish("faults", fault.id, fault.version);
    deps.publish("ledger", "head");
  }

  return {
    /** Where it is; takes a fault's id or a fingerprint. */
    projectOf: async (typed: string) => (await readFault(db, await whichFault(typed))).project_id,
    projectOfChange: (changeId: string) => projectOfChange(db, changeId),
    /** A fault's id as people type it, or a fingerprint. */
    resolve: whichFault,
    resolveId: (typed: string) => resolveId(db, "fault", "fault_id", typed),
    /** `sees`: of these projects alone; null: of all. */
    suggest: (asked: Asked, sees: readonly string[] | null = null, me: string | null = null) =>
      suggest(db, asked, sees, me),
    /** `me`: what whoever asks is called, null for who has no name. */
    list: (query: FaultsWanted, sees: readonly string[] | null = null, me: string | null = null) =>
      listFaults(engine, clock.now(), query, sees, me),
    detail: (id: string) => faultDetail(db, askers, clock.now(), id),
    sample: async (id: string, eventId: string) => readSample(db, await readFault(db, id), eventId),
    explain: (id: string) => explain(db, clock.now(), deps.remedies, id),

    async merge(intoId: string, id: string, by: Actor = OPERATOR) {
      const root = await writer.run((tx) => mergeFaults(tx, clock.now(), intoId, id, by));
      tell(id, root);
      return faultDetail(db, askers, clock.now(), root);
    },
    async unmerge(id: string, by: Actor = OPERATOR) {
      const root = await writer.run((tx) => unmergeFault(tx, clock.now(), id, by));
      tell(id, root);
      return faultDetail(db, askers, clock.now(), id);
    },
    trend: async (id: string, range: TrendRange) => countsOver(db, clock.now(), await readFault(db, id), range),
    releases: (project: string | undefined, limit: number) => listReleases(db, project, limit),
    release: (project: string, version: string) => readRelease(db, clock.now(), project, version),
    users: async (id: string) => usersOf(db, await readFault(db, id)),

    async triage(id: string, triage: z.input<typeof Triage>, by: Actor = OPERATOR): Promise<Triaged> {
      const said = Triage.parse(triage);
      const done = await writer.run((tx) => triageFault(tx, { now: clock.now(), newId: deps.newId, by }, id, said));
      tellTriaged(done);
      return done;
    },
    /** Takes a change back by its id. */
    async undo(changeId: string, by: Actor = OPERATOR): Promise<Triaged> {
      const done = await writer.run((tx) => undoChange(tx, { now: clock.now(), newId: deps.newId, by }, changeId));
      tellTriaged(done);
      return done;
    },

    /** Deletes what is kept of a fault, on request; takes a fault's id or a fingerprint. */
    async erase(typed: string, by: Actor = OPERATOR): Promise<{ fault_id: string; events: number }> {
      const id = await whichFault(typed);
      await deps.flushSamples();
      const events = await writer.run((tx) => eraseFault(tx, clock.now(), id, by));
      await engine.scrubFiles();
      tell(id);
      return { fault_id: id, events };
    },
  };
}
