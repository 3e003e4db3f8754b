import { sql, type RawBuilder } from "kysely";
import type { Engine } from "../store/engine.ts";
import { havingWords } from "../store/full-text.ts";
import { asHex } from "../store/dialect.ts";
import { toMillis } from "./moment.ts";
import type { Condition, Query, Term } from "./query.ts";

type Sql = RawBuilder<unknown>;
type Is = RawBuilder<boolean>;

/** What a row of `fault` has to be for a query, as conditions that must all hold. */
export async function matching(engine: Pick<Engine, "reader" | "kind">, now: number, query: Query): Promise<Is[]> {
  const wanted = query.terms.filter((term) => !term.isNegated && term.hex === null);
  const sets: { readonly ids: Sql; readonly isNegated: boolean }[] = [];
  if (wanted.length > 0) sets.push({ ids: havingWords(engine.kind, wanted), isNegated: false });
  for (const term of query.terms.filter((one) => one.isNegated || one.hex !== null))
    sets.push({ ids: await havingTerm(engine, term), isNegated: term.isNegated });
  for (const { name, values, isNegated } of query.conditions)
    if (!isPlain(name)) sets.push({ ids: idsOf(name, values), isNegated });

  const found: Is[] = query.isWordless ? [sql`1 = 0`] : [];
  const [fitting, others] = [sets.filter((set) => !set.isNegated), sets.filter((set) => set.isNegated)];
  // One set of what fits everything: the planner of PostgreSQL would try the rows of one against those of another.
  if (fitting.length > 0)
    found.push(
      sql`fault.fault_id in (${sql.join(
        fitting.map(({ ids }) => rootsOf(ids)),
        sql` intersect `,
      )})`,
    );
  for (const { ids } of others) found.push(sql`fault.fault_id not in (${rootsOf(ids)})`);
  for (const { name, values, isNegated } of query.conditions)
    if (isPlain(name)) {
      const is =
        name === "is" ? stateIs(values) : name === "assignee" ? assigneeIs(values) : isOneOf(PLAIN[name], values);
      found.push(isNegated ? sql`not (${is})` : is);
    }
  if (query.since !== null) found.push(sql`fault.last_seen >= ${toMillis(query.since, now)}`);
  if (query.before !== null) found.push(sql`fault.first_seen < ${toMillis(query.before, now)}`);
  return found;
}

/** Keys that ask for a column of the fault itself. */
const PLAIN = { is: "status", level: "level", project: "project_id", assignee: "assignee" } as const;
const isPlain = (name: string): name is keyof typeof PLAIN => Object.hasOwn(PLAIN, name);

/** What a person sees these as: themselves, or the fault that they were merged into. */
const rootsOf = (
  ids: Sql,
): Sql => sql`select coalesce(merged.merged_into, hit.fault_id) as fault_id from (${ids}) as hit
  left join fault merged on merged.fault_id = hit.fault_id and merged.merged_into is not null`;

/** An event whose body is not kept is known by its id for a while. */
async function havingTerm({ reader, kind }: Pick<Engine, "reader" | "kind">, term: Term): Promise<Sql> {
  const words = havingWords(kind, [term]);
  if (term.hex === null) return words;
  const bytes = kind === "sqlite" ? sql`unhex(${term.hex})` : sql`decode(${term.hex}, 'hex')`;
  const { rows } = await sql<{ fault: string }>`select ${asHex(kind, "fault_id")} as fault from event_seen
    where project_id in (select project_id from project) and event_id = ${bytes}`.execute(reader);
  if (rows.length === 0) return words;
  const ids = rows.map((row) => row.fault.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
  return sql`${words} union select fault_id from fault where fault_id in (${sql.join(ids)})`;
}

function idsOf(name: Condition["name"], values: readonly string[]): Sql {
  return name === "has"
    ? sql.join(values.map(has), sql` union `)
    : having(name, sql`(${sql.join(values.map(valueIs), sql` or `)})`);
}

/** Hidden from the planners, which would read all of a status and sort instead of following the order. */
const isOneOf = (column: "status" | "level" | "project_id", values: readonly string[]): Is =>
  sql`coalesce(fault.${sql.ref(column)}, '') in (${sql.join(values)})`;

/** Snoozed is muted until something: no state of its own. */
const SNOOZED = sql<boolean>`(coalesce(fault.status, '') = 'muted' and coalesce(fault.snoozed_until, fault.snoozed_count) is not null)`;
function stateIs(values: readonly string[]): Is {
  const statuses = values.filter((value) => value !== "snoozed").flatMap(statusesOf);
  const parts = [
    ...(statuses.length > 0 ? [isOneOf("status", statuses)] : []),
    ...(values.includes("snoozed") ? [SNOOZED] : []),
  ];
  return sql`(${sql.join(parts, sql` or `)})`;
}

/** However it was capitalised; `*` at the end as in all values, so `*` alone is anybody. */
function assigneeIs(values: readonly string[]): Is {
  const name = sql`lower(coalesce(fault.assignee, ''))`;
  const parts = values.map((value) => {
    const small = value.toLowerCase();
    if (!small.endsWith("*")) return sql`${name} = ${small}`;
    const beginning = small.slice(0, -1);
    return sql`(${name} <> '' and substr(${name}, 1, ${[...beginning].length}) = ${beginning})`;
  });
  return sql`(${sql.join(parts, sql` or `)})`;
}

const STATUSES = ["open", "resolved", "regressed", "muted"] as const;
const statusesOf = (value: string): readonly string[] =>
  value === "active" ? ["open", "regressed"] : value === "all" ? STATUSES : [value];

const having = (name: string, value: Is): Sql =>
  sql`select facet.fault_id from fault_facet facet where facet.name = ${name} and ${value}`;

const has = (what: string): Sql =>
  what === "assignee"
    ? sql`select assigned.fault_id from fault assigned where assigned.assignee is not null`
    : what === "question"
      ? sql`select asked.fault_id from escalation_attempts asked where asked.status = 'open' and asked.fault_id is not null`
      : having(what, sql`1 = 1`);

/** `shop@1.*`: what begins so. */
function valueIs(value: string): Is {
  if (!value.endsWith("*")) return sql`facet.value = ${value}`;
  const beginning = value.slice(0, -1);
  return sql`substr(facet.value, 1, ${[...beginning].length}) = ${beginning}`;
}

/** Of which fields a query asks, in words. */
export function searchedBy(query: Query, fields: readonly string[]): string[] {
  const keys = [...new Set(query.conditions.map(({ name, values }) => (name === "has" ? values.join() : name)))];
  return [
    ...(query.terms.length > 0 || query.isWordless ? fields : []),
    ...keys,
    ...(query.since !== null || query.before !== null ? ["times"] : []),
  ];
}
