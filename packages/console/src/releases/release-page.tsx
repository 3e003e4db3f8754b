import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useId } from "react";
import type { FaultRow } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { releaseQuery } from "../api/queries.ts";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Sparkline } from "../parts/sparkline.tsx";
import { Status } from "../parts/status.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural, shortCount } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { isSnoozed } from "../triage/standing.tsx";
import { ReleaseFacts } from "./releases-page.tsx";

/** One release: faults that were first seen in it, and resolved ones that it brought back. */
export function ReleasePage() {
  const { project, version } = useParams({ from: "/shell/releases/$project/$version" });
  const query = useQuery(releaseQuery(project, version));
  useTitle(`Release ${version}`);
  const detail = query.data;
  const isMissing = query.error instanceof ApiFailure && query.error.status === 404;
  return (
    <div className="page pb-12 pt-4">
      <p className="text-sm">
        <Link to="/releases" className="link">
          Releases
        </Link>
      </p>
      <h1 className="mt-2 text-lg font-semibold [overflow-wrap:anywhere]">
        Release <Untrusted text={version} />
      </h1>
      {query.isError &&
        (isMissing ? (
          <Nothing title="There is no such release">No event named it, or it was long ago.</Nothing>
        ) : (
          <Problem
            what="This release could not be fetched."
            error={query.error}
            works="Faults still say in which releases they were seen."
            onRetry={() => void query.refetch()}
          />
        ))}
      {detail !== undefined && (
        <>
          <p className="mt-1 text-quiet">
            <ReleaseFacts release={detail.release} />
          </p>
          {detail.before !== null && (
            <p className="text-quiet [overflow-wrap:anywhere]">
              The one before it is <Untrusted text={detail.before} /> ·{" "}
              <Link to="/releases/$project/$version" params={{ project, version: detail.before }} className="link">
                open it
              </Link>
            </p>
          )}
          <Faults
            title="Came back with it"
            none="No resolved fault came back with it."
            faults={detail.regressed_faults}
            of={detail.release.regressed_faults}
          />
          <Faults
            title="First seen in it"
            none="No fault was first seen in it."
            faults={detail.new_faults}
            of={detail.release.new_faults}
          />
        </>
      )}
    </div>
  );
}

function Faults({ title, none, faults, of }: { title: string; none: string; faults: FaultRow[]; of: number }) {
  const headingId = useId();
  return (
    <section aria-labelledby={headingId} className="mt-6">
      <h2 id={headingId} className="section-title">
        {title}
      </h2>
      {faults.length === 0 ? (
        <p className="mt-1 text-quiet">{none}</p>
      ) : (
        <ul className="mt-1 border-t border-line">
          {faults.map((fault) => (
            <li
              key={fault.id}
              className="relative -mx-2 flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-2 py-2 hover:bg-sunk md:grid md:grid-cols-[88px_minmax(0,1fr)_96px_64px_84px]"
            >
              <Link
                to="/faults/$id"
                params={{ id: fault.id }}
                aria-labelledby={`title-${fault.id}`}
                className="absolute inset-0 -outline-offset-2"
              />
              <Status status={fault.status} isSnoozed={isSnoozed(fault)} />
              <span
                id={`title-${fault.id}`}
                className="min-w-0 text-sm max-md:order-first max-md:w-full max-md:[overflow-wrap:anywhere] md:truncate"
                title={fault.title}
              >
                <Untrusted text={fault.title} />
              </span>
              <Sparkline
                values={fault.sparkline}
                label={`${plural(
                  fault.sparkline.reduce((sum, value) => sum + value, 0),
                  "event",
                )} in the last 24 hours`}
              />
              <span className="text-right text-sm" title={plural(fault.count, "event")}>
                {shortCount(fault.count)}
                <span className="sr-only"> events</span>
              </span>
              <span className="text-right text-sm text-quiet max-md:ml-auto">
                <Ago at={fault.last_seen} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {of > faults.length && <p className="mt-1 text-sm text-quiet">{plural(of - faults.length, "more", "more")}</p>}
    </section>
  );
}
