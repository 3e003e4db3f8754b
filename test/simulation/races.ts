import { RestartPolicy } from "@prunella/contract";
import { SYSTEM } from "@prunella/kernel";
import { restartTrigger } from "../../packages/kernel/src/remedies/restart/trigger.ts";
import { aCrash } from "../kernel-fixture.ts";
import type { Arena } from "./arena.ts";

const WINDOW_MS = 600_000;
const POLICY = RestartPolicy.parse({ budget: { max: 1, window_ms: WINDOW_MS }, backoff: { base_ms: 0, max_ms: 0 } });

/** Two that meet, and what may come of it; gives back what is wrong, or null. */
export type Meeting = () => Promise<string | null>;
/** Whatever goes before; the meeting may then take place again and again, each time from there. */
export type Race = (arena: Arena) => Promise<Meeting>;

/** What must hold however two things fall into each other that are asked of two processes at the same time. */
export const RACES: Readonly<Record<string, Race>> = {
  "a permit is redeemed once": async (arena) => {
    const { project, runs } = await programs(arena, 1);
    const told = await permitFor(arena, project, runs);
    const redeem = (side: 0 | 1) => arena.ask(side, (kernel) => kernel.redeemer(told.permit_id, told.fence));
    return async () => {
      const redeemed = await arena.meet([() => redeem(0), () => redeem(1)]);
      return exactly(1, redeemed, "redeemed it");
    };
  },

  "two that see one condition begin one attempt": async (arena) => {
    const { project, runs } = await programs(arena, 1, { max: 10 });
    return async () => {
      await arena.meet([() => crash(arena, 0, runs[0]), () => crash(arena, 1, runs[0])]);
      return just(1, intents(arena, project), "attempts under a ceiling of one");
    };
  },

  "the last unit of a budget is used once": async (arena) => {
    const { project, runs } = await programs(arena, 2, { max: 1 });
    return async () => {
      await arena.meet([() => crash(arena, 0, runs[0]), () => crash(arena, 1, runs[1])]);
      return just(1, intents(arena, project), "attempts of a budget of one");
    };
  },

  "an override is used once": async (arena) => {
    const { project, runs, names } = await programs(arena, 1);
    await carriedOut(arena, project, runs);
    const wider = { extra: 1, forMs: WINDOW_MS, reason: "once more" };
    await arena.surely((kernel) =>
      kernel.pauses.override({ projectId: project, triggerId: `restart-${names[0]}`, ...wider }, OPERATOR),
    );
    const crashes = ([0, 1, 0] as const).map((side) => () => crash(arena, side, runs[0]));
    return async () => {
      await arena.meet(crashes);
      return just(2, intents(arena, project), "attempts of a budget of one with one more");
    };
  },

  "an outcome is told once": async (arena) => {
    const { project, runs } = await programs(arena, 1);
    const told = await permitFor(arena, project, runs);
    await arena.surely((kernel) => kernel.redeemer(told.permit_id, told.fence));
    const outcome = (side: 0 | 1, state: "succeeded" | "failed") =>
      arena.ask(side, (kernel) => kernel.supervised.outcome(told.attempt_id, told.fence, state, 2));
    return async () => {
      const ended = await arena.meet([() => outcome(0, "succeeded"), () => outcome(1, "failed")]);
      return exactly(1, ended, "ended it") ?? just(1, entries(arena, project, "attempt_outcome"), "outcomes");
    };
  },

  "a question is answered once": async (arena) => {
    const { project, runs } = await programs(arena, 1);
    await carriedOut(arena, project, runs);
    await arena.surely((kernel) => kernel.supervised.crash(runs[0] ?? "", aFatal(arena)));
    const { escalations } = await arena.surely((kernel) => kernel.escalations.list("open"));
    const question = escalations.find(({ project_id: id }) => id === project);
    if (!question) return async () => "a budget that was used up asked nobody";
    const decide = (side: 0 | 1, decision: "restart_once" | "leave_stopped") =>
      arena.ask(side, (kernel) => kernel.escalations.decide(question.id, decision));
    return async () => {
      const decided = await arena.meet([() => decide(0, "restart_once"), () => decide(1, "leave_stopped")]);
      return exactly(1, decided, "decided it");
    };
  },

  "nothing begins after the kill switch": async (arena) => {
    const { project, runs } = await programs(arena, 1);
    const told = await permitFor(arena, project, runs);
    const redeem = () => arena.ask(1, (kernel) => kernel.redeemer(told.permit_id, told.fence));
    return async () => {
      await arena.meet([() => arena.ask(0, (kernel) => kernel.switches.kill(true)), redeem]);
      const pulled = arena.store.read("select max(idx) as at from ledger where entry like '%\"switch_changed\"%'");
      const begun = arena.store.read(
        "select count(*) as n from ledger where idx > ? and entry like '%\"attempt_started\"%'",
        Number(pulled[0]?.["at"]),
      );
      return pulled[0]?.["at"] == null
        ? "nobody pulled the switch"
        : just(0, Number(begun[0]?.["n"]), "effects after the switch");
    };
  },

  "a program that announces itself anew leaves nothing of the run before": async (arena) => {
    const { project, runs, names } = await programs(arena, 1);
    const told = await permitFor(arena, project, runs);
    const anew = { projectId: project, name: names[0] ?? "", pid: 2, policy: POLICY };
    return async () => {
      await arena.meet([
        () => arena.ask(0, (kernel) => kernel.redeemer(told.permit_id, told.fence)),
        () => arena.ask(1, (kernel) => kernel.supervised.announce(anew)),
      ]);
      const [row] = arena.store.read(
        "select count(*) as n from self_heal_attempts where project_id = ? and ended_at is null",
        project,
      );
      return just(0, Number(row?.["n"]), "attempts of a run that was replaced");
    };
  },
};

