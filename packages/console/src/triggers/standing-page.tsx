import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Maintenance, Override, Pause, Route } from "@prunella/contract";
import { call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { maintenanceQuery, overridesQuery, pausesQuery, projectsQuery } from "../api/queries.ts";
import { Does } from "../parts/does.tsx";
import { Problem } from "../parts/problem.tsx";
import { TriggersHead } from "../parts/section.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { actorWords, plural, targetWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";
import { MaintenanceDialog } from "./maintenance-dialog.tsx";
import { LiftButton, PauseDialog } from "./pause-dialog.tsx";
import { windowWords } from "./trigger-now.ts";

/** What a person said beside the policy: stand still, allow more, somebody works there. */
export function StandingPage() {
  useTitle("Pauses and windows");
  const [asking, setAsking] = useState<"pause" | "window" | null>(null);
  const pauses = useQuery(pausesQuery);
  const overrides = useQuery(overridesQuery);
  const windows = useQuery(maintenanceQuery);
  const projects = useQuery(projectsQuery).data?.projects.map(({ id }) => id) ?? [];
  const may = useMay();
  const mine = (route: Route) => projects.filter((project) => may(route, project) === null);
  const [pausable, plannable] = [mine("POST /v1/pauses"), mine("POST /v1/maintenance")];
  const failed = [pauses, overrides, windows].find((query) => query.isError);
  return (
    <div className="page pb-12 pt-4">
      <TriggersHead title="Pauses and windows" />
      {failed !== undefined && (
        <Problem
          what="What stands could not be fetched."
          error={failed.error}
          works="It is in force all the same; the terminal shows it too: prunella pause --list."
          onRetry={() => void Promise.all([pauses.refetch(), overrides.refetch(), windows.refetch()])}
        />
      )}
      <Part
        id="pauses"
        title="Pauses"
        none="Nothing is paused: policy acts within its envelopes and budgets."
        count={pauses.data?.pauses.length}
        action={
          <Does
            route="POST /v1/pauses"
            project={pausable[0] ?? projects[0] ?? null}
            className="button max-md:min-h-11"
            onClick={() => setAsking("pause")}
          >
            Pause a project…
          </Does>
        }
      >
        {pauses.data?.pauses.map((pause) => (
          <PauseRow key={pause.id} pause={pause} />
        ))}
      </Part>
      <Part
        id="overrides"
        title="Budgets that a person widened"
        none="None is widened. “Allow more…” of a trigger does so, for so many attempts and so long."
        count={overrides.data?.overrides.length}
      >
        {overrides.data?.overrides.map((override) => (
          <OverrideRow key={override.id} override={override} />
        ))}
      </Part>
      <Part
        id="windows"
        title="Maintenance"
        none="No maintenance is planned. While a window is open policy does nothing about its targets and asks nobody."
        count={windows.data?.windows.length}
        action={
          <Does
            route="POST /v1/maintenance"
            project={plannable[0] ?? projects[0] ?? null}
            className="button max-md:min-h-11"
            onClick={() => setAsking("window")}
          >
            Plan maintenance…
          </Does>
        }
      >
        {windows.data?.windows.map((window) => (
          <WindowRow key={window.id} window={window} />
        ))}
      </Part>
      {asking === "pause" && (
        <PauseDialog
          project={pausable[0] ?? "default"}
          projects={pausable.length === 0 ? ["default"] : pausable}
          trigger={null}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "window" && (
        <MaintenanceDialog
          projects={plannable}
          mayAll={may("POST /v1/maintenance", null) === null}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

function Part({
  id,
  title,
  none,
  count,
  action,
  children,
}: {
  id: string;
  title: string;
  none: string;
  /** Not known while it is fetched. */
  count: number | undefined;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section aria-labelledby={id} className="mt-6">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id={id} className="section-title">
          {title}
        </h2>
        {action}
      </div>
      {count === 0 && <p className="mt-1 max-w-160 text-quiet">{none}</p>}
      {count !== undefined && count > 0 && (
        <ul aria-labelledby={id} className="mt-2 border-t border-line">
          {children}
        </ul>
      )}
    </section>
  );
}

function Entry({ index }: { index: number }) {
  return (
    <Link to="/entries" search={{ from: index }} className="link whitespace-nowrap">
      entry {index}
    </Link>
  );
}

const ROW = "flex flex-wrap sm:flex-nowrap items-center justify-between gap-x-4 gap-y-1 border-b border-line py-2";

function PauseRow({ pause }: { pause: Pause }) {
  return (
    <li className={ROW}>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <strong className="font-semibold">{pause.reason}</strong>{" "}
        <span className="text-sm text-quiet">
          {pause.trigger_id === null ? `all of ${pause.project_id}` : `${pause.trigger_id} in ${pause.project_id}`}, by{" "}
          {actorWords(pause.owner)}, <Ago at={pause.since} />,{" "}
          {pause.until === null ? (
            "until somebody lifts it"
          ) : (
            <>
              until <Exact at={pause.until} />
            </>
          )}
          , <Entry index={pause.audit_log_id} />
        </span>
      </span>
      <LiftButton pause={pause} />
    </li>
  );
}

function OverrideRow({ override }: { override: Override }) {
  return (
    <li className={ROW}>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <strong className="font-semibold">{override.trigger_id}</strong>: {override.taken} of{" "}
        {plural(override.extra, "more attempt")} taken{" "}
        <span className="text-sm text-quiet">
          ({override.reason}), in {override.project_id}, by {actorWords(override.by)}, over{" "}
          <Ago at={override.expires_at} />, <Entry index={override.audit_log_id} />
        </span>
      </span>
    </li>
  );
}

function WindowRow({ window }: { window: Maintenance }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => call("POST /v1/maintenance/:id/end", { id: window.id }),
    onSuccess: () => toast(`Ended: ${window.reason}. What was held back by it is judged again.`),
    onError: (error) => toast(error.message, { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers"] }),
  });
  const isOfFile = window.owner.kind === "system";
  return (
    <li className={ROW}>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <span className={window.open_until === null ? "text-quiet" : "text-warn"}>
          <span aria-hidden="true">{window.open_until === null ? "○ " : "▲ "}</span>
          {window.open_until === null ? (
            "to come"
          ) : (
            <>
              open, over <Ago at={window.open_until} />
            </>
          )}
        </span>{" "}
        <strong className="font-semibold">{window.reason}</strong>: {windowWords(window.window)}{" "}
        <span className="text-sm text-quiet">
          {window.target === null ? "all targets" : targetWords(window.target)} of {window.project_id ?? "all projects"}
          , {isOfFile ? "from prunella.yaml" : `by ${actorWords(window.owner)}`}, <Entry index={window.audit_log_id} />
        </span>
      </span>
      {!isOfFile && (
        <Does
          route="POST /v1/maintenance/:id/end"
          project={window.project_id}
          className="button button-small max-md:min-h-11"
          disabled={end.isPending}
          onClick={() => end.mutate()}
        >
          End it<span className="sr-only">: {window.reason}</span>
        </Does>
      )}
    </li>
  );
}
