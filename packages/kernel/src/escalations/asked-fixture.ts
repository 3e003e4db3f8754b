import type { EngineFixture } from "../../../../test/engines.ts";
import { aLamp, NOW } from "../gate/facts-fixture.ts";
import { openRows } from "../gate/rows-fixture.ts";
import { rows } from "../store/rows.ts";
import { askersOf } from "./asker.ts";
import { decide } from "./decide.ts";
import { hold, remind } from "./hold.ts";
import { aQuestion, HOUR_MS, put, QUESTION_ID } from "./question-fixture.ts";

export const ANNA = { kind: "person", id: "anna" } as const;
export const BERT = { kind: "person", id: "bert" } as const;

/** For tests only: a database with what is given, or else with one open question, and no kernel over it. */
export async function beginAsked(
  open: EngineFixture["open"],
  given: Parameters<typeof put>[1] = { questions: [aQuestion({ opened_at: NOW, expires_at: NOW + 24 * HOUR_MS })] },
) {
  const all = await openRows(open);
  await put(all.engine, given);
  const left: string[] = [];
  const lamp = aLamp({ leave: async (_tx, now, _project, target) => void left.push(`${target} ${now - NOW}`) });
  const askers = new Map(askersOf(new Map([["switch_on", lamp]])).map((asker) => [asker.name, asker]));
  const common = { newId: all.newId, askers };
  return {
    ...all,
    left,
    askers,
    question: async (id = QUESTION_ID) =>
      all.db.selectFrom("escalation_attempts").selectAll().where("escalation_id", "=", id).executeTakeFirstOrThrow(),
    decide: (more: Partial<Parameters<typeof decide>[1]> = {}) =>
      all.run((tx) =>
        decide(tx, { ...common, now: NOW + 5, escalationId: QUESTION_ID, decision: "leave_dark", by: ANNA, ...more }),
      ),
    hold: (more: Partial<Parameters<typeof hold>[1]> = {}) =>
      all.run((tx) =>
        hold(tx, {
          now: NOW + 5,
          newId: all.newId,
          escalationId: QUESTION_ID,
          how: "acked",
          forMs: null,
          by: ANNA,
          ...more,
        }),
      ),
    remind: (now: number) => all.run((tx) => remind(tx, { now, newId: all.newId, escalationId: QUESTION_ID })),
    told: async () =>
      (await all.db.selectFrom("notify_outbox").selectAll().orderBy("told_at").orderBy("message_id").execute()).map(
        ({ kind, subject, level, message_id: id, told_at: at }) => ({ kind, subject, level, id, at: at - NOW }),
      ),
    due: async () =>
      (await all.db.selectFrom("work").selectAll().orderBy("work_id").execute())
        .filter(({ kind }) => kind !== "notify_route")
        .map(({ kind, due_at: at, payload }): unknown => [kind, at - NOW, JSON.parse(payload)]),
    people: (...given: (readonly [id: string, role: string, project?: string, state?: string])[]) =>
      all.run(async ({ db }) => {
        for (const [id, role, project = "default", state = "active"] of given) {
          await rows(db)`insert into person (person_id, name, state, created_at) values (${id}, ${id}, ${state}, 0)`;
          await rows(db)`insert into person_role (project_id, person_id, role) values (${project}, ${id}, ${role})`;
        }
      }),
  };
}
