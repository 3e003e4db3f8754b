import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import type { FaultDetail, FaultRow } from "@prunella/contract";
import { faultQuery } from "../api/queries.ts";
import { Does } from "../parts/does.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { brief, plural } from "../parts/words.ts";
import { useMerging } from "./merging.ts";

/** Faults that a person merged into this one; each can be taken out again with what is its own. */
export function Merged({ detail }: { detail: FaultDetail }) {
  const { takeOut } = useMerging();
  return (
    <div className="mt-5">
      <h3 className="font-semibold">Merged into this one by a person</h3>
      <p className="text-sm text-quiet">
        Their events are shown and counted here. Taken out, each has exactly its own again.
      </p>
      <ul className="mt-2 border-t border-line" aria-label="Merged faults">
        {detail.merged.map((each) => (
          <li
            key={each.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line py-2"
          >
            <div className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
              <span className="text-sm">
                <Untrusted text={each.title} />
              </span>
              <p className="text-sm text-quiet">
                {each.culprit !== "" && (
                  <>
                    <Untrusted text={each.culprit} /> ·{" "}
                  </>
                )}
                {plural(each.count, "event")} ·{" "}
                <Link
                  to="/faults/$id"
                  params={{ id: each.id }}
                  className="link"
                  aria-label={`Open ${brief(each.title)}`}
                >
                  open
                </Link>
              </p>
            </div>
            <Does
              route="POST /v1/faults/:id/unmerge"
              project={detail.fault.project_id}
              className="button button-small"
              aria-label={`Take out ${brief(each.title)}`}
              onClick={() => void takeOut(each, detail.fault.id)}
            >
              Take out
            </Does>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** On a fault that went into another: where its events are shown now, and the way out. */
export function MergedInto({ fault, into }: { fault: FaultRow; into: string }) {
  const { takeOut } = useMerging();
  const other = useQuery(faultQuery(into)).data?.fault;
  return (
    <div role="note" className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 border-l-2 border-accent pl-3">
      <p className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
        A person merged this fault into {other === undefined ? "another" : <Untrusted text={brief(other.title, 120)} />}
        {". "}
        Its events are shown and counted there.
      </p>
      <span className="flex flex-wrap items-center gap-3">
        <Link to="/faults/$id" params={{ id: into }} className="link">
          Open that fault
        </Link>
        <Does
          route="POST /v1/faults/:id/unmerge"
          project={fault.project_id}
          className="button button-small"
          onClick={() => void takeOut(fault, into)}
        >
          Take out
        </Does>
      </span>
    </div>
  );
}
