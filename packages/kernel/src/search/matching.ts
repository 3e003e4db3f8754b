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
  const { kind } = engine;
  const wanted = query.terms.filter((term) => !term.isNegated && term.hex === null);
  const found: Is[] = query.isWordless ? [sql`1 = 0`] : [];
  if (wanted.length > 0) found.push(among(havingWords(kind, wanted)));
  for (const term of query.terms.filter((one) => one.isNegated || one.hex !== null))
    found.push(turned(among(await havingTerm(engine, term)), term.isNegated));
  for (const condition of query.conditions) found.push(turned(conditionOf(condition), condition.isNegated));
  if (query.since !== null) found.push(sql`fault.last_seen >= ${toMillis(query.since, now)}`);
  if (query.before !== null) found.push(sql`fault.first_seen < ${toMillis(query.before, now)}`);
  return found;
}

const turned = (is: Is, isNegated: boolean): Is => (isNegated ? sql`not (${is})` : is);

/** The fault itself, or one that was merged into it, is among `ids`. */
const among = (ids: Sql): Is => sql`fault.fault_id in (
  select coalesce(merged.merged_into, hit.fault_id) from (${ids}) as hit
  left join fault merged on merged.fault_id = hit.fault_id and merged.merged_into is not null)`;

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

function conditionOf({ name, values }: Condition): Is {
  switch (name) {
    case "is":
      return isOneOf("status", values.flatMap(statusesOf));
    case "level":
      return isOneOf("level", values);
    case "project":
      return isOneOf("project_id", values);
    case "has":
      return sql`(${sql.join(values.map(has), sql` or `)})`;
    default:
      return among(having(name, sql`(${sql.join(values.map(valueIs), sql` or `)})`));
  }
}

/** Hidden from the planners, which would read all of a status and sort instead of following the order. */
const isOneOf = (column: "status" | "level" | "project_id", values: readonly string[]): Is =>
  sql`coalesce(fault.${sql.ref(column)}, '') in (${sql.join(values)})`;

const STATUSES = ["open", "resolved", "regressed", "muted"] as const;
const statusesOf = (value: string): readonly string[] =>
  value === "active" ? ["open", "regressed"] : value === "all" ? STATUSES : [value];

const having = (name: string, value: Is): Sql =>
  sql`select facet.fault_id from fault_facet facet where facet.name = ${name} and ${value}`;

const has = (what: string): Is =>
  what === "question"
    ? among(
        sql`select asked.fault_id from escalation_attempts asked where asked.status = 'open' and asked.fault_id is not null`,
      )
    : among(having(what, sql`1 = 1`));

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
