import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ApiFailure } from "../api/client.ts";
import { storyQuery } from "../api/queries.ts";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Exact, shortSpan } from "../parts/time.tsx";
import { UntrustedBlock, Untrusted } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { factsOf, lookOf, momentOf, saysOf, SEAM_WORDS, textOf, type Told } from "./story-words.ts";

/** One story from its beginning: all rows that one id joins. */
export function StoryPage() {
  const { session } = useParams({ from: "/shell/timeline/$session" });
  useTitle(`Story ${session}`);
  const query = useQuery(storyQuery(session));
  const isUnknown = query.error instanceof ApiFailure && query.error.status === 404;
  const rows = query.data?.events ?? [];
  const began = rows[0] === undefined ? null : momentOf(rows[0].row);
  return (
    <div className="page pb-12 pt-4">
      <p className="text-sm">
        <Link to="/timeline" className="link">
          Timeline
        </Link>
      </p>
      <h1 className="text-lg font-semibold [overflow-wrap:anywhere]">
        Story <code>{session}</code>
      </h1>
      {isUnknown && (
        <Nothing title="There is no such story">
          It is named by a session, or by an attempt or question that stands in one. Rows age as the project says.
        </Nothing>
      )}
      {query.isError && !isUnknown && (
        <Problem
          what="The story could not be fetched."
          error={query.error}
          works="Its attempts still stand with their fault, and in the ledger."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && (
        <>
          <p className="mt-1 text-quiet">
            {plural(rows.length, "row")}
            {began !== null && (
              <>
                , begun <Exact at={began} />
              </>
            )}
            {query.data.sessions.length > 1 &&
              `, of ${query.data.sessions.length} sessions: ${query.data.sessions.join(", ")}`}
          </p>
          <ol aria-label="What happened, from the beginning" className="mt-4">
            {rows.map((told) => (
              <Step key={told.id} told={told} began={began} />
            ))}
          </ol>
        </>
      )}
    </div>
  );
}

function Step({ told: { row, about, project_id: project }, began }: { told: Told; began: number | null }) {
  const { shape, tone } = lookOf(row);
  const [at, text, facts] = [momentOf(row), textOf(row), factsOf(row)];
  return (
    <li className="grid gap-x-4 border-l-2 border-line pb-5 pl-4 last:pb-0 sm:grid-cols-[5rem_minmax(0,1fr)]">
      <p className="text-sm text-quiet" title={at === null ? undefined : new Date(at).toISOString()}>
        {at !== null && began !== null && (at === began ? "begin" : `+${shortSpan(at - began)}`)}
      </p>
      <div className="min-w-0">
        <h2 className="font-semibold [overflow-wrap:anywhere]">
          <span className={tone} aria-hidden="true">
            {shape}{" "}
          </span>
          {SEAM_WORDS[row.seam]}
        </h2>
        <p className="[overflow-wrap:anywhere]">
          <Untrusted text={saysOf(row)} />
        </p>
        {text !== null && text !== "" && (
          <div className="mt-1">
            <UntrustedBlock text={text} label={`What was said: ${SEAM_WORDS[row.seam]}`} />
          </div>
        )}
        {facts.length > 0 && (
          <dl className="mt-1 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 text-sm">
            {facts.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-quiet">{name}</dt>
                <dd className="[overflow-wrap:anywhere]">
                  <Untrusted text={value} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        <p className="mt-1 text-sm text-quiet [overflow-wrap:anywhere]">
          said by {row.source}, project {project}
          {about !== null && (
            <>
              , about <code>{about}</code>
            </>
          )}
        </p>
      </div>
    </li>
  );
}
