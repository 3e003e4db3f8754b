import pg from "pg";

/** What must hold in the common database at rest; each broken promise is one line. */
export async function auditDatabase(given: {
  databaseUrl: string;
  acknowledged: number;
  effects: readonly string[];
}): Promise<string[]> {
  const client = new pg.Client({ connectionString: given.databaseUrl });
  await client.connect();
  try {
    const number = async (statement: string, values: unknown[] = []): Promise<number> =>
      Number((await client.query<{ n: string }>(statement, values)).rows[0]?.n ?? 0);
    const counted = {
      faults: await number("select coalesce(sum(count), 0) as n from fault"),
      deltas: await number("select coalesce(sum(count), 0) as n from delta"),
    };
    const wrong = Object.entries(counted)
      .filter(([, events]) => events !== given.acknowledged)
      .map(([where, events]) => `${given.acknowledged} events were acknowledged and the ${where} count ${events}`);
    for (const { what, statement } of NOTHING_OF) {
      const found = await number(`select count(*) as n from (${statement}) as found`);
      if (found > 0) wrong.push(`${found} times: ${what}`);
    }
    for (const attempt of given.effects) {
      const started = await number(
        "select count(*) as n from ledger where entry::jsonb ->> 'type' = 'attempt_started' and entry::jsonb ->> 'attempt' = $1",
        [attempt],
      );
      if (started !== 1) wrong.push(`the effect of ${attempt} happened, and the ledger says so ${started} times`);
    }
    const twice = given.effects.length - new Set(given.effects).size;
    if (twice > 0) wrong.push(`${twice} effects happened twice`);
    return wrong;
  } finally {
    await client.end();
  }
}

const entriesOf = (type: string): string =>
  `select entry::jsonb as entry from ledger where entry::jsonb ->> 'type' = '${type}'`;
const twice = (type: string, what: string): string =>
  `select entry ->> '${what}' from (${entriesOf(type)}) as one group by 1 having count(*) > 1`;

const NOTHING_OF: readonly { what: string; statement: string }[] = [
  { what: "an attempt with two intents", statement: twice("attempt_intent", "attempt") },
  { what: "an attempt that started twice", statement: twice("attempt_started", "attempt") },
  { what: "an attempt that ended twice", statement: twice("attempt_outcome", "attempt") },
  { what: "an escalation that was decided twice", statement: twice("escalation_decided", "escalation") },
  {
    what: "two attempts for one evaluation of a trigger",
    statement:
      "select because_id from self_heal_attempts where because_kind = 'evaluation' group by 1 having count(*) > 1",
  },
  {
    what: "two attempts for one decision",
    statement:
      "select because_id from self_heal_attempts where because_kind = 'escalation' group by 1 having count(*) > 1",
  },
  {
    what: "more attempts by policy within a budget's window than it and overrides allow, by the database's own rows",
    statement: `select one.attempt_id from self_heal_attempts one
      join self_heal_triggers t on t.project_id = one.project_id and t.trigger_id = one.trigger_id
      cross join lateral jsonb_array_elements(t.policy::jsonb -> 'budgets') as budget
      where one.state <> 'refused' and one.subject_kind = 'trigger' and budget ->> 'scope' = 'trigger'
        and (select count(*) from self_heal_attempts other
          where other.project_id = one.project_id and other.trigger_id = one.trigger_id and other.state <> 'refused'
            and other.subject_kind = 'trigger' and other.created_at <= one.created_at
            and other.created_at > one.created_at - (budget ->> 'window_ms')::bigint) > (budget ->> 'max')::bigint
            + (select coalesce(sum(o.taken), 0) from budget_override o
              where o.project_id = one.project_id and o.trigger_id = one.trigger_id and o.created_at <= one.created_at)`,
  },
  {
    what: "two current runs of one name",
    statement: "select target from supervised where state <> 'gone' group by project_id, target having count(*) > 1",
  },
  {
    what: "a row of the ledger out of its place",
    statement:
      "select 1 from (select count(*) as n, max(idx) + 1 as m from ledger) as l, ledger_head h where l.n <> l.m or l.n <> h.size",
  },
];
