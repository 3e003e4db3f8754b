import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { DmStatus } from "@prunella/contract";
import { timelineQuery } from "../api/queries.ts";
import { useSpoken } from "../parts/command.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { useTitle } from "../shell/shell.tsx";
import { lookOf, momentOf, saysOf, SEAM_WORDS, STATUS_WORDS, textOf, type Told } from "./story-words.ts";

const STATUSES = [
  "sent",
  "failed_send",
  "engine_unavailable_fallback",
  "engine_unavailable_failed_send",
] as const satisfies readonly DmStatus[];

/** What was heard, tried, found and told, newest first; each row leads to its whole story. */
export function TimelinePage() {
  useTitle("Timeline");
  const { status } = useSearch({ from: "/shell/timeline" });
  const navigate = useNavigate({ from: "/timeline" });
  const query = useInfiniteQuery(timelineQuery(status));
  const say = useSpoken();
  const rows = query.data?.pages.flatMap((page) => page.events);
  return (
    <div className="page pb-12 pt-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line pb-2">
        <h1 className="text-lg font-semibold">Timeline</h1>
        <label className="flex min-w-0 max-w-full items-center gap-2 text-sm">
          <span className="text-quiet">Show</span>
          <select
            className="field min-w-0"
            value={status ?? ""}
            onChange={({ target }) =>
              void navigate({ search: { status: STATUSES.find((each) => each === target.value) } })
            }
          >
            <option value="">everything</option>
            {STATUSES.map((each) => (
              <option key={each} value={each}>
                investigations: {STATUS_WORDS[each]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {query.isError && (
        <Problem
          what="The timeline could not be fetched."
          error={query.error}
          works="It is written all the same; the terminal shows it too: prunella timeline."
          onRetry={() => void query.refetch()}
        />
      )}
      {rows?.length === 0 &&
        (status === undefined ? (
          <Nothing title="Nothing was heard, tried or told yet">
            A story begins when a probe finds a failure, or when somebody asks for a fix inside an envelope:{" "}
            <code>{say("prunella autofix --help")}</code>
          </Nothing>
        ) : (
          <Nothing title="No investigation ended like this">Of all the others there is “everything”.</Nothing>
        ))}
      {rows !== undefined && rows.length > 0 && (
        <ol aria-label="What happened, newest first">
          {rows.map((told) => (
            <Row key={told.id} told={told} />
          ))}
        </ol>
      )}
      {query.hasNextPage && (
        <button
          type="button"
          className="button mt-3"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show older
        </button>
      )}
    </div>
  );
}

function Row({ told: { row, project_id: project } }: { told: Told }) {
  const { shape, tone } = lookOf(row);
  const [at, text] = [momentOf(row), textOf(row)];
  return (
    <li className="grid gap-x-6 gap-y-0.5 border-b border-line py-2 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p>
          <span className={tone} aria-hidden="true">
            {shape}{" "}
          </span>
          <Link to="/timeline/$session" params={{ session: row.caller_session_id }} className="link font-semibold">
            {SEAM_WORDS[row.seam]}
          </Link>{" "}
          <Untrusted text={saysOf(row)} />
        </p>
        {text !== null && (
          <p
            className="line-clamp-2 text-sm text-quiet"
            title={text.length > 200 ? "Its story has all of it." : undefined}
          >
            <Untrusted text={text} />
          </p>
        )}
      </div>
      <p className="text-sm text-quiet sm:text-right">
        {project} · {at !== null && <Ago at={at} />}
      </p>
    </li>
  );
}
