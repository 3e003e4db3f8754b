import type { RehearsalReport, RehearsedTrigger, TriggerDeeds } from "@prunella/contract";
import { Fold } from "../parts/fold.tsx";
import { Exact } from "../parts/time.tsx";
import { plural, refusalWords } from "../parts/words.ts";
import { inWords } from "./trigger-now.ts";

/** What a policy would have done beside what happened: the trigger that was changed first. */
export function RehearsalSummary({ report, changed }: { report: RehearsalReport; changed: string }) {
  const others = report.triggers.filter(({ trigger_id: id }) => id !== changed);
  const triggers = [
    ...report.triggers.filter(({ trigger_id: id }) => id === changed),
    // What shares a budget with it may fare otherwise too.
    ...others.filter((one) => !isSame(one)),
  ];
  const same = others.filter(isSame).length;
  return (
    <section aria-labelledby="rehearsed" className="mt-4">
      <h2 id="rehearsed" className="section-title">
        What would have happened
      </h2>
      <p className="mt-1">
        {plural(report.events, "event")} in {plural(report.deltas, "row")}, <Exact at={report.since} /> to{" "}
        <Exact at={report.until} />.
        {report.coarse_before !== null && (
          <>
            {" "}
            Before <Exact at={report.coarse_before} /> some counts are of whole hours or days: a rough picture.
          </>
        )}
      </p>
      {triggers.map((one) => (
        <Rehearsed key={`${one.project_id} ${one.trigger_id}`} one={one} />
      ))}
      {same > 0 && <p className="mt-3 text-sm text-quiet">{plural(same, "other trigger")}: the same either way.</p>}
      <Fold title="What cannot be known, and how it was taken" className="mt-4">
        <ul className="list-disc pl-5 text-sm">
          {report.assumed.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Fold>
    </section>
  );
}

function Rehearsed({ one }: { one: RehearsedTrigger }) {
  const { fires, refused, escalations } = one.difference;
  return (
    <div className="mt-4 overflow-x-auto" tabIndex={0} role="region" aria-label={`Rehearsal of ${one.trigger_id}`}>
      <table className="w-full text-sm">
        <caption className="text-left">
          <span className="font-semibold">{one.trigger_id}</span>{" "}
          <span className="text-quiet">
            {isSame(one)
              ? "the same either way"
              : `${signed(fires)} attempts, ${signed(refused)} refused, ${signed(escalations)} questions`}
          </span>
        </caption>
        <thead>
          <tr className="border-b border-line text-left text-quiet">
            {["", "attempts", "refused", "people asked", "budget at most"].map((title) => (
              <th key={title} scope="col" className="whitespace-nowrap py-1 pr-4 font-normal">
                {title === "" ? <span className="sr-only">policy</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Line name="happened" deeds={one.happened} />
          <Line name="as it stands" deeds={one.against} />
          <Line name="as tried here" deeds={one.given} />
        </tbody>
      </table>
    </div>
  );
}

function Line({ name, deeds }: { name: string; deeds: TriggerDeeds | null }) {
  return (
    <tr className="border-b border-line align-baseline">
      <th scope="row" className="whitespace-nowrap py-1.5 pr-4 text-left font-normal">
        {name}
      </th>
      {deeds === null ? (
        <td colSpan={4} className="text-quiet">
          not in it
        </td>
      ) : (
        <>
          <td className="pr-4">{deeds.fires}</td>
          <td className="pr-4">{reasons(deeds.refusals)}</td>
          <td className="pr-4">{reasons(deeds.escalations)}</td>
          <td className="whitespace-nowrap">
            {deeds.budgets.map(({ peak, max, window_ms: ms }) => `${peak} of ${max} in ${inWords(ms)}`).join(", ")}
          </td>
        </>
      )}
    </tr>
  );
}

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([reason, count]) => `${count} ${refusalWords(reason)}`)
    .join(", ") || "0";

const isSame = ({ difference: { fires, refused, escalations } }: RehearsedTrigger): boolean =>
  fires === 0 && refused === 0 && escalations === 0;

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));
