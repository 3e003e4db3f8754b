import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { LedgerPage as Page, LedgerReport } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { ledgerQuery, verifyLedger } from "../api/queries.ts";
import { useSpoken } from "../parts/command.tsx";
import { Problem } from "../parts/problem.tsx";
import { Exact } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { entryFacts } from "./entry-words.ts";

const PAGE = 50;

/** Entries by index, newest page first, and the server's own check of the whole ledger. */
export function LedgerPage() {
  useTitle("Ledger");
  const { from } = useSearch({ from: "/shell/entries" });
  const head = useQuery(ledgerQuery(0, 1));
  const size = head.data?.size ?? 0;
  const start = Math.min(from ?? Math.max(0, size - PAGE), Math.max(0, size - 1));
  const query = useQuery({ ...ledgerQuery(start, PAGE), enabled: head.data !== undefined });
  const failed = head.isError ? head : query.isError ? query : null;
  const entries = query.data?.entries.toReversed() ?? [];
  return (
    <div className="page pb-12 pt-4">
      <h1 className="text-lg font-semibold">Ledger</h1>
      <p className="mt-1 text-quiet">
        Every intent is written here before it happens, every outcome after it. Nothing is ever changed or removed.
      </p>
      {head.data !== undefined && <Verify head={head.data} />}
      {failed !== null && (
        <Problem
          what="The ledger could not be fetched."
          error={failed.error}
          works="It is still written. The terminal checks it too: prunella ledger verify."
          onRetry={() => void failed.refetch()}
        />
      )}
      <nav
        aria-label="Pages of the ledger"
        className="mt-6 flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line pb-2 text-sm"
      >
        <span className="mr-auto text-quiet">
          {query.data === undefined || entries.length === 0
            ? ""
            : `Entries ${start} to ${start + entries.length - 1} of ${plural(size, "entry", "entries")}`}
        </span>
        <span className={`grid grid-cols-4 gap-2 max-sm:w-full ${size <= PAGE ? "hidden" : ""}`}>
          <PageLink show={start + PAGE < size} from={undefined}>
            Newest
          </PageLink>
          <PageLink show={start + PAGE < size} from={start + PAGE}>
            Newer
          </PageLink>
          <PageLink show={start > 0} from={Math.max(0, start - PAGE)}>
            Older
          </PageLink>
          <PageLink show={start > 0} from={0}>
            Oldest
          </PageLink>
        </span>
      </nav>
      <ol reversed start={entries[0]?.index ?? 0}>
        {entries.map((entry) => (
          <Entry key={entry.index} {...entry} />
        ))}
      </ol>
    </div>
  );
}

function PageLink({ show, from, children }: { show: boolean; from: number | undefined; children: ReactNode }) {
  // An end keeps its place, so that the others do not move under the pointer, and is plainly no button.
  if (!show)
    return <span className="button button-small border-dashed border-line font-normal text-quiet">{children}</span>;
  return (
    <Link to="/entries" search={{ from }} resetScroll={false} className="button button-small">
      {children}
    </Link>
  );
}

function Entry({ index, leaf_hash: leafHash, entry }: Page["entries"][number]) {
  const { at, type, words, fault, escalation } = entryFacts(entry);
  return (
    <li className="border-b border-line">
      <details className="group">
        <summary className="grid items-baseline grid-cols-[3.5rem_minmax(0,1fr)] gap-x-3 md:gap-x-4 py-1.5 -outline-offset-2 hover:bg-sunk md:grid-cols-[4rem_minmax(0,1fr)_auto]">
          <span className="text-right text-quiet">{index}</span>
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {type.replaceAll("_", " ")} <span className="text-sm text-quiet">{words}</span>
          </span>
          <span className="text-sm text-quiet max-md:col-start-2">{at !== null && <Exact at={at} />}</span>
        </summary>
        <div className="space-y-2 pb-3 md:pl-20">
          <pre
            className="frame overflow-x-auto whitespace-pre-wrap px-3 py-2"
            tabIndex={0}
            role="region"
            aria-label={`Entry ${index}`}
          >
            {JSON.stringify(entry, null, 2)}
          </pre>
          <p className="text-sm text-quiet [overflow-wrap:anywhere]">
            Leaf hash <code>{leafHash}</code>
          </p>
          <p className="flex gap-4 text-sm empty:hidden">
            {fault !== null && (
              <Link to="/faults/$id" params={{ id: fault }} className="link">
                Its fault
              </Link>
            )}
            {escalation !== null && (
              <Link to="/escalations/$id" params={{ id: escalation }} className="link">
                Its escalation
              </Link>
            )}
          </p>
        </div>
      </details>
    </li>
  );
}

function Verify({ head }: { head: Page }) {
  const [startedAt, setStartedAt] = useState<number | null>(null);
  const check = useMutation({ mutationFn: verifyLedger, onMutate: () => setStartedAt(Date.now()) });
  return (
    <section aria-label="Check the ledger" className="mt-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <button type="button" className="button" disabled={check.isPending} onClick={() => check.mutate()}>
          {check.isPending ? "Checking" : "Verify"}
        </button>
        <p className="min-w-0 text-sm text-quiet [overflow-wrap:anywhere]">
          {plural(head.size, "entry", "entries")}, root <code>{head.root}</code>
        </p>
      </div>
      <div role="status" className="mt-2 min-h-6">
        {check.isPending && "The server reads every entry and every tile again."}
        {check.data !== undefined && !check.isPending && <Report report={check.data} at={startedAt} />}
        {check.error !== null && (
          <p className="text-bad">
            The check could not be run. {check.error instanceof ApiFailure ? check.error.message : ""}
          </p>
        )}
      </div>
    </section>
  );
}

function Report({ report, at }: { report: LedgerReport; at: number | null }) {
  const say = useSpoken();
  const checked = `${plural(report.checked_entries, "entry", "entries")} and ${plural(report.checked_tiles, "tile")} checked`;
  if (report.ok) {
    return (
      <p>
        <span className="text-good">✓ The ledger verifies.</span> {checked}
        {at !== null && (
          <>
            {" "}
            at <Exact at={at} />
          </>
        )}
        . The server checked itself; <code>{say("prunella ledger verify")}</code> does the same from outside.
      </p>
    );
  }
  return (
    <div>
      <p className="font-semibold text-bad">✕ The ledger does not verify. {checked}.</p>
      <ul className="mt-1 list-disc pl-5">
        {report.problems.map((problem, index) => (
          <li key={index} className="[overflow-wrap:anywhere]">
            {problem.index === null ? "" : `entry ${problem.index}: `}
            {problem.what}
          </li>
        ))}
      </ul>
      <p className="mt-1">
        Stop the server, keep the data folder as it is, and compare with a copy of an earlier checkpoint.
      </p>
    </div>
  );
}
