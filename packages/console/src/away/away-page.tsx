import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { AwayItem } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { awayQuery, projectsQuery } from "../api/queries.ts";
import { AsCommand } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { ProjectChoice } from "../parts/project-choice.tsx";
import { EscalationsHead } from "../parts/section.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { actionWords, plural, refusalWords, targetWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";

const DAY_MS = 86_400_000;
const SPANS = [
  [undefined, "last review", null],
  ["1d", "1 d", DAY_MS],
  ["7d", "7 d", 7 * DAY_MS],
  ["30d", "30 d", 30 * DAY_MS],
] as const;

/** Whole minutes, so that a look at the page again is the same question. */
const MINUTE_MS = 60_000;

/** What was tried, exhausted and not solved while nobody looked; nothing that went well stands here. */
export function AwayPage() {
  useTitle("Away");
  const { for: chosen, project: wanted } = useSearch({ from: "/shell/escalations/away" });
  const project = useProject(wanted);
  const navigate = useNavigate({ from: "/escalations/away" });
  const [opened] = useState(() => Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  const back = SPANS.find(([name]) => name === chosen)?.[2] ?? null;
  const since = back === null ? undefined : opened - back;
  const query = useQuery(awayQuery(since, project));
  const [asking, setAsking] = useState(false);
  const page = query.data;
  return (
    <div className="page pb-12 pt-4">
      <EscalationsHead title="Away" />
      <div className="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div role="group" aria-label="Since when" className="flex">
          {SPANS.map(([name, words]) => (
            <Link
              key={words}
              to="/escalations/away"
              search={{ for: name, project }}
              activeOptions={{ exact: true, includeSearch: true }}
              className="choice inline-flex items-center whitespace-nowrap max-md:min-h-11 aria-[current]:border-accent aria-[current]:bg-accent-wash aria-[current]:text-accent"
            >
              {words}
            </Link>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <ProjectChoice
            project={project}
            onChoose={(of) => void navigate({ search: (before) => ({ ...before, project: of }) })}
          />
          {page !== undefined && (
            <Does
              route="POST /v1/away/reviewed"
              project={project ?? null}
              className="button max-md:min-h-11"
              onClick={() => setAsking(true)}
            >
              All reviewed…
            </Does>
          )}
        </div>
      </div>
      {query.isError && (
        <Problem
          what="What was left could not be fetched."
          error={query.error}
          works="Open questions stand in Escalations; the terminal shows it too: prunella away."
          onRetry={() => void query.refetch()}
        />
      )}
      {page !== undefined && (
        <>
          <p className="mt-3 text-sm text-quiet">
            Since <Exact at={page.since} />.{" "}
            {page.reviewed_at === null ? (
              "Nobody has said yet that all is reviewed."
            ) : (
              <>
                Reviewed last <Ago at={page.reviewed_at} />.
              </>
            )}
          </p>
          {page.items.length === 0 ? (
            <Nothing title="Nothing was left unsolved">
              Here stands what was tried, is used up and did not help: a question that nobody answered. What went well
              stands in the Timeline and in the Ledger.
            </Nothing>
          ) : (
            <ul aria-label={plural(page.items.length, "thing") + " not solved"} className="mt-2 border-t border-line">
              {page.items.map((item) => (
                <Item key={item.escalation_id} item={item} />
              ))}
            </ul>
          )}
          {asking && (
            <Review
              count={page.items.length}
              since={since}
              back={chosen}
              project={project}
              onClose={() => setAsking(false)}
            />
          )}
        </>
      )}
    </div>
  );
}

/** Whoever may act in one project alone, and sees no other, means that one. */
function useProject(wanted: string | undefined): string | undefined {
  const [first, ...others] = useQuery(projectsQuery).data?.projects ?? [];
  const isOfAll = useMay()("POST /v1/away/reviewed", null) === null;
  return wanted ?? (isOfAll || others.length > 0 ? undefined : first?.id);
}

function Item({ item }: { item: AwayItem }) {
  return (
    <li className="grid gap-x-6 gap-y-0.5 border-b border-line py-2 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p>
          <Link to="/escalations/$id" params={{ id: item.escalation_id }} className="link font-semibold">
            {targetWords(item.target)}
          </Link>{" "}
          <span className={item.status === "open" ? "text-bad" : "text-quiet"}>
            <span aria-hidden="true">{item.status === "open" ? "▲ " : "○ "}</span>
            {item.status === "open" ? "waits for an answer" : "nobody answered in time"}
          </span>
        </p>
        <p className="text-sm">
          {actionWords(item.action)} tried {item.tried === 1 ? "once" : plural(item.tried, "time")}, then:{" "}
          {refusalWords(item.reason)}. {item.failures_since > 0 && `${plural(item.failures_since, "failure")} since.`}
        </p>
        {item.fault_title !== null && (
          <p className="text-sm text-quiet">
            {item.fault_id === null ? (
              <Untrusted text={item.fault_title} />
            ) : (
              <>
                <Link to="/faults/$id" params={{ id: item.fault_id }} className="link">
                  its fault
                </Link>{" "}
                <Untrusted text={item.fault_title} />
              </>
            )}
          </p>
        )}
      </div>
      <p className="text-sm text-quiet sm:text-right">
        {item.project_id} · <Ago at={item.opened_at} /> ·{" "}
        <Link to="/entries" search={{ from: item.audit_log_id }} className="link whitespace-nowrap">
          entry {item.audit_log_id}
        </Link>
      </p>
    </li>
  );
}

function Review({
  count,
  since,
  back,
  project,
  onClose,
}: {
  count: number;
  since: number | undefined;
  /** `since` as the command says it; undefined: since the last review. */
  back: string | undefined;
  /** Of that one alone; undefined: of all. */
  project: string | undefined;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const input = { ...(since === undefined ? {} : { since }), ...(project === undefined ? {} : { project }) };
  const review = useMutation({
    mutationFn: () => call("POST /v1/away/reviewed", input),
    onSuccess: () => {
      toast("Recorded: all of it is reviewed.");
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["escalations", "away"] }),
  });
  return (
    <ModalDialog title="Have you seen all of it?" role="alertdialog" onClose={onClose}>
      <p className="mt-3">
        The ledger records that you reviewed {count === 0 ? "that nothing was left" : `all ${plural(count, "thing")}`}.
        It closes nothing: what waits for an answer goes on waiting in Escalations.
      </p>
      <div role="alert" className="mt-2">
        {review.error !== null && (
          <p className="text-bad">
            It was not recorded. {review.error instanceof ApiFailure ? review.error.message : ""}
          </p>
        )}
      </div>
      <AsCommand
        words={`away${since === undefined ? "" : ` --since ${back}`}${project === undefined ? "" : ` --project ${project}`} --reviewed`}
        route="POST /v1/away/reviewed"
        input={input}
      />
      <div className="mt-3 flex flex-wrap gap-2">
        <button
          type="button"
          className="button button-primary max-md:min-h-11"
          disabled={review.isPending}
          onClick={() => review.mutate()}
        >
          All reviewed
        </button>
        <button type="button" autoFocus className="button max-md:min-h-11" onClick={onClose}>
          Not yet
        </button>
      </div>
    </ModalDialog>
  );
}
