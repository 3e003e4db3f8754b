import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Approval } from "@prunella/contract";
import { call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { approvalsQuery, projectsQuery } from "../api/queries.ts";
import { Choice } from "../parts/choice.tsx";
import { AsCommand } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { TriggersHead } from "../parts/section.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { actionWords, actorWords, targetWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";
import { ApproveDialog } from "./approve-dialog.tsx";

const WHICH = [
  ["waiting", "that still wait for their question"],
  ["all", "all, also those that are over"],
] as const;

/** What people said yes to before anybody asked, and what came of it. */
export function ApprovalsPage() {
  useTitle("Approvals");
  const [which, setWhich] = useState<"waiting" | "all">("waiting");
  const [asking, setAsking] = useState(false);
  const query = useQuery(approvalsQuery(which));
  const approvals = query.data?.approvals;
  const projects = useQuery(projectsQuery).data?.projects.map(({ id }) => id) ?? [];
  const may = useMay();
  const mine = projects.filter((project) => may("POST /v1/approvals", project) === null);
  return (
    <div className="page pb-12 pt-4">
      <TriggersHead title="Approvals" />
      <p className="mt-2 max-w-160 text-quiet">
        A yes that is said before the question: to exactly what would be done now, with all its arguments. It serves one
        question, may be taken back until then, and is over by itself.
      </p>
      <div className="mt-3 flex flex-wrap items-end justify-between gap-3">
        <div className="w-80 max-w-full">
          <Choice label="Which" value={which} options={WHICH} onChange={setWhich} />
        </div>
        <Does
          route="POST /v1/approvals"
          project={mine[0] ?? projects[0] ?? null}
          className="button max-md:min-h-11"
          onClick={() => setAsking(true)}
        >
          Approve beforehand…
        </Does>
      </div>
      {query.isError && (
        <Problem
          what="The approvals could not be fetched."
          error={query.error}
          works="They are in force all the same. The terminal shows them too: prunella approvals"
          onRetry={() => void query.refetch()}
        />
      )}
      {approvals?.length === 0 && (
        <Nothing title={which === "waiting" ? "No approval waits" : "No approval yet"}>
          Nobody said yes to anything beforehand, so each question waits for a person.
        </Nothing>
      )}
      {approvals !== undefined && approvals.length > 0 && (
        <ul aria-label="Approvals" className="mt-4 border-t border-line">
          {approvals.map((approval) => (
            <Row key={approval.id} approval={approval} />
          ))}
        </ul>
      )}
      {asking && <ApproveDialog projects={mine.length === 0 ? ["default"] : mine} onClose={() => setAsking(false)} />}
    </div>
  );
}

function Row({ approval }: { approval: Approval }) {
  const [asking, setAsking] = useState(false);
  const { action, target, args, by, project_id: project, trigger_id: trigger } = approval;
  const given = Object.entries(args);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line py-2">
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <State approval={approval} /> <strong className="font-semibold">{actionWords(action)}</strong> of{" "}
        <code>{targetWords(target)}</code>
        {given.length > 0 && (
          <>
            {" "}
            with <code>{given.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ")}</code>
          </>
        )}
        : {approval.reason}{" "}
        <span className="text-sm text-quiet">
          for {trigger ?? "whichever trigger asks"} in {project}, by {actorWords(by)}, <Ago at={approval.given_at} />,{" "}
          <Link to="/entries" search={{ from: approval.audit_log_id }} className="link whitespace-nowrap">
            entry {approval.audit_log_id}
          </Link>
        </span>
      </span>
      {approval.status === "waiting" && (
        <Does
          route="POST /v1/approvals/:id/withdraw"
          project={project}
          className="button button-small max-md:min-h-11"
          onClick={() => setAsking(true)}
        >
          Take back…
          <span className="sr-only">
            {" "}
            {action} of {target}
          </span>
        </Does>
      )}
      {asking && <TakeBack approval={approval} onClose={() => setAsking(false)} />}
    </li>
  );
}

function State({ approval }: { approval: Approval }) {
  const { status, escalation_id: question, ended_at: endedAt, ended_by: endedBy } = approval;
  if (status === "waiting")
    return (
      <span className="text-warn">
        <span aria-hidden="true">▲ </span>waits until <Exact at={approval.expires_at} />:
      </span>
    );
  return (
    <span className="text-quiet">
      <span aria-hidden="true">{status === "used" ? "✓ " : "○ "}</span>
      {STATUS[status]}
      {endedAt !== null && (
        <>
          {" "}
          <Ago at={endedAt} />
        </>
      )}
      {status === "withdrawn" && endedBy !== null && ` by ${actorWords(endedBy)}`}
      {question !== null && (
        <>
          {" "}
          for{" "}
          <Link to="/escalations/$id" params={{ id: question }} className="link">
            its question
          </Link>
        </>
      )}
      :
    </span>
  );
}

const STATUS = { used: "used", expired: "over without a question", withdrawn: "taken back" } as const;

function TakeBack({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const client = useQueryClient();
  const { id, action, target } = approval;
  const withdraw = useMutation({
    mutationFn: () => call("POST /v1/approvals/:id/withdraw", { id }),
    onSuccess: () => toast(`Taken back: ${actionWords(action)} of ${targetWords(target)} is asked about as before.`),
    // Used meanwhile: the answer says by whom and when, and the list shows it.
    onError: (error) => toast(error.message, { bad: true }),
    onSettled: () => {
      onClose();
      return client.invalidateQueries({ queryKey: ["escalations", "approvals"] });
    },
  });
  return (
    <ModalDialog title="Take this approval back?" role="alertdialog" onClose={onClose}>
      <p className="mt-3 [overflow-wrap:anywhere]">
        {actionWords(action)} of {targetWords(target)} is then asked about as before. What it answered already stays.
      </p>
      <AsCommand words={`approvals withdraw ${id}`} route="POST /v1/approvals/:id/withdraw" input={{ id }} />
      <div className="mt-3 flex flex-wrap gap-2">
        <button
          type="button"
          className="button button-bad max-md:min-h-11"
          disabled={withdraw.isPending}
          onClick={() => withdraw.mutate()}
        >
          Take it back
        </button>
        <button type="button" autoFocus className="button max-md:min-h-11" onClick={onClose}>
          Leave it as it is
        </button>
      </div>
    </ModalDialog>
  );
}
