import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { Project } from "@prunella/contract";
import { suggestionsQuery } from "../api/queries.ts";
import type { InboxSearch } from "../router.tsx";
import { NAMES, SORT_WORDS, SINCE_WORDS, type Key } from "./filter-words.ts";
import { Views } from "./views.tsx";

const LEVELS = ["fatal", "error", "warning", "info", "debug"];
/** Values of one facet in a list; the rest is found by typing. */
const MOST_VALUES = 50;

/** Everything that can be chosen, and the searches that have a name. */
export function FilterPanel({ search, projects }: { search: InboxSearch; projects: Project[] }) {
  const environments = useValues("environment", search.project);
  const releases = useValues("release", search.project);
  const targets = useValues("target", search.project);
  const sources = useValues("source", search.project);
  const plain = (values: readonly string[]) => values.map((value): [string, string] => [value, value]);
  return (
    <section id="filters" aria-label="Filters" className="mt-3 max-h-[60vh] overflow-y-auto border-t border-line py-3">
      <div className="grid grid-cols-1 gap-x-6 gap-y-3 sm:grid-cols-2 lg:grid-cols-4">
        <Choice search={search} name="sort" none="last seen" options={Object.entries(SORT_WORDS).slice(1)} />
        <Choice search={search} name="since" none="at any time" options={Object.entries(SINCE_WORDS)} />
        <Choice search={search} name="project" none="all" options={plain(projects.map(({ id }) => id))} />
        <Choice search={search} name="level" none="all" options={plain(LEVELS)} />
        <Choice search={search} name="environment" none="all" options={plain(environments)} />
        <Choice search={search} name="release" none="all" options={plain(releases)} />
        <Choice search={search} name="source" none="all" options={plain(sources)} />
        <Choice search={search} name="target" none="all" options={plain(targets)} />
      </div>
      <Views search={search} />
      {Object.values(search).some((value) => value !== undefined) && (
        <p className="mt-3 text-sm">
          <Link to="/" search={{}} className="link">
            Take everything off
          </Link>
        </p>
      )}
    </section>
  );
}

/** Values that faults were seen with, those of the most faults first. */
function useValues(key: string, project: string | undefined): string[] {
  const { data } = useQuery(suggestionsQuery(`${key}:`, project, MOST_VALUES));
  return (data?.suggestions ?? []).map(({ text }) => valueOf(text.slice(key.length + 1)));
}

/** A value as it is, without the quotes that a search needs around it. */
const valueOf = (typed: string): string =>
  typed.startsWith('"') ? typed.slice(1, -1).replaceAll(/\\(["\\])/g, "$1") : typed;

type ChoiceProps = {
  search: InboxSearch;
  name: Key;
  /** What it means when nothing is chosen. */
  none: string;
  options: readonly (readonly [value: string, words: string])[];
};

function Choice({ search, name, none, options }: ChoiceProps) {
  const navigate = useNavigate({ from: "/" });
  const value = search[name] ?? "";
  const isListed = value === "" || options.some(([option]) => option === value);
  return (
    <label className="flex min-w-0 items-center gap-2 text-sm">
      <span className="w-24 shrink-0 text-quiet">{NAMES[name]}</span>
      <select
        className="field w-full min-w-0 py-0.5"
        value={value}
        onChange={({ target }) =>
          void navigate({ search: (prev) => ({ ...prev, [name]: target.value === "" ? undefined : target.value }) })
        }
      >
        <option value="">{none}</option>
        {!isListed && <option value={value}>{value}</option>}
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
