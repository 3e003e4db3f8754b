import { Link } from "@tanstack/react-router";
import { lazy, type RefObject, Suspense, useState } from "react";
import type { FaultPage, Project } from "@prunella/contract";
import { grouped } from "../parts/words.ts";
import type { InboxSearch, StatusFilter } from "../router.tsx";
import { chosenFilters } from "./filter-words.ts";
import { SearchBox } from "./search-box.tsx";

/** Opened by a few, and then by a press. */
const FilterPanel = lazy(() => import("./filter-panel.tsx").then((module) => ({ default: module.FilterPanel })));

const TABS: { status: StatusFilter | undefined; title: string }[] = [
  { status: undefined, title: "Active" },
  { status: "regressed", title: "Regressed" },
  { status: "resolved", title: "Resolved" },
  { status: "muted", title: "Muted" },
  { status: "all", title: "All" },
];

type Props = {
  search: InboxSearch;
  counts: FaultPage["counts"] | undefined;
  projects: Project[];
  searchBox: RefObject<HTMLInputElement | null>;
  /** What could not be understood, and what was probably meant. */
  problem: { message: string; hint: string | null } | null;
};

/** Search and filters. All of them live in the address. */
export function Filters({ search, counts, projects, searchBox, problem }: Props) {
  const [open, setOpen] = useState(false);
  const chosen = chosenFilters(search);
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SearchBox
          value={search.q ?? ""}
          project={search.project}
          searchBox={searchBox}
          problemId={problem === null ? undefined : "search-problem"}
        />
        <button
          type="button"
          className="button button-small"
          aria-expanded={open}
          aria-controls={open ? "filters" : undefined}
          onClick={() => setOpen(!open)}
        >
          Filters{chosen.length > 0 ? ` (${chosen.length})` : ""}
        </button>
        <nav aria-label="State" className="-mx-1 flex max-md:w-full max-md:overflow-x-auto max-md:py-1 md:flex-wrap">
          {TABS.map(({ status, title }) => (
            <Link
              key={title}
              to="/"
              search={{ ...search, status }}
              activeOptions={{ exact: true, includeSearch: true }}
              className="whitespace-nowrap rounded-md px-2 py-1 text-sm text-quiet hover:bg-sunk max-md:px-1.5 max-[360px]:px-1 hover:text-ink aria-[current]:bg-accent-wash aria-[current]:font-semibold aria-[current]:text-accent"
            >
              {title}
              {counts !== undefined && (
                <span className="ml-1.5 font-normal max-md:ml-1">{grouped(countOf(counts, status))}</span>
              )}
            </Link>
          ))}
        </nav>
        {chosen.length > 0 && !open && (
          <ul aria-label="Chosen filters" className="flex flex-wrap gap-2">
            {chosen.map(({ key, words }) => (
              <li key={key}>
                <Link
                  to="/"
                  search={{ ...search, [key]: undefined }}
                  className="inline-flex items-center gap-1.5 rounded-md border border-line px-2 py-0.5 text-sm hover:border-edge"
                >
                  {words}
                  <span aria-hidden="true" className="text-quiet">
                    ✕
                  </span>
                  <span className="sr-only">: take it off</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
      {problem !== null && (
        <p id="search-problem" role="alert" className="mt-2 text-sm">
          <span className="text-bad">✕</span> {problem.message} {problem.hint}
        </p>
      )}
      {open && (
        <Suspense>
          <FilterPanel search={search} projects={projects} />
        </Suspense>
      )}
    </div>
  );
}

function countOf(counts: FaultPage["counts"], status: StatusFilter | undefined): number {
  switch (status) {
    case undefined:
    case "active":
      return counts.open + counts.regressed;
    case "all":
      return counts.open + counts.regressed + counts.resolved + counts.muted;
    default:
      return counts[status];
  }
}
