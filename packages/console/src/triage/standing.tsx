import type { Fault } from "@prunella/contract";
import { Ago, Exact } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";

/** What ends the state that a person gave a fault, in a sentence; nothing when it stays. */
export function Standing({ fault }: { fault: Fault }) {
  if (fault.status === "resolved" && fault.resolved_in_next_release)
    return <span>Events of releases known by then leave it resolved; a newer one brings it back.</span>;
  if (fault.status !== "muted" || (fault.snoozed_until === null && fault.snoozed_count === null)) return null;
  const left = fault.snoozed_count === null ? null : Math.max(1, fault.snoozed_count - fault.count);
  return (
    <span>
      Open again{" "}
      {fault.snoozed_until !== null && (
        <>
          <Ago at={fault.snoozed_until} /> (<Exact at={fault.snoozed_until} />)
        </>
      )}
      {fault.snoozed_until !== null && left !== null && " or "}
      {left !== null && `after ${plural(left, "more event")}`}.
    </span>
  );
}

export const isSnoozed = ({ status, snoozed_until, snoozed_count }: Fault): boolean =>
  status === "muted" && (snoozed_until !== null || snoozed_count !== null);
