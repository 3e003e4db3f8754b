import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { conditionWords } from "@prunella/contract/condition-words";
import type { Maintenance, Pause } from "@prunella/contract";
import { AttemptList } from "../parts/attempts.tsx";
import { Does } from "../parts/does.tsx";
import { Ago, Exact, span } from "../parts/time.tsx";
import { actionWords, actorWords, plural, targetWords } from "../parts/words.ts";
import { DrillDialog } from "./drill-dialog.tsx";
import { OverrideDialog } from "./override-dialog.tsx";
import { LiftButton, PauseDialog } from "./pause-dialog.tsx";
import {
  inWords,
  overridesOf,
  pausesOf,
  pendingWindows,
  triggerHindrances,
  windowWords,
  type Hindrance,
  type Standing,
  type TriggerRow,
} from "./trigger-now.ts";

type Props = { trigger: TriggerRow; standing: Standing };

/** One trigger: what it is for, whether it would act now, how much is left, and what came of it last. */
export function Trigger({ trigger, standing }: Props) {
  const [asking, setAsking] = useState<"pause" | "override" | "drill" | null>(null);
  const { condition, remedies, debounce, envelope, verify_ms: verifyMs } = trigger;
  const titleId = `trigger-${trigger.project_id}-${trigger.id}`;
  return (
    <li aria-labelledby={titleId} className="mt-6 border-t border-line pt-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 id={titleId} className="font-semibold [overflow-wrap:anywhere]">
          {trigger.id}
        </h2>
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
      <Now hindrances={triggerHindrances(trigger, standing)} />
      {overridesOf(trigger, standing.overrides).map((each) => (
        <p key={each.id} className="text-sm text-quiet [overflow-wrap:anywhere]">
          {plural(each.extra, "more attempt")} allowed by {actorWords(each.by)} ({each.taken} taken), over{" "}
          <Ago at={each.expires_at} />: {each.reason}
        </p>
      ))}
      <Pauses pauses={pausesOf(trigger, standing.pauses)} />
      <Limits trigger={trigger} isKilled={standing.isKilled} />
      <Windows trigger={trigger} pending={pendingWindows(trigger, standing.windows)} />
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
      <div className="mt-3 flex flex-wrap gap-2">
        <Does
          route="POST /v1/pauses"
          project={trigger.project_id}
          className="button button-small max-md:min-h-11"
          onClick={() => setAsking("pause")}
        >
          Pause…<span className="sr-only"> {trigger.id}</span>
        </Does>
        {remedies.length > 0 && (
          <Does
            route="POST /v1/overrides"
            project={trigger.project_id}
            className="button button-small max-md:min-h-11"
            onClick={() => setAsking("override")}
          >
            Allow more…<span className="sr-only"> of {trigger.id}</span>
          </Does>
        )}
        <Link
          to="/triggers/rehearsal"
          search={{ trigger: trigger.id, project: trigger.project_id }}
          className="button button-small max-md:min-h-11"
        >
          Rehearse<span className="sr-only"> {trigger.id}</span>
        </Link>
        <Does
          route="POST /v1/drills"
          project={trigger.project_id}
          className="button button-small max-md:min-h-11"
          onClick={() => setAsking("drill")}
        >
          Drill…<span className="sr-only"> {trigger.id}</span>
        </Does>
      </div>
      {trigger.last_attempt !== null && (
        <div className="mt-4">
          <h3 className="section-title mb-1">Last attempt</h3>
          <AttemptList attempts={[trigger.last_attempt]} label={`Last attempt of ${trigger.id}`} />
        </div>
      )}
      {asking === "pause" && (
        <PauseDialog project={trigger.project_id} trigger={trigger.id} onClose={() => setAsking(null)} />
      )}
      {asking === "drill" && <DrillDialog trigger={trigger} onClose={() => setAsking(null)} />}
      {asking === "override" && <OverrideDialog trigger={trigger} onClose={() => setAsking(null)} />}
    </li>
  );
}

/** What bounds it, and how much of that is left; what only watches is bounded by nothing. */
function Limits({ trigger, isKilled }: { trigger: TriggerRow; isKilled: boolean }) {
  const { remedies, budgets, ceilings, envelope } = trigger;
  if (remedies.length === 0) return null;
  return (
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
      {budgets.map(({ scope, max, used, window_ms: windowMs, next_free_at: at }) => (
        <Gauge
          key={`${scope} ${windowMs}`}
          title={scope === "trigger" ? "Budget" : `Budget of the ${scope}`}
          used={used}
          most={max}
          words={`used in ${inWords(windowMs)}`}
          freeAt={at}
        />
      ))}
      {ceilings.map(({ scope, max, active }) => (
        <Gauge
          key={scope}
          title={scope === "trigger" ? "Ceiling" : `Ceiling of the ${scope}`}
          used={active}
          most={max}
          words="active now"
          freeAt={null}
        />
      ))}
    </div>
  );
}

