import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Explanation, FaultDetail } from "@prunella/contract";
import { explainQuery } from "../api/queries.ts";
import { triedWords } from "../escalations/matter.ts";
import { useSpoken } from "../parts/command.tsx";
import { AttemptList } from "../parts/attempts.tsx";
import { KillSwitchLink } from "../parts/kill-switch-link.tsx";
import { Spelled } from "../parts/spelled.tsx";
import { Ago } from "../parts/time.tsx";
import { refusalWords } from "../parts/words.ts";
import { Fold } from "../parts/fold.tsx";

/** What was done about this fault, what was not, and the switch that would change it. */
export function Healing({ detail }: { detail: FaultDetail }) {
  const explain = useQuery(explainQuery(detail.fault.id)).data;
  const isAsked = detail.escalations.some(({ status }) => status === "open");
  const ordered = detail.attempts.toSorted((a, b) => b.created_at - a.created_at);
  const gate = (
    <>
      <p className="mt-1 min-h-5 [overflow-wrap:anywhere]">{explain?.summary ?? ""}</p>
      {explain?.refusal != null && <Refused refusal={explain.refusal} />}
    </>
  );
  return (
    <section aria-labelledby="healing">
      <h2 id="healing" className="section-title">
        What the healer did
      </h2>
      {isAsked ? (
        <>
          <p className="mt-1">Because of this fault: {triedWords(detail.attempts)}</p>
          <Fold title="What the gate said">{gate}</Fold>
        </>
      ) : (
        gate
      )}
      {ordered.length > 0 && (
        <Fold title={ordered.length === 1 ? "The attempt" : `All ${ordered.length} attempts`}>
          <AttemptList attempts={ordered} label="Attempts" cameBack={detail.came_back} />
        </Fold>
      )}
      {ordered.length > 0 && (
        <p className="mt-1 text-sm">
          <Link to="/entries" search={{ fault: detail.fault.id }} className="link">
            All of it in the ledger
          </Link>
        </p>
      )}
    </section>
  );
}

function Refused({ refusal }: { refusal: NonNullable<Explanation["refusal"]> }) {
  const say = useSpoken();
  return (
    <div className="mt-2 border-l-2 border-warn pl-3 text-sm">
      <p>
        <span className="text-warn">▲ Held back at check {refusal.check}:</span> {refusalWords(refusal.refusal)}
        {refusal.refusal === "killed" && <KillSwitchLink />} ·{" "}
        <span className="text-quiet">
          <Ago at={refusal.at} />
        </span>
      </p>
      {refusal.change_with !== null && (
        <p className="mt-0.5 [overflow-wrap:anywhere]">
          What would change it: <Spelled text={say(refusal.change_with)} />
        </p>
      )}
    </div>
  );
}
