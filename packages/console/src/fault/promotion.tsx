import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { CrashStanding, FaultPromotion, InputOf, Operations } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { promotionQuery } from "../api/queries.ts";
import { Does } from "../parts/does.tsx";
import { Line } from "../parts/line.tsx";
import { Out } from "../parts/out.tsx";
import { Ago } from "../parts/time.tsx";
import { refusalWords } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";

const SendDialog = lazy(() => import("./send-dialog.tsx").then((module) => ({ default: module.SendDialog })));
const FixDialog = lazy(() => import("./send-dialog.tsx").then((module) => ({ default: module.FixDialog })));

const ROUTE = "POST /v1/crash/promote";
export type Promoting = InputOf<Operations["promote_fault"]>;

const STATUS: Readonly<Record<CrashStanding["status"], string>> = {
  new: "New: nobody has looked at it yet",
  confirmed: "Confirmed: enough tell of it, or a person does",
  promoted: "Public",
  fixed: "Fixed: the release that mends it stayed quiet",
};

/** Says something about a triaged fault, and what came of it. */
export function usePromote(onDone: () => void = () => undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Promoting) => call(ROUTE, input),
    onSuccess({ verdict, refusal, detail }) {
      const isBad = verdict === "refused" || verdict === "failed";
      const why = refusal === null ? (detail ?? "") : refusalWords(refusal);
      const words = {
        done: "Done.",
        pending: "It is under way.",
        refused: `The gate refused it: ${why}`,
        failed: `It came to nothing. ${why}`,
      };
      toast(words[verdict], { bad: isBad });
      if (!isBad) onDone();
    },
    onSettled: (_done, _error, { id }) =>
      Promise.all(["fault", "explain"].map((key) => client.invalidateQueries({ queryKey: [key, id] }))),
  });
}

/** Where a triaged fault is filed, how far it has come, and what a person can say about it. */
export function Promotion({ id }: { id: string }) {
  const { data } = useQuery(promotionQuery(id));
  return data?.standing ? <Triaged promotion={data} standing={data.standing} /> : null;
}

function Triaged({ promotion, standing }: { promotion: FaultPromotion; standing: CrashStanding }) {
  const [open, setOpen] = useState<"file" | "promote" | "fixed" | null>(null);
  const promote = usePromote();
  const { fault_id: id, project_id: project } = promotion;
  const isRefused = standing.refused_at !== null;
  const close = () => setOpen(null);
  const say = (input: Omit<Promoting, "id">) => promote.mutate({ id, ...input });
  const press = (label: string, run: () => void, more = "") => (
    <Does
      route={ROUTE}
      project={project}
      className={`button max-md:min-h-11 ${more}`}
      disabled={promote.isPending}
      onClick={run}
    >
      {label}
    </Does>
  );
  return (
    <section aria-labelledby="issues">
      <h2 id="issues" className="section-title">
        Its issues
      </h2>
      <dl className="mt-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1 [overflow-wrap:anywhere]">
        <Line term="Status">
          {STATUS[standing.status]}
          {standing.is_reproduced && ", seen again by a person"}
        </Line>
        <Line term="Private">
          <Issue issue={standing.private_issue} none="Not filed yet" />
        </Line>
        <Line term="Public">
          {isRefused ? (
            <>
              Kept private by a person <Ago at={standing.refused_at ?? 0} />
            </>
          ) : (
            <Issue issue={standing.public_issue} none="No" />
          )}
        </Line>
        {standing.fix !== null && (
          <Line term="Mended by">
            {standing.fix.release}
            {standing.fix.pull !== null && (
              <>
                {" "}
                · <Out href={standing.fix.pull}>pull request</Out>
              </>
            )}
          </Line>
        )}
        {standing.trouble !== null && (
          <Line term="Trouble">
            <span className="text-warn">▲ {standing.trouble}</span>
            {standing.retry_at !== null && (
              <>
                {" "}
                · tried again <Ago at={standing.retry_at} />
              </>
            )}
          </Line>
        )}
      </dl>
      <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
        {promotion.private_draft !== null && press("File it privately…", () => setOpen("file"))}
        {promotion.public_draft !== null && !isRefused && press("Make it public…", () => setOpen("promote"))}
        {standing.public_issue === null &&
          (isRefused || !standing.is_reproduced) &&
          press(isRefused ? "It may become public" : "It was seen again", () => say({ do: "confirm" }))}
        {standing.public_issue === null && !isRefused && press("Keep it private", () => say({ do: "refuse" }))}
        {standing.status === "promoted" && press("A release mends it…", () => setOpen("fixed"))}
      </div>
      <div role="alert">
        {promote.error !== null && (
          <p className="mt-2 text-bad">
            Nothing was done.{" "}
            {promote.error instanceof ApiFailure ? `${promote.error.message} ${promote.error.hint ?? ""}` : ""}
          </p>
        )}
      </div>
      <Suspense>
        {open === "file" && promotion.private_draft !== null && (
          <SendDialog id={id} project={project} does="file" draft={promotion.private_draft} onClose={close} />
        )}
        {open === "promote" && promotion.public_draft !== null && (
          <SendDialog id={id} project={project} does="promote" draft={promotion.public_draft} onClose={close} />
        )}
        {open === "fixed" && <FixDialog id={id} project={project} onClose={close} />}
      </Suspense>
    </section>
  );
}

function Issue({ issue, none }: { issue: CrashStanding["private_issue"]; none: string }) {
  if (issue === null) return none;
  const name = `${issue.place}#${issue.number}`;
  return issue.url === null ? name : <Out href={issue.url}>{name}</Out>;
}
