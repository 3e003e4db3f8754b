import { Link } from "@tanstack/react-router";
import type { Attempt, Escalation } from "@prunella/contract";
import { KillSwitchLink } from "../parts/kill-switch-link.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { Ago, shortSpan } from "../parts/time.tsx";
import { actorWords, choiceOf, refusalWords } from "../parts/words.ts";

type Step = { tone: string; shape: string; text: string };
const quiet = (text: string): Step => ({ tone: "text-quiet", shape: "○", text });
const bad = (text: string): Step => ({ tone: "text-bad", shape: "✕", text });

const DONE: Readonly<Record<string, string>> = { restart: "started", start: "started", stop: "stopped" };

/** A decision, who took it, and what it had done, step by step to its end. */
export function Outcome({ escalation, answer }: { escalation: Escalation; answer: Attempt | null }) {
  const { decision, decided_by: by, decided_at: at, status } = escalation;
  // Its default is taken then too, and decides nothing.
  const isWithdrawn = status === "expired" && at !== null && at < escalation.expires_at;
  const who = status === "expired" || by === null ? "by default" : `by ${actorWords(by)}`;
  const choice = choiceOf(escalation, decision);
  const steps = answer === null ? [] : stepsOf(answer);
  return (
    <div role="status">
      <p>
        <span aria-hidden="true" className="text-good">
          ✓
        </span>{" "}
        {decision === null || isWithdrawn
          ? "Settled without an answer: somebody acted by hand, or its program is another now"
          : `Decided: ${choice?.label ?? decision}, ${who}`}
        {at !== null && (
          <>
            {" "}
            · <Ago at={at} />
          </>
        )}
      </p>
      {escalation.note !== null && (
        <p className="mt-1 text-quiet [overflow-wrap:anywhere]">
          “<Untrusted text={escalation.note} />”
        </p>
      )}
      {steps.length > 0 && (
        <ol aria-label="What came of it" className="mt-1 flex flex-wrap gap-x-2 gap-y-0.5">
          {steps.map(({ tone, shape, text }, index) => (
            <li key={text} className="flex gap-2">
              {index > 0 && (
                <span aria-hidden="true" className="text-edge">
                  →
                </span>
              )}
              <span className={tone}>
                <span aria-hidden="true">{`${shape}\u00a0`}</span>
                {text}
              </span>
            </li>
          ))}
        </ol>
      )}
      {answer?.refusal === "killed" && (
        <p>
          <KillSwitchLink />
        </p>
      )}
      {choice?.effect === "leave" && !isWithdrawn && escalation.asker === "restart" && (
        <p className="mt-1 text-sm text-quiet">
          To change your mind, start it on the page{" "}
          <Link to="/programs" className="link">
            Programs
          </Link>
          .
        </p>
      )}
    </div>
  );
}

/** `started after 0.4 s → held`, or as far as it has come. */
function stepsOf(answer: Attempt): Step[] {
  const { state, verification, created_at: asked, ended_at: ended, verified_at: verified } = answer;
  const done = DONE[answer.action ?? ""] ?? "done";
  switch (state) {
    case "refused":
      return [bad(`the gate refused: ${refusalWords(answer.refusal ?? "refused")}`)];
    case "permitted":
      return [quiet("permitted, its executor is told…")];
    case "running":
      return [quiet("under way…")];
    case "failed":
      return [bad(`it could not be ${done}`)];
    case "expired":
      return [bad("permitted, and not begun in time")];
    case "abandoned":
      return [bad("begun, and nobody knows how it ended")];
    case "succeeded":
      break;
  }
  const started: Step = {
    tone: "",
    shape: "●",
    text: ended === null ? done : `${done} after ${shortSpan(Math.max(0, ended - asked))}`,
  };
  const lasted = ended === null || verified === null ? null : shortSpan(Math.max(0, verified - ended));
  if (verification === "held") return [started, { tone: "text-good", shape: "✓", text: "held" }];
  if (verification === "ineffective")
    return [started, bad(lasted === null ? "failed again" : `failed after ${lasted}`)];
  return verification === "watching" ? [started, quiet("watched, whether it holds…")] : [started];
}
