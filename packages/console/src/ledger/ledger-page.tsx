import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { LedgerSearch } from "../router.tsx";
import { foundEntriesQuery, ledgerQuery } from "../api/queries.ts";
import { Nothing, Problem } from "../parts/problem.tsx";
import { plural } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { Check } from "./check.tsx";
import { Entry } from "./entry.tsx";
import { Filter } from "./filter.tsx";

const PAGE = 50;

/** Entries by index, newest page first, some of them on request, and two ways to check the whole of it. */
export function LedgerPage() {
  useTitle("Ledger");
  const search = useSearch({ from: "/shell/entries" });
  const { from, type, actor, fault } = search;
  const isFiltered = [type, actor, fault].some((each) => each !== undefined);
  const head = useQuery(ledgerQuery(0, 1));
  const size = head.data?.size ?? 0;
  const start = Math.min(from ?? Math.max(0, size - PAGE), Math.max(0, size - 1));
  const page = useQuery({ ...ledgerQuery(start, PAGE), enabled: head.data !== undefined && !isFiltered });
  const found = useQuery({
    ...foundEntriesQuery({ type, actor, fault }, search.before, PAGE),
    enabled: isFiltered,
  });
  const query = isFiltered ? found : page;
  const failed = head.isError ? head : query.isError ? query : null;
  const entries = query.data?.entries.toReversed() ?? [];
  const title = (
    <>
      <h1 className="text-lg font-semibold">Ledger</h1>
      <p className="mt-1 text-quiet">
        Every intent is written here before it happens, every outcome after it. Nothing is ever changed or removed.
      </p>
    </>
  );
  // What stands below the head would move when that comes.
  if (head.isPending) return <div className="page pb-12 pt-4">{title}</div>;
  return (
    <div className="page pb-12 pt-4">
      {title}
      {head.data !== undefined && <Check head={head.data} />}
      {failed !== null && (
        <Problem
          what="The ledger could not be fetched."
          error={failed.error}
          works="It is still written. The terminal checks it too: prunella ledger verify."
          onRetry={() => void failed.refetch()}
        />
      )}
      <Filter search={search} />
      <nav
        aria-label="Pages of the ledger"
        className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line pb-2 text-sm"
      >
        <span className="mr-auto text-quiet">
          {query.data === undefined || entries.length === 0
            ? ""
            : isFiltered
              ? `${plural(entries.length, "entry", "entries")} that fit, newest first`
              : `Entries ${start} to ${start + entries.length - 1} of ${plural(size, "entry", "entries")}`}
        </span>
        {isFiltered ? (
          <span className="grid grid-cols-2 gap-2 max-sm:w-full">
            <PageLink show={search.before !== undefined} search={{ type, actor, fault }}>
              Newest
            </PageLink>
            <PageLink show={entries.length === PAGE} search={{ type, actor, fault, before: entries.at(-1)?.index }}>
              Older
            </PageLink>
          </span>
        ) : (
          <span className={`grid grid-cols-4 gap-2 max-sm:w-full ${size <= PAGE ? "hidden" : ""}`}>
            <PageLink show={start + PAGE < size} search={{}}>
              Newest
            </PageLink>
            <PageLink show={start + PAGE < size} search={{ from: start + PAGE }}>
              Newer
            </PageLink>
            <PageLink show={start > 0} search={{ from: Math.max(0, start - PAGE) }}>
              Older
            </PageLink>
            <PageLink show={start > 0} search={{ from: 0 }}>
              Oldest
            </PageLink>
          </span>
        )}
      </nav>
      {isFiltered && found.data?.entries.length === 0 && (
        <Nothing title="No entry fits">
          A type, an actor and a fault are compared exactly; each entry offers its own to look for.
        </Nothing>
      )}
      <ol reversed start={entries[0]?.index ?? 0}>
        {entries.map((entry) => (
          <Entry key={entry.index} {...entry} />
        ))}
      </ol>
    </div>
  );
}

function PageLink({ show, search, children }: { show: boolean; search: LedgerSearch; children: ReactNode }) {
  // An end keeps its place, so that the others do not move under the pointer, and is plainly no button.
  if (!show)
    return <span className="button button-small border-dashed border-line font-normal text-quiet">{children}</span>;
  return (
    <Link to="/entries" search={search} resetScroll={false} className="button button-small">
      {children}
    </Link>
  );
}
