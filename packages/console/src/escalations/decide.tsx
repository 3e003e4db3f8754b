import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Decided as Ruled, Decision, Escalation } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { Ago, utc } from "../parts/time.tsx";
import { toast } from "../shell/toasts.tsx";
import { DECIDED_WORDS, DECISION_WORDS, refusalWords } from "../parts/words.ts";

const WHAT: Record<Decision, string> = {
  restart_once: "One more start, outside the budget. If it fails again, you are asked again.",
  leave_stopped: "It stays down until somebody starts it.",
};

/** One question, its default and when that takes effect, and the buttons. */
export function Decide({ escalation }: { escalation: Escalation }) {
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: Decision) => call("POST /v1/escalations/:id/decide", { id: escalation.id, decision }),
    onSuccess: (decided) => toast(rulingWords(decided), { bad: decided.verdict === "refused" }),
    onSettled: () =>
      Promise.all(
        ["escalations", "faults", "fault", "explain", "triggers"].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      ),
  });
  // The answer of the decision arrives before the list does.
  const current = decide.data?.escalation ?? escalation;
  if (current.status !== "open")
    return (
      <>
        <Decided escalation={current} />
        {decide.data?.verdict === "refused" && <p className="mt-1 text-bad">{rulingWords(decide.data)}</p>}
      </>
    );
  return (
    <div>
      <p className="text-lg font-semibold">
        Restart <code>{current.target}</code> once more, or leave it stopped?
      </p>
      <ul className="mt-3 flex flex-wrap gap-x-6 gap-y-3">
        {current.options.map((option, index) => (
          <li key={option} className="flex max-w-72 flex-col items-start gap-1">
            <button
              type="button"
              className={`button ${index === 0 ? "button-primary" : ""}`}
              disabled={decide.isPending}
              onClick={() => decide.mutate(option)}
            >
              {DECISION_WORDS[option]}
            </button>
            <span className="text-sm text-quiet">{WHAT[option]}</span>
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm">
        Without an answer it is {DECIDED_WORDS[current.default_decision]} <Ago at={current.expires_at} />
        <span className="text-quiet"> ({utc(current.expires_at)})</span>.
      </p>
      <div role="alert">
        {decide.error !== null && (
          <p className="mt-2 text-bad">
            The decision was not taken.{" "}
            {decide.error instanceof ApiFailure ? `${decide.error.message} ${decide.error.hint ?? ""}` : ""}
          </p>
        )}
      </div>
    </div>
  );
}

/** What the gate ruled, which is not always what was asked of it. */
function rulingWords({ verdict, refusal, detail, change_with, escalation: { target } }: Ruled): string {
  switch (verdict) {
    case "permitted":
      return `Decided: ${target} is restarted once.`;
    case "pending":
      return `Decided: the gate was asked to restart ${target} once, and has not answered yet.`;
    case "refused":
      return [
        `Decided, but the gate refused to restart ${target}: ${refusalWords(refusal ?? "refused")}.`,
        detail,
        change_with === null ? null : `Change it with: ${change_with}`,
      ]
        .filter((part) => part !== null)
        .join(" ");
    case "none":
      return `Decided: ${target} is left stopped.`;
  }
}

export function Decided({ escalation }: { escalation: Escalation }) {
  const { decision, decided_by: by, decided_at: at, status } = escalation;
  return (
    <p role="status">
      <span className="text-good">✓</span>{" "}
      {decision === null ? "Closed without a decision" : `Decided: ${DECIDED_WORDS[decision]}`}
      {status === "expired" || by === null ? ", by default" : `, by ${by}`}
      {at !== null && (
        <>
          {" "}
          · <Ago at={at} />
        </>
      )}
    </p>
  );
}