const OPERATOR = { kind: "person", id: "operator" } as const;

/** Programs of a project of their own, with a budget of one for each, or of `max` for all together. */
async function programs(arena: Arena, count: number, given: { readonly max?: number } = {}) {
  const project = arena.name();
  await arena.surely((kernel) => kernel.projects.add({ id: project, by: SYSTEM }));
  const names = Array.from({ length: count }, () => arena.name());
  const runs: string[] = [];
  for (const name of names) {
    const { runId } = await arena.surely((kernel) =>
      kernel.supervised.announce({ projectId: project, name, pid: 1, policy: POLICY }),
    );
    runs.push(runId);
    const own = restartTrigger(project, name, POLICY);
    const { max } = given;
    if (max !== undefined)
      await arena.surely((kernel) =>
        kernel.triggers.register({ ...own, budgets: [{ scope: "project", max, window_ms: WINDOW_MS }] }),
      );
  }
  return { project, names, runs };
}

const aFatal = (arena: Arena) => (target: string) =>
  aCrash(target.replace("program:", ""), { at: arena.schedule.now() });

const crash = (arena: Arena, side: 0 | 1, run: string | undefined) =>
  arena.ask(side, (kernel) => kernel.supervised.crash(run ?? "", aFatal(arena)));

/** The permit that the first crash of the first program leads to. */
async function permitFor(arena: Arena, project: string, runs: readonly string[]) {
  await arena.surely((kernel) => kernel.supervised.crash(runs[0] ?? "", aFatal(arena)));
  const told = await arena.surely((kernel) => kernel.supervised.next(runs[0] ?? "", null));
  if (told.kind !== "restart") throw new Error(`a crash in ${project} was answered ${told.kind}`);
  return told;
}

/** The same, redeemed and done: the budget of one is used up. */
async function carriedOut(arena: Arena, project: string, runs: readonly string[]): Promise<void> {
  const told = await permitFor(arena, project, runs);
  await arena.surely((kernel) => kernel.redeemer(told.permit_id, told.fence));
  await arena.surely((kernel) => kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2));
}

const entries = ({ store }: Arena, project: string, type: string): number =>
  Number(
    store.read(
      "select count(*) as n from ledger where entry like ? and entry like ?",
      `%"type":"${type}"%`,
      `%"project":"${project}"%`,
    )[0]?.["n"],
  );

const intents = (arena: Arena, project: string): number => entries(arena, project, "attempt_intent");

function exactly(count: number, answers: readonly { readonly kind: string }[], did: string): string | null {
  const found = answers.filter(({ kind }) => kind === "answer").length;
  return found === count ? null : `${found} ${did}, and not ${count}`;
}

const just = (count: number, found: number, what: string): string | null =>
  found === count ? null : `${found} ${what}, and not ${count}`;
