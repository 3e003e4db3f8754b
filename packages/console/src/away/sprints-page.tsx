import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { Sprint } from "@prunella/contract";
import { sprintsQuery } from "../api/queries.ts";
import { Nothing, Problem } from "../parts/problem.tsx";
import { EscalationsHead } from "../parts/section.tsx";
import { Ago } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural, targetWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";

/** Causes that are to be repaired, because what heals their faults does not last. */
export function SprintsPage() {
  useTitle("Sprints");
  const { status } = useSearch({ from: "/shell/escalations/sprints" });
  const query = useQuery(sprintsQuery(status ?? "open"));
  const sprints = query.data?.sprints;
  return (
    <div className="page pb-12 pt-4">
      <EscalationsHead title="Corrective sprints" />
      <div role="group" aria-label="Which sprints" className="mt-3 flex">
        {([undefined, "all"] as const).map((each) => (
          <Link
            key={each ?? "open"}
            to="/escalations/sprints"
            search={{ status: each }}
            activeOptions={{ exact: true, includeSearch: true }}
            className="choice inline-flex items-center max-md:min-h-11 aria-[current]:border-accent aria-[current]:bg-accent-wash aria-[current]:text-accent"
          >
            {each === undefined ? "open" : "all"}
          </Link>
        ))}
      </div>
      {query.isError && (
        <Problem
          what="The sprints could not be fetched."
          error={query.error}
          works="They stand in the ledger, and in the terminal: prunella sprints list."
          onRetry={() => void query.refetch()}
        />
      )}
      {sprints?.length === 0 && (
        <Nothing title={status === "all" ? "No cause was ever to be repaired" : "No cause is to be repaired"}>
          When one fault leads to a person, or a fix of it does not last, three times in a week, one brief is opened
          here with all its evidence. <code>sprints:</code> in <code>prunella.yaml</code> says how often that is.
        </Nothing>
      )}
      {sprints !== undefined && sprints.length > 0 && (
        <ul aria-label="Sprints, newest first" className="mt-3 border-t border-line">
          {sprints.map((sprint) => (
            <Row key={sprint.id} sprint={sprint} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ sprint }: { sprint: Sprint }) {
  const { counts } = sprint.brief;
  return (
    <li className="grid gap-x-6 gap-y-0.5 border-b border-line py-2 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p>
          <span aria-hidden="true" className={sprint.closed_at === null ? "text-warn" : "text-good"}>
            {sprint.closed_at === null ? "▲ " : "✓ "}
          </span>
          <Link to="/escalations/sprints/$id" params={{ id: sprint.id }} className="link font-semibold">
            Repair the cause of {targetWords(sprint.target)}
          </Link>{" "}
          <span className="text-quiet">{sprint.closed_at === null ? "open" : "closed"}</span>
        </p>
        <p className="text-sm">
          {sprint.reason === "severity"
            ? "Once was enough, because of how severe it is."
            : `${plural(counts.escalations, "question")} and ${plural(counts.ineffective, "fix", "fixes")} that did not help, in ${plural(counts.attempts, "attempt")}.`}
        </p>
        {sprint.fault_title !== null && (
          <p className="text-sm text-quiet">
            <Untrusted text={sprint.fault_title} />
          </p>
        )}
      </div>
      <p className="text-sm text-quiet sm:text-right">
        {sprint.project_id} · opened <Ago at={sprint.opened_at} /> ·{" "}
        <Link to="/entries" search={{ from: sprint.audit_log_id }} className="link whitespace-nowrap">
          entry {sprint.audit_log_id}
        </Link>
      </p>
    </li>
  );
}