/** Whether it would act, and if not, why: the first word is the gate's. */
function Now({ hindrances: [first, ...more] }: { hindrances: readonly Hindrance[] }) {
  if (first === undefined)
    return (
      <p className="mt-1">
        <span className="text-good">
          <span aria-hidden="true">{"✓\u00a0"}</span>Ready:
        </span>{" "}
        it would act now.
      </p>
    );
  return (
    <p className="mt-1 [overflow-wrap:anywhere]">
      <span className={first.refusal === "detect_only" ? "text-quiet" : "text-warn"}>
        <span aria-hidden="true">{first.refusal === "detect_only" ? "○ " : "▲ "}</span>
        {first.refusal === "detect_only" ? "Detects only:" : "Would be held back now:"}
      </span>{" "}
      <Because hindrance={first} />
      {more.map((each) => (
        <span key={each.words}>
          ; also <Because hindrance={each} />
        </span>
      ))}
      .
    </p>
  );
}

export function Because({ hindrance: { words, until } }: { hindrance: Hindrance }) {
  return (
    <>
      {words}
      {until !== null && (
        <>
          {" "}
          (over <Ago at={until} />)
        </>
      )}
    </>
  );
}

function Pauses({ pauses }: { pauses: readonly Pause[] }) {
  if (pauses.length === 0) return null;
  return (
    <ul aria-label="Pauses that stand" className="mt-2 border-l-2 border-warn pl-3 text-sm">
      {pauses.map((pause) => (
        <li key={pause.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-0.5">
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {pause.trigger_id === null ? "Its project is paused" : "Paused"}: <strong>{pause.reason}</strong>, by{" "}
            {actorWords(pause.owner)}, <Ago at={pause.since} />
            {pause.until !== null && (
              <>
                , until <Exact at={pause.until} />
              </>
            )}
          </span>
          <LiftButton pause={pause} />
        </li>
      ))}
    </ul>
  );
}

function Windows({ trigger, pending }: { trigger: TriggerRow; pending: readonly Maintenance[] }) {
  const { maintenance, quiet } = trigger.windows;
  const { storm, sprint_at: sprintAt, log_evaluations: logged } = trigger;
  const isPlain = storm === null && sprintAt === null && logged === "held";
  if (maintenance.length + quiet.length + pending.length === 0 && isPlain) return null;
  return (
    <ul className="mt-3 text-sm text-quiet">
      {pending.map((one) => (
        <li key={one.id} className="[overflow-wrap:anywhere]">
          Maintenance to come: {windowWords(one.window)} ({one.reason})
        </li>
      ))}
      {maintenance.map((one) => (
        <li key={windowWords(one)}>Its own maintenance: {windowWords(one)}</li>
      ))}
      {quiet.map((one) => (
        <li key={windowWords(one)}>Quiet hours, when a person is asked instead: {windowWords(one)}</li>
      ))}
      {storm !== null && (
        <li>
          Storm: with fewer than {storm.min_healthy} of the {storm.over}’s targets well it waits{" "}
          {inWords(storm.cooldown_ms)}.
        </li>
      )}
      {sprintAt !== null && (
        <li>
          A failure of the level {sprintAt} or above opens a corrective{" "}
          <Link to="/escalations/sprints" className="link">
            sprint
          </Link>{" "}
          at once.
        </li>
      )}
      {logged === "all" && <li>Each evaluation is kept, also one that did not hold.</li>}
    </ul>
  );
}

function Gauge({
  title,
  used,
  most,
  words,
  freeAt,
}: {
  title: string;
  used: number;
  most: number;
  words: string;
  freeAt: number | null;
}) {
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
        aria-label={`${title}, ${words}`}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={Math.min(used, most)}
        className="mt-1 h-1.5 overflow-hidden rounded-full bg-line"
      >
        <div
          className={`h-full ${full ? "bg-warn" : "bg-accent"}`}
          style={{ width: `${Math.min(100, (used / most) * 100)}%` }}
        />
      </div>
      {full && freeAt !== null && (
        <p className="mt-0.5 text-sm text-quiet">
          One is free <Ago at={freeAt} />
        </p>
      )}
    </div>
  );
}
