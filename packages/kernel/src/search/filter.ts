import { PrunellaError, type FaultFilter } from "@prunella/contract";
import { momentOf, type Moment } from "./moment.ts";
import { parseQuery, type Condition, type Query, type QueryProblem } from "./query.ts";

type Given = Omit<FaultFilter, "status" | "sort">;

const FIELDS = ["project", "level", "environment", "release", "source", "target"] as const;

/**
 * The search of a list: what is typed, and what is chosen beside it. Throws for what it does not understand.
 * `me`: what whoever asks is called; null for who has no name, and is looked after as "me" by that word.
 */
export function askedBy(given: Given, me: string | null = null): Query {
  const { query, problems } = parseQuery(given.q ?? "");
  const [problem] = problems;
  if (problem) throw new PrunellaError("PRUNELLA_QUERY_INVALID", wordsFor(problem));
  const chosen = FIELDS.flatMap((name): Condition[] => {
    const value = given[name];
    return value === undefined ? [] : [{ name, values: [value], isNegated: false }];
  });
  return {
    ...query,
    conditions: [...query.conditions, ...chosen].map((each) => (me === null ? each : withName(each, me))),
    since: chosenMoment("since", given.since) ?? query.since,
    before: chosenMoment("before", given.before) ?? query.before,
  };
}

/** `assignee:me` is the same view for everybody, and shows each their own. */
const withName = (condition: Condition, me: string): Condition =>
  condition.name === "assignee"
    ? { ...condition, values: condition.values.map((value) => (isMe(value) ? me : value)) }
    : condition;

const isMe = (text: string): boolean => text.trim().toLowerCase() === "me";

function chosenMoment(name: string, text: string | undefined): Moment | null {
  if (text === undefined) return null;
  const moment = momentOf(text);
  if (moment === null)
    throw new PrunellaError("PRUNELLA_QUERY_INVALID", {
      detail: `${name} takes a time such as 24h, 7d, 2026-11-01 or 2026-11-01T08:00Z.`,
    });
  return moment;
}

/** What a person typed is theirs and may be said back to them, shortened. */
function wordsFor({ at, text, says, nearest }: QueryProblem): { detail: string; hint?: string } {
  const shown = text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text;
  const detail = `At character ${at + 1}, “${shown}”: ${says}`;
  return nearest === null ? { detail } : { detail, hint: `Did you mean ${nearest} ?` };
}
