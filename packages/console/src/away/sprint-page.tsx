import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { sprintMarkdown } from "@prunella/contract/sprint-markdown";
import type { Sprint } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { sprintQuery } from "../api/queries.ts";
import { quoted } from "../parts/command-words.ts";
import { AsCommand } from "../parts/command.tsx";
import { copyText } from "../parts/copy.ts";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { saveFile } from "../parts/save.ts";
import { Ago, Exact } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { actionWords, cameOfIt, actorWords, plural, refusalWords, targetWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";

/** One brief: what speaks for repairing a cause, and a way to carry it elsewhere. */
export function SprintPage() {
  const { id } = useParams({ from: "/shell/escalations/sprints/$id" });
  const query = useQuery(sprintQuery(id));
  const sprint = query.data?.sprint;
  useTitle(sprint === undefined ? "Sprint" : `Repair the cause of ${targetWords(sprint.target)}`);
  const isUnknown = query.error instanceof ApiFailure && query.error.status === 404;
  return (
    <div className="page pb-12 pt-4">
      <p className="text-sm">
        <Link to="/escalations/sprints" className="link">
          Sprints
        </Link>
      </p>
      {sprint === undefined && <h1 className="sr-only">Sprint</h1>}
      {isUnknown && <Nothing title="There is no such sprint">The address may be cut short.</Nothing>}
      {query.isError && !isUnknown && (
        <Problem
          what="The sprint could not be fetched."
          error={query.error}
          works="Its evidence stands in the ledger."
          onRetry={() => void query.refetch()}
        />
      )}
      {sprint !== undefined && <Brief sprint={sprint} />}
    </div>
  );
}

const markdownOf = (sprint: Sprint): string =>
  sprintMarkdown(sprint, (at) => new Date(at).toISOString().slice(0, 19).replace("T", " "));

function Brief({ sprint }: { sprint: Sprint }) {
  const [closing, setClosing] = useState(false);
  const { brief, closed_at: closedAt } = sprint;
  const { counts } = brief;
  const file = `sprint-${sprint.id}`;
  return (
    <>
      <h1 className="text-lg font-semibold [overflow-wrap:anywhere]">
        Repair the cause of {targetWords(sprint.target)}
      </h1>
      <p className="mt-1">
        {closedAt === null ? (
          <span className="text-warn">
            <span aria-hidden="true">{"▲\u00a0"}</span>open
          </span>
        ) : (
          <>
            <span className="text-good">
              <span aria-hidden="true">{"✓\u00a0"}</span>closed
            </span>{" "}
            <Ago at={closedAt} />
            {sprint.closed_by !== null && ` by ${actorWords(sprint.closed_by)}`}:{" "}
            <Untrusted text={sprint.close_reason ?? ""} />
          </>
        )}
      </p>
      <p className="mt-1 max-w-160">
        {sprint.reason === "severity" ? (
          "It was opened at once, because of how severe it is."
        ) : (
          <>
            Since <Exact at={brief.since} /> there were {plural(counts.escalations, "question")} and{" "}
            {plural(counts.ineffective, "fix", "fixes")} that did not help, in {plural(counts.attempts, "attempt")}:
            healing it again does not repair it.
          </>
        )}
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <button
          type="button"
          className="button max-md:min-h-11"
          onClick={() => saveFile(`${file}.md`, `${markdownOf(sprint)}\n`, "text/markdown")}
        >
          Save as Markdown
        </button>
        <button
          type="button"
          className="button max-md:min-h-11"
          onClick={() => saveFile(`${file}.json`, `${JSON.stringify(sprint, null, 2)}\n`, "application/json")}
        >
          Save as JSON
        </button>
        <button
          type="button"
          className="button max-md:min-h-11"
          onClick={() =>
            void copyText(markdownOf(sprint)).then((isCopied) =>
              toast(isCopied ? "Copied as Markdown." : "This browser lets no page copy.", { bad: !isCopied }),
            )
          }
        >
          Copy as Markdown
        </button>
        {closedAt === null && (
          <Does
            route="POST /v1/sprints/:id/close"
            project={sprint.project_id}
            className="button max-md:min-h-11"
            onClick={() => setClosing(true)}
          >
            Close it…
          </Does>
        )}
      </div>
      <section aria-labelledby="tried" className="mt-6">
        <h2 id="tried" className="section-title">
          What was tried
        </h2>
        {brief.attempts.length === 0 ? (
          <p className="mt-1 text-quiet">Nothing.</p>
        ) : (
          <ol className="mt-1 border-t border-line">
            {brief.attempts.map((one) => (
              <Evidence key={one.id} at={one.at} entry={one.audit_log_id}>
                {actionWords(one.action)}: {cameOfIt(one)}
              </Evidence>
            ))}
          </ol>
        )}
      </section>
      <section aria-labelledby="asked" className="mt-6">
        <h2 id="asked" className="section-title">
          What people were asked
        </h2>
        {brief.escalations.length === 0 ? (
          <p className="mt-1 text-quiet">Nothing.</p>
        ) : (
          <ol className="mt-1 border-t border-line">
            {brief.escalations.map((one) => (
              <Evidence key={one.id} at={one.at} entry={one.audit_log_id}>
                <Link to="/escalations/$id" params={{ id: one.id }} className="link">
                  {refusalWords(one.reason)}
                </Link>
              </Evidence>
            ))}
          </ol>
        )}
      </section>
      <section aria-labelledby="suspects" className="mt-6">
        <h2 id="suspects" className="section-title">
          Releases that it may have come with
        </h2>
        {brief.suspects.length === 0 ? (
          <p className="mt-1 text-quiet">None is known.</p>
        ) : (
          <ul className="mt-1 border-t border-line">
            {brief.suspects.map(({ release, why }) => (
              <li key={release} className="border-b border-line py-1.5 [overflow-wrap:anywhere]">
                <Untrusted text={release} /> <span className="text-quiet">{why}</span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <p className="mt-6 text-sm text-quiet [overflow-wrap:anywhere]">
        Opened <Exact at={sprint.opened_at} />, project {sprint.project_id}
        {sprint.trigger_id !== null && (
          <>
            , trigger <code>{sprint.trigger_id}</code>
          </>
        )}
        ,{" "}
        <Link to="/entries" search={{ from: sprint.audit_log_id }} className="link whitespace-nowrap">
          entry {sprint.audit_log_id}
        </Link>
        {sprint.fault_id !== null && (
          <>
            ,{" "}
            <Link to="/faults/$id" params={{ id: sprint.fault_id }} className="link">
              its fault
            </Link>
          </>
        )}
        .
      </p>
      {closing && <Close sprint={sprint} onClose={() => setClosing(false)} />}
    </>
  );
}

function Evidence({ at, entry, children }: { at: number; entry: number; children: React.ReactNode }) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 border-b border-line py-1.5">
      <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
      <span className="text-sm text-quiet">
        <Exact at={at} /> ·{" "}
        <Link to="/entries" search={{ from: entry }} className="link whitespace-nowrap">
          entry {entry}
        </Link>
      </span>
    </li>
  );
}

function Close({ sprint, onClose }: { sprint: Sprint; onClose: () => void }) {
  const inputOf = (reason: string) => ({ id: sprint.id, reason });
  return (
    <ReasonDialog
      title="Close this sprint"
      label="What became of it"
      verb="Close it"
      failed="It was not closed."
      act={(reason) => call("POST /v1/sprints/:id/close", inputOf(reason))}
      onDone={() => toast("Closed. If the same comes back so often again, another is opened.")}
      stale="escalations"
      asCommand={(reason) => (
        <AsCommand
          words={`sprints close ${sprint.id} --reason ${quoted(reason)}`}
          route="POST /v1/sprints/:id/close"
          input={inputOf(reason)}
        />
      )}
      onClose={onClose}
    />
  );
}
