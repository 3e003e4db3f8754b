import { Link } from "@tanstack/react-router";
import type { Attempt } from "@prunella/contract";
import { KillSwitchLink } from "./kill-switch-link.tsx";
import { Ago, shortSpan } from "./time.tsx";
import { plural, refusalWords, actionWords, targetWords } from "./words.ts";

type Tone = "quiet" | "good" | "warn" | "bad" | "ink";
type Step = { word: string; at: number | null; tone: Tone };
const TONE: Record<Tone, string> = {
  quiet: "text-quiet",
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  ink: "",
};
const SHAPE: Record<Tone, string> = { quiet: "○", good: "✓", warn: "▲", bad: "✕", ink: "●" };

/** What the healer did, newest first: intent, outcome, verification; or why it held back. */
export function AttemptList({
  attempts,
  label,
  cameBack,
}: {
  attempts: Attempt[];
  label: string;
  /** Of the fault that they are shown with: after which of them it was seen again. */
  cameBack?: readonly string[];
}) {
  const ordered = attempts.toSorted((a, b) => b.created_at - a.created_at || (a.id < b.id ? 1 : -1));
  return (
    <ol aria-label={label} className="border-t border-line">
      {ordered.map((attempt) => (
        <li
          key={attempt.id}
          className="grid gap-x-4 gap-y-0.5 border-b border-line py-2 sm:grid-cols-[13rem_minmax(0,1fr)_auto] lg:grid-cols-[18rem_minmax(0,1fr)_auto]"
        >
          <div>
            <span className="font-semibold">{actionWords(attempt.action)}</span>{" "}
            <code className="[overflow-wrap:anywhere] text-quiet">{targetWords(attempt.target)}</code>
          </div>
          <div className="min-w-0">
            {attempt.state === "refused" ? (
              <Refused attempt={attempt} />
            ) : (
              <Steps attempt={attempt} isBack={cameBack?.includes(attempt.id) ?? true} />
            )}
            {attempt.subject.kind === "person" && <span className="text-sm text-quiet">A person decided this.</span>}
          </div>
          <div className="text-sm text-quiet sm:text-right">
            <Ago at={attempt.created_at} /> ·{" "}
            <Link to="/entries" search={{ from: attempt.audit_log_id }} className="link whitespace-nowrap">
              entry {attempt.audit_log_id}
            </Link>
          </div>
        </li>
      ))}
    </ol>
  );
}

function Refused({ attempt }: { attempt: Attempt }) {
  return (
    <>
      <p>
        <span className="text-warn">▲ Held back:</span>{" "}
        {attempt.refusal === null ? "no reason recorded" : refusalWords(attempt.refusal)}
        {attempt.refusal === "killed" && <KillSwitchLink />}
        {attempt.count > 1 && <span className="whitespace-nowrap text-quiet"> · {plural(attempt.count, "time")}</span>}
      </p>
      {attempt.refusal_detail !== null && (
        <p className="text-sm text-quiet [overflow-wrap:anywhere]">{attempt.refusal_detail}</p>
      )}
    </>
  );
}

function Steps({ attempt, isBack }: { attempt: Attempt; isBack: boolean }) {
  const wait = attempt.not_before === null ? 0 : attempt.not_before - attempt.created_at;
  return (
    <ol className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
      {stepsOf(attempt, isBack).map(({ word, at, tone }, index) => (
        <li key={word} className="flex items-baseline gap-2 whitespace-nowrap">
          {index > 0 && (
            <span aria-hidden="true" className="text-edge">
              →
            </span>
          )}
          <span className={TONE[tone]}>
            <span aria-hidden="true">{`${SHAPE[tone]}\u00a0`}</span>
            {word}
          </span>
          {at !== null && index > 0 && (
            <span className="text-sm text-quiet">+{shortSpan(at - attempt.created_at)}</span>
          )}
        </li>
      ))}
      {wait >= 1_000 && <li className="text-sm text-quiet">waits {shortSpan(wait)} first</li>}
    </ol>
  );
}

function stepsOf(attempt: Attempt, isBack: boolean): Step[] {
  const steps: Step[] = [{ word: "intent", at: attempt.created_at, tone: "ink" }];
  switch (attempt.state) {
    case "running":
      steps.push({ word: "running", at: attempt.started_at, tone: "quiet" });
      break;
    case "succeeded":
      steps.push({ word: "done", at: attempt.ended_at, tone: "ink" });
      break;
    case "failed":
      steps.push({ word: "failed", at: attempt.ended_at, tone: "bad" });
      break;
    case "expired":
      steps.push({ word: "never started, permit ran out", at: attempt.ended_at, tone: "quiet" });
      break;
    case "abandoned":
      steps.push({ word: "outcome unknown", at: attempt.ended_at, tone: "warn" });
      break;
    default:
      steps.push({ word: "permitted", at: null, tone: "quiet" });
  }
  if (attempt.verification === "watching") steps.push({ word: "watching", at: null, tone: "quiet" });
  if (attempt.verification === "held") steps.push({ word: "held", at: attempt.verified_at, tone: "good" });
  if (attempt.verification === "ineffective")
    steps.push(
      isBack
        ? { word: "did not help", at: attempt.verified_at, tone: "warn" }
        : { word: "another failure followed", at: attempt.verified_at, tone: "quiet" },
    );
  return steps;
}
