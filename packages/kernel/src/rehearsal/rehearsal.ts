import {
  PrunellaError,
  type Rehearsal,
  type RehearsalReport,
  type Trigger,
  type TriggerDeeds,
  type TriggerTest,
} from "@prunella/contract";
import type { Core } from "../core.ts";
import type { EnvelopeBook } from "../gate/envelope-book.ts";
import type { Remedies } from "../gate/remedy.ts";
import type { Calendar } from "../ports.ts";
import { listTriggers, readTrigger } from "../triggers/registry.ts";
import { createDeeds, happenedTo } from "./deeds.ts";
import { coarseBefore, readDeltas } from "./deltas.ts";
import { ASSUMED } from "./observed.ts";
import { readPast } from "./past.ts";
import { lookBackMs } from "./policy-times.ts";
import { replay } from "./replay.ts";
import { testTrigger } from "./trigger-test.ts";

export interface RehearsalDeps extends Pick<Core, "engine" | "db" | "clock" | "newId"> {
  readonly remedies: Remedies;
  readonly calendar: Calendar;
  readonly book: EnvelopeBook;
}

export interface RehearsalAsked {
  readonly policy: readonly Trigger[];
  /** null: the triggers that stand in the database now. */
  readonly against: readonly Trigger[] | null;
  readonly since: number;
  /** null: all of them. */
  readonly project: string | null;
}

const MOST_TRIGGERS = 10_000;
const DAY_MS = 86_400_000;

/** What a policy would have done to what came in: one rehearsal at a time, and nothing is written. */
export function createRehearsals(deps: RehearsalDeps) {
  const { db, clock, newId } = deps;
  let last: (Rehearsal & { readonly project: string | null }) | null = null;
  let isTesting = false;
  let isClosing = false;

  /** Every other thing that is due comes in between. */
  const turn = (): Promise<void> =>
    isClosing
      ? Promise.reject(new PrunellaError("PRUNELLA_CONFLICT", { detail: "The server stops." }))
      : deps.engine.nextTurn();

  /** Those of supervised programs stand whatever a configuration says. */
  async function notOfAFile(standing: readonly Trigger[]): Promise<Trigger[]> {
    const found = await db
      .selectFrom("self_heal_triggers")
      .select(["project_id", "trigger_id"])
      .where("configured", "=", 0)
      .where("removed", "=", 0)
      .limit(MOST_TRIGGERS)
      .execute();
    const names = new Set(found.map((row) => `${row.project_id} ${row.trigger_id}`));
    return standing.filter((one) => names.has(`${one.project_id} ${one.id}`));
  }

  async function run(asked: RehearsalAsked, tell: (replayed: number, total: number) => void): Promise<RehearsalReport> {
    const { since, project } = asked;
    const until = clock.now();
    const isMeant = ({ project_id: id }: Trigger) => project === null || project === id;
    const sees = project === null ? null : [project];
    const standing = await listTriggers(db, { limit: MOST_TRIGGERS, sees });
    const stay = await notOfAFile(standing);
    const policyOf = (named: readonly Trigger[]) => [
      ...named.filter(isMeant),
      ...stay.filter((one) => !named.some(({ project_id, id }) => project_id === one.project_id && id === one.id)),
    ];
    const given = policyOf(asked.policy);
    const against = policyOf(asked.against ?? standing);
    const projects = [...new Set([...given, ...against].map((one) => one.project_id))].toSorted();
    const from = since - lookBackMs([...given, ...against]);
    const deltas = await readDeltas(db, { projects, since: from, turn });
    const past = await readPast(db, { since, until, turn });
    let replayed = 0;
    const onReplayed = (more: number) => tell((replayed += more), deltas.size * 2);
    const recorded = { deltas, past, since, until };
    const byGiven = await replay(given, recorded, { ...deps, turn, onReplayed });
    const byAgainst = await replay(against, recorded, { ...deps, turn, onReplayed });
    const happened = happenedTo(past, since);
    const names = [...new Set([...byGiven.keys(), ...byAgainst.keys()])].toSorted();
    return {
      since,
      until,
      deltas: deltas.size,
      events: deltas.events,
      coarse_before: coarseBefore(deltas, since),
      assumed: [...ASSUMED],
      triggers: names.map((name) => {
        const [projectId = "", triggerId = ""] = name.split(" ");
        const [one, other] = [byGiven.get(name) ?? null, byAgainst.get(name) ?? null];
        return {
          project_id: projectId,
          trigger_id: triggerId,
          happened: happened.get(name) ?? createDeeds([]).told(),
          given: one,
          against: other,
          difference: differenceOf(one, other),
        };
      }),
    };
  }

  /** What is read takes memory: one at a time. */
  function assertMay(since: number): void {
    if (last?.status === "running" || isTesting)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: `${isTesting ? "The test of a trigger" : "A rehearsal"} is under way, and there is one at a time.`,
        hint: "Try again when it is done.",
      });
    if (since > clock.now() || since < clock.now() - 400 * DAY_MS)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: "since is a moment of the past, at most 400 days ago.",
      });
  }

  return {
    /** When the condition of a trigger, as it stands, held on what came in. Nothing is written. */
    async test(asked: { projectId: string; triggerId: string; since: number | null }): Promise<TriggerTest> {
      const until = clock.now();
      const since = asked.since ?? until - 7 * DAY_MS;
      assertMay(since);
      isTesting = true;
      try {
        const trigger = await readTrigger(db, asked.projectId, asked.triggerId);
        return await testTrigger(db, { trigger, since, until }, { ...deps, turn });
      } finally {
        isTesting = false;
      }
    },
    /** Begins; what came of it is read afterwards. */
    start(asked: RehearsalAsked): Rehearsal {
      assertMay(asked.since);
      const id = newId();
      const begun = { id, replayed: 0, report: null, error: null, project: asked.project };
      let standing: typeof last = { ...begun, status: "running", total: null };
      last = standing;
      const set = (changes: Partial<Rehearsal>): void => {
        standing = { ...begun, status: "running", total: null, ...standing, ...changes };
        last = standing;
      };
      run(asked, (replayed, total) => set({ replayed, total })).then(
        (report) => set({ status: "done", report }),
        (error: unknown) =>
          set({
            status: "failed",
            error: error instanceof PrunellaError ? error.detail : "It could not be carried through.",
          }),
      );
      return shown(last);
    },
    /** `project`: of that one alone; null: whatever it was about. */
    read(id: string, project: string | null): Rehearsal {
      if (last?.id !== id || (project !== null && last.project !== project))
        throw new PrunellaError("PRUNELLA_NOT_FOUND", {
          detail: "There is no such rehearsal; a server keeps its last one.",
        });
      return shown(last);
    },
    close(): void {
      isClosing = true;
    },
  };
}

const shown = ({ id, status, replayed, total, report, error }: Rehearsal): Rehearsal => ({
  id,
  status,
  replayed,
  total,
  report,
  error,
});

function differenceOf(given: TriggerDeeds | null, against: TriggerDeeds | null) {
  const sum = (reasons: Record<string, number> | undefined) =>
    Object.values(reasons ?? {}).reduce((whole, count) => whole + count, 0);
  return {
    fires: (given?.fires ?? 0) - (against?.fires ?? 0),
    refused: sum(given?.refusals) - sum(against?.refusals),
    escalations: sum(given?.escalations) - sum(against?.escalations),
  };
}
