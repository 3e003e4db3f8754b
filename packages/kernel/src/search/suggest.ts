import type { Suggestion, Suggestions } from "@prunella/contract";
import { sql, type RawBuilder } from "kysely";
import type { Engine } from "../store/engine.ts";
import { aliasOf, HAS_VALUES, isPlainKey, KEYS, nearest, PLAIN_KEYS } from "./keys.ts";
import { tokensOf, written } from "./tokens.ts";

type Db = Engine["reader"];
/** Of these projects alone; null: of all. */
type Within = readonly string[] | null;
const ofProjects = (within: Within) => (within === null ? sql`` : sql`and project_id in (${sql.join(within)})`);

export interface Asked {
  readonly q: string;
  readonly project?: string | undefined;
  readonly limit: number;
}

/** Values that are looked through for one suggestion: enough for the common ones, and never all of a long history. */
const MOST_READ = 20_000;
const SPANS = ["1h", "24h", "7d", "30d"] as const;

/** What may go on where a search ends: keys at the beginning of a word, values that exist after a colon. */
export async function suggest(
  db: Db,
  { q, project, limit }: Asked,
  sees: readonly string[] | null = null,
  me: string | null = null,
): Promise<Suggestions> {
  // What may be seen at all; of one project, where one is named.
  const within = project === undefined ? sees : [project];
  const last = tokensOf(q).at(-1);
  const token = last !== undefined && last.end === q.length && !/\s$/.test(q) ? last : undefined;
  const from = token === undefined ? q.length : token.at + (token.isNegated ? 1 : 0);
  const typed = q.slice(from);
  const colon = typed.indexOf(":");
  const key = colon > 0 && !typed.startsWith('"') ? typed.slice(0, colon) : null;
  const suggestions =
    token?.isQuoted === true && key === null
      ? []
      : key === null
        ? await keys(db, typed, within, limit)
        : await values(db, key, typed.slice(colon + 1).replaceAll('"', ""), { within, limit, me });
  return { from, suggestions: suggestions.slice(0, limit) };
}

async function keys(db: Db, typed: string, within: Within, limit: number): Promise<Suggestion[]> {
  const small = typed.toLowerCase();
  const begun = PLAIN_KEYS.filter((key) => key.startsWith(small));
  const tags =
    "tag.".startsWith(small) || small.startsWith("tag.") ? await tagKeys(db, typed.slice(4), within, limit) : [];
  const meant = begun.length === 0 && tags.length === 0 && typed.length > 2 ? nearest(small, PLAIN_KEYS, 1) : null;
  return [
    ...[...begun, ...(meant === null ? [] : [meant])]
      .filter(isPlainKey)
      .map((key) => ({ text: `${key}:`, says: KEYS[key].says, faults: null })),
    ...tags.map((name) => ({ text: `${name}:`, says: "a tag", faults: null })),
  ];
}

async function tagKeys(db: Db, beginning: string, within: Within, limit: number): Promise<string[]> {
  const prefix = `tag.${beginning}`;
  const { rows } = await sql<{ name: string }>`select distinct name from (
    select name from fault_facet where name >= 'tag.' and name < 'tag/' ${ofProjects(within)} and ${beginsWith(sql`name`, prefix)} limit ${MOST_READ}) as tags
    order by name limit ${limit}`.execute(db);
  return rows.map((row) => row.name);
}

interface For {
  readonly within: Within;
  readonly limit: number;
  readonly me: string | null;
}

async function values(db: Db, typedKey: string, typed: string, { within, limit, me }: For): Promise<Suggestion[]> {
  const small = typedKey.toLowerCase();
  const key = isPlainKey(small) ? small : aliasOf(small);
  // After a comma another value begins; those before it stay as they are.
  const comma = typed.lastIndexOf(",");
  const [before, beginning] = [typed.slice(0, comma + 1), typed.slice(comma + 1)];
  const asText = (value: string, faults: number | null): Suggestion => ({
    text: before === "" ? written(typedKey, value) : `${typedKey}:${before}${value}`,
    says: "",
    faults,
  });
  const fixed = (all: readonly string[]) =>
    all.filter((value) => value.startsWith(beginning.toLowerCase())).map((value) => asText(value, null));
  if (key === "has")
    return [
      ...fixed(HAS_VALUES),
      ...(await tagKeys(db, beginning.slice(4), within, limit))
        .filter((name) => name.startsWith(beginning))
        .map((name) => asText(name, null)),
    ];
  if (key === "since" || key === "before") return fixed(SPANS);
  if (key === "project")
    return fixed((await projects(db)).filter((id) => id.startsWith(beginning) && within?.includes(id) !== false));
  const known = key === null ? null : KEYS[key].values;
  if (known !== null) return fixed(known);
  if (key === "assignee")
    return [
      ...(me === null ? [] : fixed(["me"])),
      ...(await assignees(db, beginning, within, limit)).map(({ value, faults }) => asText(value, faults)),
    ];
  const tag = /^tags?\.(.+)$/is.exec(typedKey)?.[1];
  if (key === null && tag === undefined) return [];
  const seen = await seenValues(db, key ?? `tag.${tag ?? ""}`, beginning, within, limit);
  // One that needs quotes cannot stand in a list.
  return seen
    .filter(({ value }) => before === "" || !/[\s",]/.test(value))
    .map(({ value, faults }) => asText(value, faults));
}

async function projects(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("project").select("project_id").orderBy("project_id").execute();
  return rows.map((row) => row.project_id);
}

/** Whom faults were given to, those with the most first. */
async function assignees(db: Db, beginning: string, within: Within, limit: number) {
  const { rows } = await sql<{ value: string; faults: number }>`select assignee as value, count(*) as faults from fault
    where assignee is not null and merged_into is null ${ofProjects(within)} and ${beginsWith(sql`assignee`, beginning)}
    group by assignee order by faults desc, value limit ${limit}`.execute(db);
  return rows.map(({ value, faults }) => ({ value, faults: Number(faults) }));
}

/** The values of a facet, those of the most faults first. */
export async function seenValues(
  db: Db,
  name: string,
  beginning: string,
  within: Within,
  limit: number,
): Promise<{ value: string; faults: number }[]> {
  const { rows } = await sql<{ value: string; faults: number }>`select value, count(*) as faults from (
    select value from fault_facet where name = ${name} ${ofProjects(within)} and ${beginsWith(sql`value`, beginning)} limit ${MOST_READ}) as seen
    group by value order by faults desc, value limit ${limit}`.execute(db);
  return rows.map(({ value, faults }) => ({ value, faults: Number(faults) }));
}

const beginsWith = (column: RawBuilder<unknown>, beginning: string): RawBuilder<boolean> =>
  beginning === "" ? sql`1 = 1` : sql`lower(substr(${column}, 1, ${[...beginning].length})) = lower(${beginning})`;
