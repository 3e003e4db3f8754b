import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Decided as Ruled, Decision, Escalation } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { Ago, utc } from "../parts/time.tsx";
import { toast } from "../shell/toasts.tsx";
import { actorWords, choiceOf, refusalWords, targetWords } from "../parts/words.ts";

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
      <p className="text-lg font-semibold">{current.question}</p>
      <ul className="mt-3 flex flex-wrap gap-x-6 gap-y-3">
        {current.options.map((option, index) => (
          <li key={option.name} className="flex max-w-72 flex-col items-start gap-1">
            <button
              type="button"
              className={`button ${index === 0 ? "button-primary" : ""}`}
              disabled={decide.isPending}
              onClick={() => decide.mutate(option.name)}
            >
              {option.label}
            </button>
            <span className="text-sm text-quiet">{option.promise}</span>
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm">
        Without an answer it {choiceOf(current, current.default_decision)?.done ?? "is left as it is"}{" "}
        <Ago at={current.expires_at} />
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
function rulingWords({ verdict, refusal, detail, change_with, escalation }: Ruled): string {
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

export function Decided({ escalation }: { escalation: Escalation }) {
  const { decision, decided_by: by, decided_at: at, status } = escalation;
  return (
    <p role="status">
      <span className="text-good">✓</span>{" "}
      {decision === null
        ? "Closed without a decision"
        : `Decided: ${choiceOf(escalation, decision)?.label ?? decision}`}
      {status === "expired" || by === null ? ", by default" : `, by ${actorWords(by)}`}
      {at !== null && (
        <>
          {" "}
          · <Ago at={at} />
        </>
      )}
    </p>
  );
}
