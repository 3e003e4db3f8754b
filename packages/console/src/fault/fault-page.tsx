import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import type { Escalation, EventSample, FaultDetail } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { explainQuery, faultQuery, sampleQuery } from "../api/queries.ts";
import { Question } from "../escalations/decide.tsx";
import { matterWords } from "../escalations/matter.ts";
import { Neighbours } from "../inbox/neighbours.tsx";
import { Does } from "../parts/does.tsx";
import { Icon } from "../parts/icon.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Status } from "../parts/status.tsx";
import { Exact, exact, span, useNow, useZone } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { useKeys } from "../shell/keys.ts";
import { useTitle } from "../shell/shell.tsx";
import { useTriageActions } from "../triage/actions.tsx";
import { isSnoozed, Standing } from "../triage/standing.tsx";
import { useTriage } from "../triage/use-triage.ts";
import { Around } from "./around.tsx";
import { Facts } from "./facts.tsx";
import { FaultMenu } from "./fault-menu.tsx";
import { CopyMenu } from "./copy-menu.tsx";
import { Grouping } from "./grouping.tsx";
import { Healing } from "./healing.tsx";
import { History } from "./history.tsx";
import { MergedInto } from "./merged.tsx";
import { Stack } from "./stack.tsx";
import { Trend } from "./trend.tsx";

const Promotion = lazy(() => import("./promotion.tsx").then((module) => ({ default: module.Promotion })));

export function FaultPage() {
  const { id } = useParams({ from: "/shell/faults/$id" });
  const query = useQuery(faultQuery(id));
  // Fetched beside the fault and shown with it: what comes later would push the stack down.
  const explain = useQuery(explainQuery(id));
  const waiting = explain.isPending && explain.failureCount === 0;
  const asked = useQuestion(query.data?.escalations ?? []);
  useTitle(asked === undefined ? (query.data?.fault.title.slice(0, 80) ?? "Fault") : matterWords(asked));
  const router = useRouter();
  const navigate = useNavigate();
  // A shortened id finds its fault too; the address then takes the whole one, which notices speak of.
  const whole = query.data?.fault.id;
  useEffect(() => {
    if (whole !== undefined && whole !== id) {
      void navigate({ to: "/faults/$id", params: { id: whole }, search: (search) => search, replace: true });
    }
  }, [whole, id, navigate]);
  const back = () => (router.history.canGoBack() ? router.history.back() : void navigate({ to: "/" }));
  useKeys([{ keys: "u", title: "Back to the list", run: back }]);

  if (query.data !== undefined && !waiting) {
    return (
      <>
        {query.isError && (
          <Problem
            what="This fault could not be fetched again."
            error={query.error}
            works="What you see is the last picture."
            onRetry={() => void query.refetch()}
          />
        )}
        <Loaded detail={query.data} onBack={back} />
      </>
    );
  }
  if (query.isError) {
    const missing = query.error instanceof ApiFailure && query.error.status === 404;
    return (
      <div className="page pt-4">
        <h1 className="sr-only">Fault</h1>
        {missing ? (
          <Nothing title="There is no such fault">
            The address may be cut short.{" "}
            <Link to="/" className="link">
              To the Inbox
            </Link>
          </Nothing>
        ) : (
          <Problem
            what="This fault could not be fetched."
            error={query.error}
            works="The Inbox keeps its last picture."
            onRetry={() => void query.refetch()}
          />
        )}
      </div>
    );
  }
  return <h1 className="sr-only">Fault</h1>;
}

/** A decision of this long ago is followed here; older ones stand with the escalations. */
const FRESH_MS = 3_600_000;

function useQuestion(newestFirst: readonly Escalation[]): Escalation | undefined {
  const now = Math.max(useNow(), Date.now());
  return (
    newestFirst.find(({ status }) => status === "open") ??
    newestFirst.find(({ decided_at: at }) => at !== null && now - at < FRESH_MS)
  );
}

