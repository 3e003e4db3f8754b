import type { EventSample } from "@prunella/contract";
import { DataTree } from "../parts/data-tree.tsx";
import { Exact } from "../parts/time.tsx";
import { pieces } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { Fold } from "../parts/fold.tsx";

/** What stood around the failure: breadcrumbs, tags, context, and what the scrubber took out. */
export function Around({ sample }: { sample: EventSample }) {
  const { breadcrumbs, tags, context } = sample.event;
  const removed = Object.entries(sample.redactions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <>
      {breadcrumbs.length > 0 && (
        <section aria-labelledby="breadcrumbs">
          <h2 id="breadcrumbs" className="section-title">
            {plural(breadcrumbs.length, "breadcrumb")}, the last one first
          </h2>
          <ol className="mt-1 max-h-96 overflow-y-auto border-y border-line" tabIndex={0} aria-label="Breadcrumbs">
            {breadcrumbs.toReversed().map((crumb, index) => (
              <li
                key={index}
                className="grid gap-x-4 border-b border-line py-1.5 text-sm last:border-b-0 sm:grid-cols-[12rem_7rem_minmax(0,1fr)]"
              >
                <span className="text-quiet">{crumb.at === null ? "no time" : <Exact at={crumb.at} />}</span>
                <span className="font-mono text-xs leading-5 [overflow-wrap:anywhere]">
                  {pieces([crumb.category, crumb.level].filter((part) => part !== null).join(" · "))}
                </span>
                <span className="font-mono text-xs leading-5 [overflow-wrap:anywhere]">
                  {crumb.message !== null && <span className="block whitespace-pre-wrap">{pieces(crumb.message)}</span>}
                  {crumb.data != null && <DataTree value={crumb.data} />}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
      {Object.keys(tags).length > 0 && (
        <section aria-labelledby="tags">
          <h2 id="tags" className="section-title">
            Tags
          </h2>
          <dl className="frame mt-1 px-3 py-2">
            {Object.entries(tags).map(([key, value]) => (
              <div key={key} className="flex flex-wrap gap-x-2">
                <dt className="text-quiet">{pieces(key)}:</dt>
                <dd>{pieces(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {Object.keys(context).length > 0 && (
        <section aria-labelledby="context">
          <h2 id="context" className="section-title">
            Context
          </h2>
          <div className="mt-1">
            {Object.entries(context).map(([key, value]) => (
              <Fold key={key} title={key}>
                <div className="frame px-3 py-2">
                  <DataTree value={value} />
                </div>
              </Fold>
            ))}
          </div>
        </section>
      )}
      <p className="text-sm text-quiet">
        {removed.length === 0 ? (
          "The scrubber found nothing to remove in this event."
        ) : (
          <>
            Removed before it was stored:{" "}
            {removed.map(([rule, count]) => (
              <span key={rule} className="mr-2 whitespace-nowrap">
                <span className="pill">{rule.toLowerCase().replaceAll("_", " ")}</span> {plural(count, "time")}
              </span>
            ))}
          </>
        )}
      </p>
    </>
  );
}
