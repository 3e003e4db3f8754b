import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { conditionWords } from "@prunella/contract/condition-words";
import type { KillSwitch, TriggerPage } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { triggersQuery } from "../api/queries.ts";
import { AsCommand, useSpoken } from "../parts/command.tsx";
import { AttemptList } from "../parts/attempts.tsx";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Ago, span } from "../parts/time.tsx";
import { actionWords, actorWords, plural, targetWords } from "../parts/words.ts";
import { useKillSwitch } from "../shell/kill-banner.tsx";
import { useTitle } from "../shell/shell.tsx";

type Row = TriggerPage["triggers"][number];

export function TriggersPage() {
  useTitle("Triggers");
  const query = useQuery(triggersQuery);
  const say = useSpoken();
  return (
    <div className="page pb-12 pt-4">
      <h1 className="text-lg font-semibold">Triggers</h1>
      {query.isError && (
        <Problem
          what="The triggers could not be fetched."
          error={query.error}
          works="The gate still applies every limit. The kill switch also works from the terminal: prunella kill."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && (
        <>
          <Kill state={query.data.killed} />
          {query.data.triggers.length === 0 ? (
            <Nothing title="No triggers yet">
              A trigger appears when a program opts in:{" "}
              <code>{say("prunella run --name my-service -- ./my-service")}</code>
            </Nothing>
          ) : (
            <ul>
              {query.data.triggers.map((trigger) => (
                <Trigger
                  key={`${trigger.project_id}/${trigger.id}`}
                  trigger={trigger}
                  isKilled={query.data.killed.on}
                />
              ))}
            </ul>
          )}
        </>
      )}
    </div>
  );
}

/** Stops every remedy. Two presses to turn on, two to turn off: neither may happen by a slip. */
function Kill({ state }: { state: KillSwitch }) {
  const [asking, setAsking] = useState(false);
  const turn = useKillSwitch(() => setAsking(false));
  return (
    <section aria-labelledby="kill" className={`mt-4 border-l-2 pl-4 ${state.on ? "border-bad" : "border-line"}`}>
      <h2 id="kill" className="font-semibold">
        Kill switch:{" "}
        {state.on ? (
          <span className="text-bad">
            <span aria-hidden="true">■ </span>on
          </span>
        ) : (
          "off"
        )}
      </h2>
      <p className="mt-1">
        {state.on
          ? "Nothing is healed, in no project: every remedy below is held back, whatever its own switch says."
          : "Remedies act, each within its envelope and budget."}
      </p>
      <p className="mt-1 text-sm text-quiet">
        {state.on && state.since !== null ? (
          <>
            Switched on{state.by !== null && ` by ${actorWords(state.by)}`}, <Ago at={state.since} />. Programs that run
            go on; failures are still taken in and counted.
          </>
        ) : (
          "Switched on, it holds back every remedy of every project at once. Programs that run go on; failures are still taken in and counted."
        )}
      </p>
      <div className="mt-3 flex min-h-8 flex-wrap items-center gap-2">
        {asking ? (
          <>
            <span>{state.on ? "Let remedies act again?" : "Hold back all remedies now?"}</span>
            <button
              type="button"
              autoFocus
              className={`button max-md:min-h-11 ${state.on ? "button-primary" : "button-bad"}`}
              disabled={turn.isPending}
              onClick={() => turn.mutate(!state.on)}
            >
              {state.on ? "Yes, let them act" : "Yes, stop all remedies"}
            </button>
            <button type="button" className="button button-plain max-md:min-h-11" onClick={() => setAsking(false)}>
              Cancel
            </button>
          </>
        ) : (
          <Does
            route={state.on ? "POST /v1/unkill" : "POST /v1/kill"}
            project={null}
            className={`button max-md:min-h-11 ${state.on ? "" : "button-bad"}`}
            onClick={() => setAsking(true)}
          >
            {state.on ? "Turn the kill switch off…" : "Stop all remedies…"}
          </Does>
        )}
      </div>
      {asking && (
        <AsCommand
          words={state.on ? "unkill" : "kill"}
          route={state.on ? "POST /v1/unkill" : "POST /v1/kill"}
          input={{}}
        />
      )}
      <div role="alert">
        {turn.error !== null && (
          <p className="mt-1 text-bad">
            The switch did not move. {turn.error instanceof ApiFailure ? turn.error.message : ""}
          </p>
        )}
      </div>
    </section>
  );
}

function Trigger({ trigger, isKilled }: { trigger: Row; isKilled: boolean }) {
  const { condition, remedies, debounce, budgets, ceilings, envelope, verify_ms: verifyMs } = trigger;
  return (
    <li className="mt-6 border-t border-line pt-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="font-semibold [overflow-wrap:anywhere]">{trigger.id}</h2>
        <span className="text-sm text-quiet">project {trigger.project_id}</span>
      </div>
      <p className="mt-1">
        When <span className="font-semibold">{conditionWords(condition)}</span>
        {debounce.count > 1 && ` ${debounce.count} times within ${span(debounce.window_ms)}`},{" "}
        {remedies.length === 0
          ? "it is noted, and nothing is done"
          : remedies.map(({ action }) => actionWords(action)).join(", then ")}
        {trigger.target !== null && ` of ${targetWords(trigger.target)}`}
        {remedies.length > 1 && ", then a person decides"}
        {remedies.length > 0 && `; it has held after ${span(verifyMs)} of quiet`}.
      </p>
      <div className="mt-3 grid gap-x-8 gap-y-4 sm:grid-cols-3">
        <div>
          <h3 className="section-title">Switch</h3>
          {envelope.enabled && isKilled ? (
            <p className="text-bad">■ held back by the kill switch</p>
          ) : (
            <p className={envelope.enabled ? "text-good" : "text-quiet"}>{envelope.enabled ? "✓ on" : "– off"}</p>
          )}
          <p className="text-sm text-quiet">
            {plural(envelope.targets.length, "target")}:{" "}
            <span className="[overflow-wrap:anywhere]">{envelope.targets.map(targetWords).join(", ") || "none"}</span>
          </p>
        </div>
        {budgets.map(({ scope, max, used, window_ms: windowMs }) => (
          <Gauge
            key={`${scope} ${windowMs}`}
            title={scope === "trigger" ? "Budget" : `Budget of the ${scope}`}
            used={used}
            most={max}
            words={`used in ${span(windowMs)}`}
          />
        ))}
        {ceilings.map(({ scope, max, active }) => (
          <Gauge
            key={scope}
            title={scope === "trigger" ? "Ceiling" : `Ceiling of the ${scope}`}
            used={active}
            most={max}
            words="active now"
          />
        ))}
      </div>
      {envelope.excludes.length > 0 && (
        <p className="mt-2 text-sm text-quiet">It never touches: {envelope.excludes.join("; ")}.</p>
      )}
      <p className="mt-2 text-sm text-quiet">
        {trigger.last_proven === null ? (
          "Never proven by a drill."
        ) : (
          <>
            Last proven by a drill <Ago at={trigger.last_proven.at} />
            {trigger.last_proven.version < trigger.version && ", before it was changed"}.
          </>
        )}
      </p>
      {trigger.last_attempt !== null && (
        <div className="mt-4">
          <h3 className="section-title mb-1">Last attempt</h3>
          <AttemptList attempts={[trigger.last_attempt]} label={`Last attempt of ${trigger.id}`} />
        </div>
      )}
    </li>
  );
}

function Gauge({ title, used, most, words }: { title: string; used: number; most: number; words: string }) {
  const full = used >= most;
  if (most === 0)
    return (
      <div>
        <h3 className="section-title">{title}</h3>
        <p>None: a person is asked each time.</p>
      </div>
    );
  return (
    <div>
      <h3 className="section-title">{title}</h3>
      <p>
        {used} of {most} {words} {full && <span className="text-warn">▲ full</span>}
      </p>
      <div
        role="meter"
        aria-label={title}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={used}
        className="mt-1 h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div
          className={`h-full ${full ? "bg-warn" : "bg-accent"}`}
          style={{ width: `${Math.min(100, (used / most) * 100)}%` }}
        />
      </div>
    </div>
  );
}