function Loaded({ detail, onBack }: { detail: FaultDetail; onBack: () => void }) {
  const { fault } = detail;
  const question = useQuestion(detail.escalations);
  // What is asked is the title then; the failure behind it comes second.
  const Title = question === undefined ? "h1" : "h2";
  const { say } = useTriage();
  const { resolve, resolveNext, mute, ask, dialog } = useTriageActions(
    () => [fault],
    (triage, faults) => void say(triage, faults),
  );
  const settled = fault.status === "resolved" || fault.status === "muted";
  const shown = useShownSample(detail);
  return (
    <div className="page pb-16">
      <div className="flex flex-wrap items-center justify-between gap-2 pt-3">
        <button type="button" className="button button-plain button-small -ml-2" onClick={onBack}>
          <Icon name="back" size={14} /> Back
        </button>
        <Neighbours id={fault.id} />
      </div>
      {question !== undefined && (
        <Question
          key={question.id}
          escalation={question}
          answer={detail.attempts.find(({ because }) => because.id === question.id) ?? null}
          level="h1"
        />
      )}
      <header className={`border-b border-line pb-4 ${question === undefined ? "pt-1" : "mt-4 border-t pt-4"}`}>
        <Title className="max-h-60 overflow-y-auto border-l-2 border-line pl-3 text-lg/snug font-semibold [overflow-wrap:anywhere]">
          <Untrusted text={fault.title} />
        </Title>
        {fault.culprit !== "" && (
          <p className="mt-1 border-l-2 border-line pl-3 text-sm text-quiet [overflow-wrap:anywhere]">
            in <Untrusted text={fault.culprit} />
          </p>
        )}
        <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
          <Status status={fault.status} isSnoozed={isSnoozed(fault)} />
          <span className="fault-actions flex flex-wrap gap-2 max-sm:grid max-sm:w-full max-sm:grid-cols-4">
            <Press project={fault.project_id} letter="e" isPrimary={!settled} onPress={resolve}>
              {fault.status === "resolved" ? "Reopen" : "Resolve"}
            </Press>
            <Press project={fault.project_id} letter="m" onPress={mute}>
              {fault.status === "muted" ? "Unmute" : "Mute"}
            </Press>
            <Press project={fault.project_id} letter="s" onPress={() => ask("snooze")}>
              Snooze…
            </Press>
            <Press project={fault.project_id} letter="a" onPress={() => ask("assign")}>
              {fault.assignee === null ? (
                "Assign…"
              ) : (
                <>
                  <span className="sr-only">Assigned to</span>
                  <span aria-hidden="true">@</span>
                  <bdi className="max-w-40 truncate">{fault.assignee}</bdi>
                </>
              )}
            </Press>
            <Press project={fault.project_id} letter="n" onPress={() => ask("note")}>
              Note…
            </Press>
            <CopyMenu detail={detail} sample={shown.sample} />
            <FaultMenu detail={detail} onResolveNext={resolveNext} />
          </span>
        </div>
        <p className="mt-2 text-sm text-quiet empty:hidden">
          <Standing fault={fault} />
        </p>
        {dialog}
        {fault.merged_into !== null && <MergedInto fault={fault} into={fault.merged_into} />}
      </header>
      <div className="lg:grid lg:grid-cols-[minmax(0,1fr)_260px] lg:gap-10">
        <div className="min-w-0 space-y-8 pt-5">
          <Healing detail={detail} />
          <History detail={detail} />
          <Stacked detail={detail} shown={shown} />
          <Suspense>
            <Promotion id={fault.id} />
          </Suspense>
          <Trend detail={detail} />
          <section aria-labelledby="grouping">
            <h2 id="grouping" className="section-title mb-1">
              Why these events are one fault
            </h2>
            <Grouping detail={detail} />
          </section>
          {shown.sample !== null && <Around sample={shown.sample} />}
        </div>
        <aside aria-label="Facts" className="min-w-0 pt-5 max-lg:mt-4">
          <h2 className="section-title">Facts</h2>
          <Facts detail={detail} />
        </aside>
      </div>
    </div>
  );
}

function Press({
  project,
  letter,
  isPrimary = false,
  onPress,
  children,
}: {
  project: string;
  letter: string;
  isPrimary?: boolean;
  onPress: () => void;
  children: ReactNode;
}) {
  return (
    <Does
      route="POST /v1/faults/triage"
      project={project}
      className={`button button-small ${isPrimary ? "button-primary" : ""}`}
      onClick={onPress}
    >
      {children}
      <kbd aria-hidden="true" className="opacity-75 max-md:hidden">
        {letter}
      </kbd>
    </Does>
  );
}

type ShownSample = { chosen: string | undefined; sample: EventSample | null; failed: boolean };

/** The kept body that is looked at: the newest, or the one that the address names. */
function useShownSample(detail: FaultDetail): ShownSample {
  const { event } = useSearch({ from: "/shell/faults/$id" });
  const chosen = event ?? detail.latest?.event_id;
  const own = chosen === undefined || chosen === detail.latest?.event_id;
  const query = useQuery({ ...sampleQuery(detail.fault.id, chosen ?? ""), enabled: !own });
  return { chosen, sample: own ? detail.latest : (query.data ?? detail.latest), failed: query.isError };
}

function Stacked({ detail, shown: { chosen, sample, failed } }: { detail: FaultDetail; shown: ShownSample }) {
  const navigate = useNavigate({ from: "/faults/$id" });
  const zone = useZone();
  return (
    <section aria-labelledby="stack">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 id="stack" className="section-title">
          Stack, newest call first
        </h2>
        {detail.samples.length > 1 && (
          <label className="flex items-center gap-2 text-sm">
            <span className="text-quiet">Event</span>
            <select
              className="field py-0.5"
              value={chosen ?? ""}
              onChange={({ target }) =>
                void navigate({
                  search: (before) => ({
                    ...before,
                    event: target.value === detail.latest?.event_id ? undefined : target.value,
                  }),
                  replace: true,
                  resetScroll: false,
                })
              }
            >
              {detail.samples.map(({ event_id, received_at }) => (
                <option key={event_id} value={event_id}>
                  {exact(received_at, zone)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <div className="mt-2">
        {sample !== null && <SenderClock sample={sample} />}
        {failed && <p className="mb-2 text-sm text-bad">That event could not be fetched; the newest is shown.</p>}
        {sample === null ? (
          <p className="text-quiet">The bodies of these events are pruned by now; the counts remain.</p>
        ) : (
          <Stack event={sample.event} />
        )}
      </div>
    </section>
  );
}

/** All that is counted goes by our clock; a sender's own is worth a word where it says something else. */
function SenderClock({ sample: { event, received_at } }: { sample: EventSample }) {
  const off = received_at - event.at;
  if (Math.abs(off) <= SAME_MS) return null;
  return (
    <p className="mb-2 text-sm text-quiet">
      Sent <Exact at={event.at} /> by the sender’s clock, {span(Math.abs(off))} off: it came in{" "}
      <Exact at={received_at} />, and counts from then.
    </p>
  );
}

/** What a queue or a network may hold back without a word about it. */
const SAME_MS = 60_000;
