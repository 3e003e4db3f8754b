import { useQuery } from "@tanstack/react-query";
import type { FaultDetail } from "@prunella/contract";
import { explainQuery } from "../api/queries.ts";
import { Decide } from "../escalations/decide.tsx";
import { AttemptList } from "../parts/attempts.tsx";
import { KillSwitchLink } from "../parts/kill-switch-link.tsx";
import { Ago } from "../parts/time.tsx";
import { refusalWords } from "../parts/words.ts";
import { Fold } from "./stack.tsx";

/** Older attempts stay folded: the newest answer the question of the night. */
const OPEN_ROWS = 6;

/** What was done about this fault, what was not, and the switch that would change it. */
export function Healing({ detail }: { detail: FaultDetail }) {
  const explain = useQuery(explainQuery(detail.fault.id)).data;
  const open = detail.escalations.find((escalation) => escalation.status === "open");
  const ordered = detail.attempts.toSorted((a, b) => b.created_at - a.created_at);
  return (
    <section aria-labelledby="healing">
      <h2 id="healing" className="section-title">
        What the healer did
      </h2>
      <p className="mt-1 min-h-5 [overflow-wrap:anywhere]">{explain?.summary ?? ""}</p>
      {explain?.refusal != null && (
        <div className="mt-2 border-l-2 border-warn pl-3 text-sm">
          <p>
            <span className="text-warn">▲ Held back at check {explain.refusal.check}:</span>{" "}
            {refusalWords(explain.refusal.refusal)}
            {explain.refusal.refusal === "killed" && <KillSwitchLink />} ·{" "}
            <span className="text-quiet">
              <Ago at={explain.refusal.at} />
            </span>
          </p>
          {explain.refusal.change_with !== null && (
            <p className="mt-0.5 [overflow-wrap:anywhere]">What would change it: {explain.refusal.change_with}</p>
          )}
        </div>
      )}
      {open !== undefined && (
        <div className="mt-4 border-l-2 border-bad pl-4">
          <Decide escalation={open} />
        </div>
      )}
      {ordered.length > 0 && (
        <div className="mt-3">
          <AttemptList attempts={ordered.slice(0, OPEN_ROWS)} label="Attempts" />
          {ordered.length > OPEN_ROWS && (
            <Fold title={`${ordered.length - OPEN_ROWS} earlier`}>
              <AttemptList attempts={ordered.slice(OPEN_ROWS)} label="Earlier attempts" />
            </Fold>
          )}
        </div>
      )}
    </section>
  );
}
