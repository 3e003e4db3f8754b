import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Filing } from "@prunella/contract/plugins";
import { filingsQuery } from "../api/queries.ts";
import { Out } from "../parts/out.tsx";
import { Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";

/** What was filed at the host, and what is about to be, the newest first. */
export function Filings() {
  const query = useQuery(filingsQuery);
  const filings = query.data?.filings ?? [];
  return (
    <section aria-labelledby="issues" className="min-w-0">
      <h2 id="issues" className="section-title">
        Issues
      </h2>
      {query.isError && (
        <Problem
          what="The issues could not be fetched."
          error={query.error}
          works="They are filed all the same."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && filings.length === 0 && (
        <p className="mt-1 text-quiet">None yet. A plugin that is trusted with forge:issue:write files them.</p>
      )}
      {filings.length > 0 && (
        <ul className="mt-1 border-t border-line">
          {filings.map((filing) => (
            <li
              key={filing.filing_id}
              className="flex flex-wrap items-center justify-between gap-x-4 border-b border-line py-2"
            >
              <span className="min-w-0 [overflow-wrap:anywhere]">
                <Issue filing={filing} /> {filing.title !== null && <Untrusted text={filing.title} />}{" "}
                {filing.fault_id !== null && (
                  <Link
                    to="/faults/$id"
                    params={{ id: filing.fault_id }}
                    className="link inline-flex items-center text-sm max-md:min-h-11"
                  >
                    its fault
                  </Link>
                )}
              </span>
              <span className="text-sm text-quiet [overflow-wrap:anywhere]">
                <State filing={filing} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Issue({ filing: { place, number, url } }: { filing: Filing }) {
  const name = <Untrusted text={number === null ? place : `${place}#${number}`} />;
  return url === null ? name : <Out href={url}>{name}</Out>;
}

function State({ filing: { filed_at: at, first_at: since, waits, refused } }: { filing: Filing }) {
  if (at !== null)
    return (
      <>
        filed <Ago at={at} />
      </>
    );
  if (refused !== null)
    return (
      <>
        <span className="text-warn">▲</span> the host will not have it: <Untrusted text={refused} />
      </>
    );
  return (
    <>
      {waits ? "waits for the host, wanted " : "nobody knows yet whether it is there, wanted "}
      <Ago at={since} />
    </>
  );
}
