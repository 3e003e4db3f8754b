import {
  PrunellaError,
  type ActionWindow,
  type Actor,
  type Maintenance,
  type Override,
  type Pause,
} from "@prunella/contract";
import { SYSTEM } from "../actors.ts";
import { voidPermitsUnder } from "../attempts/end.ts";
import type { Core } from "../core.ts";
import {
  addMaintenance,
  endMaintenance,
  listMaintenance,
  toMaintenance,
  type NewMaintenance,
} from "../gate/maintenance.ts";
import { addOverride, listOverrides } from "../gate/overrides.ts";
import { addPause, liftPause, listPauses, type NewPause } from "../gate/pauses.ts";
import { assertWindow, mayOpen } from "../gate/windows.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Calendar } from "../ports.ts";
import { resolveId } from "../store/resolve-id.ts";
import { askAnew, judgeHeld } from "./again.ts";

export interface StandingDeps extends Core {
  readonly calendar: Calendar;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
  readonly wake: () => void;
}

/** Named reasons to stand still. What runs may finish; what was permitted and has not begun is void. */
export function createPauses(deps: StandingDeps) {
  const { db, writer, clock, newId } = deps;
  const tell = () => {
    for (const topic of ["triggers", "attempts", "ledger"] as const) deps.publish(topic, "pause");
    deps.wake();
  };
  return {
    list: (given: Parameters<typeof listPauses>[2] = {}): Promise<Pause[]> => listPauses(db, clock.now(), given),
    overrides: (given: Parameters<typeof listOverrides>[2] = {}): Promise<Override[]> =>
      listOverrides(db, clock.now(), given),
    resolveId: (typed: string) => resolveId(db, "pause", "pause_id", typed),
    async projectOf(typed: string): Promise<string> {
      const id = await resolveId(db, "pause", "pause_id", typed);
      return (await db.selectFrom("pause").select("project_id").where("pause_id", "=", id).executeTakeFirstOrThrow())
        .project_id;
    },
    async add(given: NewPause, by: Actor): Promise<Pause> {
      const pause = await writer.run(async (tx) => {
        const now = clock.now();
        const reason = cleanReason(deps, given.reason);
        const added = await addPause(tx, { ...given, reason, now, newId, by });
        const of = { projectId: given.projectId, triggerId: given.triggerId, target: null };
        for (const taken of await voidPermitsUnder(tx, now, of)) await askAnew(tx, newId, now, taken);
        return added;
      });
      tell();
      return pause;
    },
    /** Widens a trigger's own budgets; what was exhausted is tried again with its next failure. */
    async override(
      given: {
        readonly projectId: string;
        readonly triggerId: string;
        readonly extra: number;
        readonly forMs: number;
        readonly reason: string;
      },
      by: Actor,
    ): Promise<Override> {
      const added = await writer.run(async (tx) => {
        const now = clock.now();
        const reason = cleanReason(deps, given.reason);
        return addOverride(tx, { ...given, reason, now, newId, expiresAt: now + given.forMs, by });
      });
      tell();
      return added;
    },
    async lift(pauseId: string, by: Actor): Promise<Pause> {
      const lifted = await writer.run(async (tx) => {
        const now = clock.now();
        const pause = await liftPause(tx, now, pauseId, by);
        await judgeHeld(tx, newId, {
          now,
          since: pause.since,
          refusal: "paused",
          projectId: pause.project_id,
          triggerId: pause.trigger_id,
          target: null,
        });
        return pause;
      });
      tell();
      return lifted;
    },
  };
}

/** When somebody works on targets. */
export function createMaintenance(deps: StandingDeps) {
  const { db, writer, clock, newId, calendar } = deps;
  const add = (given: NewMaintenance, by: Actor): Promise<Maintenance> =>
    writer.run(async (tx) => {
      const now = clock.now();
      const reason = cleanReason(deps, given.reason);
      const row = await addMaintenance(tx, { ...given, reason, now, newId, by, calendar });
      const added = toMaintenance(row, now, calendar);
      if (added.open_until === null) return added;
      const of = { projectId: given.projectId, triggerId: null, target: given.target };
      for (const taken of await voidPermitsUnder(tx, now, of)) await askAnew(tx, newId, now, taken);
      return added;
    });
  const end = (windowId: string, by: Actor): Promise<Maintenance> =>
    writer.run(async (tx) => {
      const now = clock.now();
      const row = await endMaintenance(tx, now, windowId, by);
      const ended = toMaintenance(row, now, calendar);
      const { project_id: projectId, target, created_at: since } = ended;
      await judgeHeld(tx, newId, { now, since, refusal: "outside_window", projectId, triggerId: null, target });
      return ended;
    });
  const list = (sees: readonly string[] | null = null): Promise<Maintenance[]> =>
    listMaintenance(db, { now: clock.now(), calendar, sees });
  const tell = () => {
    for (const topic of ["triggers", "ledger"] as const) deps.publish(topic, "maintenance");
    deps.wake();
  };
  return {
    list,
    resolveId: (typed: string) => resolveId(db, "maintenance", "window_id", typed),
    async projectOf(typed: string): Promise<string> {
      const id = await resolveId(db, "maintenance", "window_id", typed);
      return (
        await db.selectFrom("maintenance").select("project_id").where("window_id", "=", id).executeTakeFirstOrThrow()
      ).project_id;
    },
    async add(given: NewMaintenance, by: Actor): Promise<Maintenance> {
      const added = await add(given, by);
      tell();
      return added;
    },
    async end(windowId: string, by: Actor): Promise<Maintenance> {
      const ended = await end(windowId, by);
      tell();
      return ended;
    },
    /** @throws PRUNELLA_REQUEST_INVALID for a pattern or a zone that there is not */
    check(given: readonly NewMaintenance[]): void {
      for (const { window } of given) assertWindow(window, calendar);
    },
    /**
     * Makes those of the configuration what they are: what is missing is added, and then what stands there no more
     * ends, so that a target is never without for a moment. A window that has passed may stay in the file.
     */
    async follow(given: readonly NewMaintenance[]): Promise<void> {
      const now = clock.now();
      const wanted = new Map<string, NewMaintenance>();
      for (const each of given) {
        const cleaned = { ...each, reason: cleanReason(deps, each.reason) };
        if (mayOpen(each.window, now)) wanted.set(nameOf(cleaned), cleaned);
      }
      const standing = new Map<string, string>();
      for (const each of await list())
        if (each.owner.kind === "system") standing.set(nameOf({ ...each, projectId: each.project_id }), each.id);
      for (const [name, each] of wanted) if (!standing.has(name)) await add(each, SYSTEM);
      for (const [name, id] of standing) if (!wanted.has(name)) await end(id, SYSTEM);
      tell();
    },
  };
}

const nameOf = ({ projectId, target, window, reason }: NewMaintenance & { readonly window: ActionWindow }): string =>
  canonicalJson({ projectId, target, window: { ...window }, reason });

/** What people write is kept without what the scrubber takes out. */
function cleanReason({ scrubText }: Pick<StandingDeps, "scrubText">, reason: string): string {
  const clean = scrubText(reason.trim()).text.value;
  if (clean === "")
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "A reason is needed, in a few words." });
  return clean;
}
