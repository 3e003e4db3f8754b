import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import type { Attempt, Decided, Decision, Escalation } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { supervisedQuery } from "../api/queries.ts";
import { AsCommand, useSpoken } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { KillSwitchLink } from "../parts/kill-switch-link.tsx";
import { Spelled } from "../parts/spelled.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { choiceOf, refusalWords, targetWords } from "../parts/words.ts";
import { useKeys, type KeyAction } from "../shell/keys.ts";
import { toast } from "../shell/toasts.tsx";
import { Holds } from "./holds.tsx";
import { matterWords } from "./matter.ts";
import { Outcome } from "./outcome.tsx";

/** What a yes would send. */
const Sends = lazy(() => import("./sends.tsx").then((module) => ({ default: module.Sends })));

const NO_KEYS: KeyAction[] = [];

/**
 * What is the matter, one question and its buttons, or what was decided and what came of it. On a phone the
 * first part stays at the top while its page scrolls: whoever was woken up finds the answer under the thumb.
 */
export function Question({
  escalation,
  answer,
  level: Heading,
  id,
  onDecided,
  keys = true,
  link,
}: {
  escalation: Escalation;
  answer: Attempt | null;
  level: "h1" | "h2";
  id?: string;
  onDecided?: () => void;
  /** Of several questions on a page only one listens: two in a row decide, never a single slip. */
  keys?: boolean;
  /** Of the message that led here; it serves for one answer. */
  link?: string | undefined;
}) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const say = useSpoken();
  const decide = useMutation({
    mutationFn: (decision: Decision) =>
      call("POST /v1/escalations/:id/decide", {
        id: escalation.id,
        decision,
        ...(reason.trim() === "" ? {} : { reason }),
        ...(link === undefined ? {} : { link }),
      }),
    onSuccess: (decided) => {
      onDecided?.();
      toast(say(rulingWords(decided)), { bad: decided.verdict === "refused" });
    },
    onSettled: () =>
      Promise.all(
        ["escalations", "faults", "fault", "explain", "triggers", "supervised"].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
  // The answer of the decision arrives before the list does.
  const current = decide.data?.escalation ?? escalation;
  const isOpen = current.status === "open";
  const why = useMay()("POST /v1/escalations/:id/decide", current.project_id);
  useKeys(
    keys && isOpen && why === null
      ? current.options.map((option, index) => ({
          keys: `d ${index + 1}`,
          title: `Decide: ${option.label}`,
          run: () => {
            if (!decide.isPending) decide.mutate(option.name);
          },
        }))
      : NO_KEYS,
  );
  const title = (
    <Heading id={id} className="text-xl font-semibold [overflow-wrap:anywhere]">
      {isOpen && (
        <span aria-hidden="true" className="text-bad">
          ▲{" "}
        </span>
      )}
      {matterWords(current)}
    </Heading>
  );
  if (!isOpen)
    return (
      <div className="pt-3">
        {title}
        <div className="mt-2">
          <Outcome escalation={current} answer={answer} />
          <NextQuestion escalation={current} />
          {decide.data?.verdict === "refused" && (
            <p className="mt-1 text-bad">
              {say(rulingWords(decide.data))}
              {decide.data.refusal === "killed" && <KillSwitchLink />}
            </p>
          )}
        </div>
      </div>
    );
  return (
    <>
      <div className="question-bar pb-3 pt-3">
        {title}
        <p className="mt-0.5 text-lg/snug">{current.question}</p>
        <div className="mt-3 flex flex-wrap gap-2">
          {current.options.map((option, index) => (
            <Does
              key={option.name}
              route="POST /v1/escalations/:id/decide"
              project={current.project_id}
              className={`button min-h-11 max-md:flex-1 ${index === 0 ? "button-primary" : ""}`}
              disabled={decide.isPending}
              onClick={() => decide.mutate(option.name)}
            >
              {option.label}
              {keys && why === null && (
                <kbd aria-hidden="true" className="opacity-75 max-md:hidden">
                  d {index + 1}
                </kbd>
              )}
            </Does>
          ))}
        </div>
      </div>
      <Suspense>{current.asker === "promote_issue" && <Sends args={current.args} />}</Suspense>
      <ul className="space-y-0.5 text-sm text-quiet">
        {current.options.map(
          ({ name, label, promise }) =>
            promise !== "" && (
              <li key={name}>
                {label}: <Spelled text={say(promise)} />
              </li>
            ),
        )}
        <li>
          Without an answer it {choiceOf(current, current.default_decision)?.done ?? "is left as it is"}{" "}
          <Ago at={current.expires_at} /> (<Exact at={current.expires_at} />
          ).
        </li>
      </ul>
      <label className="mt-3 block text-sm">
        <span className="text-quiet">Why, if you want to say it (kept with the answer)</span>
        <input
          type="text"
          className="field mt-1 block w-full max-w-160 max-md:min-h-11"
          maxLength={1_000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <Holds escalation={current} link={link} />
      <AsDecision escalation={current} />
      <div role="alert">
        {decide.error !== null && (
          <p className="mt-2 text-bad">
            The decision was not taken.{" "}
            {decide.error instanceof ApiFailure ? `${decide.error.message} ${decide.error.hint ?? ""}` : ""}
          </p>
        )}
      </div>
    </>
  );
}

/** The first of the choices as a command; the others differ by their name alone. */
function AsDecision({ escalation: { id, options } }: { escalation: Escalation }) {
  const [first] = options;
  if (first === undefined) return null;
  return (
    <AsCommand
      words={`decide ${id.slice(-8)} ${first.name}`}
      route="POST /v1/escalations/:id/decide"
      input={{ id, decision: first.name }}
    />
  );
}

/** What came after it, as soon as it did: a decision that did not help leads to the next question. */
function NextQuestion({ escalation: { id, target, project_id: project } }: { escalation: Escalation }) {
  const program = useQuery(supervisedQuery).data?.supervised.find(
    (each) => each.project_id === project && each.name === targetWords(target),
  );
  const next = program?.open_escalation_id ?? null;
  if (next === null || next === id) return null;
  return (
    <p className="mt-2">
      <span aria-hidden="true" className="text-bad">
        ▲{" "}
      </span>
      It is down again, and you are asked again:{" "}
      <Link to="/escalations/$id" params={{ id: next }} className="link">
        open the new question
      </Link>
      .
    </p>
  );
}

/** What the gate ruled, which is not always what was asked of it. */
function rulingWords({ verdict, refusal, detail, change_with, escalation }: Decided): string {
  const target = targetWords(escalation.target);
  const verb = escalation.asker.replaceAll("_", " ");
  const done = choiceOf(escalation, escalation.decision)?.done ?? "is left as it is";
  switch (verdict) {
    case "permitted":
      return `Decided: ${target} ${done}.`;
    case "pending":
      return `Decided: the gate was asked to ${verb} ${target} once, and has not answered yet.`;
    case "refused":
      return [
        `Decided, but the gate refused to ${verb} ${target}: ${refusalWords(refusal ?? "refused")}.`,
        detail,
        change_with === null ? null : `Change it with: ${change_with}`,
      ]
        .filter((part) => part !== null)
        .join(" ");
    case "none":
      return `Decided: ${target} ${done}.`;
  }
}
