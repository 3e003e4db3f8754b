import { useNavigate } from "@tanstack/react-router";
import { Link } from "@tanstack/react-router";
import { type RefObject, useEffect, useState } from "react";
import type { FaultPage, Project } from "@prunella/contract";
import { Icon } from "../parts/icon.tsx";
import type { InboxSearch, StatusFilter } from "../router.tsx";

const TYPING_MS = 250;
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
};

/** Search and filters. All of them live in the address. */
export function Filters({ search, counts, projects, searchBox }: Props) {
  const navigate = useNavigate({ from: "/" });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <SearchBox key={search.q === undefined ? "empty" : "filled"} value={search.q ?? ""} searchBox={searchBox} />
      <nav aria-label="State" className="-mx-1 flex max-md:w-full max-md:overflow-x-auto max-md:py-1 md:flex-wrap">
        {TABS.map(({ status, title }) => (
          <Link
            key={title}
            to="/"
            search={{ ...search, status }}
            activeOptions={{ exact: true, includeSearch: true }}
            className="whitespace-nowrap rounded-md px-2 py-1 text-sm text-quiet hover:bg-sunk hover:text-ink aria-[current]:bg-accent-wash aria-[current]:font-semibold aria-[current]:text-accent"
          >
            {title}
            {counts !== undefined && (
              <span className="ml-1.5 font-normal">{countOf(counts, status).toLocaleString("en")}</span>
            )}
          </Link>
        ))}
      </nav>
      {(projects.length > 1 || search.project !== undefined) && (
        <label className="flex items-center gap-2 text-sm">
          <span className="text-quiet">Project</span>
          <select
            className="field py-0.5"
            value={search.project ?? ""}
            onChange={(event) =>
              void navigate({
                search: (prev) => ({ ...prev, project: event.target.value === "" ? undefined : event.target.value }),
              })
            }
          >
            <option value="">all</option>
            {projects.map((project) => (
              <option key={project.id} value={project.id}>
                {project.id}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function SearchBox({ value, searchBox }: { value: string; searchBox: RefObject<HTMLInputElement | null> }) {
  const navigate = useNavigate({ from: "/" });
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => {
      // One search is one step back, however many letters it took.
      void navigate({
        search: (prev) => ({ ...prev, q: text === "" ? undefined : text }),
        replace: value !== "" && text !== "",
      });
    }, TYPING_MS);
    return () => clearTimeout(timer);
    // Only typing starts a search.
  }, [text]);
  return (
    <div className="relative w-full sm:w-72">
      <Icon name="search" size={16} className="absolute left-2.5 top-1/2 -translate-y-1/2 text-quiet" />
      <input
        ref={searchBox}
        type="search"
        className="field w-full pl-8"
        aria-label="Search titles and functions"
        placeholder="Search titles and functions"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
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
