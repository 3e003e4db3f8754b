import { useId } from "react";
import type { FaultChange, FaultDetail } from "@prunella/contract";
import { Does } from "../parts/does.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { pieces } from "../parts/untrusted.tsx";
import { actorWords, plural } from "../parts/words.ts";
import { useTriage } from "../triage/use-triage.ts";
import { Fold } from "../parts/fold.tsx";

const SHOWN = 4;
const NOUNS: Record<FaultChange["action"], string> = {
  resolve: "resolving",
  mute: "muting",
  snooze: "snooze",
  reopen: "reopening",
  assign: "assignment",
  note: "note",
};

/** What people said about the fault: notes whole, the rest in a line; what still holds can be taken back. */
export function History({ detail: { changes, fault } }: { detail: FaultDetail }) {
  const headingId = useId();
  if (changes.length === 0) return null;
  const undoable = undoableOf(changes);
  const list = (some: readonly FaultChange[], label: string) => (
    <ol className="border-t border-line" aria-label={label}>
      {some.map((change) => (
        <Change key={change.id} change={change} project={fault.project_id} canUndo={undoable.has(change.id)} />
      ))}
    </ol>
  );
  return (
    <section aria-labelledby={headingId}>
      <h2 id={headingId} className="section-title mb-1">
        What people said
      </h2>
      {list(changes.slice(0, SHOWN), "What people said, the newest first")}
      {changes.length > SHOWN && (
        <Fold title={`${plural(changes.length - SHOWN, "earlier one", "earlier ones")}`}>
          {list(changes.slice(SHOWN), "What people said earlier")}
        </Fold>
      )}
    </section>
  );
}

/** Notes each for itself; of states and of assignments the last that still holds. */
export function undoableOf(changes: readonly FaultChange[]): ReadonlySet<string> {
  const holding = changes.filter(({ undone_at }) => undone_at === null);
  const state = holding.find(({ action }) => action !== "assign" && action !== "note");
  const assigned = holding.find(({ action }) => action === "assign");
  const notes = holding.filter(({ action }) => action === "note");
  return new Set([state, assigned, ...notes].flatMap((change) => change?.id ?? []));
}

function Change({ change, project, canUndo }: { change: FaultChange; project: string; canUndo: boolean }) {
  const { undo } = useTriage();
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 border-b border-line py-2">
      <div className="min-w-0 flex-1 basis-60">
        <p className="text-sm">
          <span className={change.undone_at === null ? "" : "text-quiet line-through"}>
            <ChangeWords change={change} />
          </span>{" "}
          <span className="text-quiet">
            · {actorWords(change.by)}, <Ago at={change.at} />
            {change.undone_at !== null && (
              <>
                {" "}
                · taken back <Ago at={change.undone_at} />
              </>
            )}
          </span>
        </p>
        {change.action === "note" && change.text !== null && (
          <p className="mt-0.5 max-w-160 whitespace-pre-wrap [overflow-wrap:anywhere]">{pieces(change.text)}</p>
        )}
      </div>
      {canUndo && (
        <Does
          route="POST /v1/faults/undo"
          project={project}
          className="button button-plain button-small"
          onClick={() => void undo([change.id])}
        >
          Take back<span className="sr-only"> the {NOUNS[change.action]}</span>
        </Does>
      )}
    </li>
  );
}

function ChangeWords({ change }: { change: FaultChange }) {
  switch (change.action) {
    case "resolve":
      return change.in_next_release ? "resolved in the next release" : "resolved";
    case "mute":
      return "muted";
    case "reopen":
      return "reopened";
    case "note":
      return "noted";
    case "assign":
      return change.text === null ? (
        "assigned to nobody"
      ) : (
        <>
          assigned to <bdi>{pieces(change.text)}</bdi>
        </>
      );
    case "snooze":
      return (
        <>
          snoozed{" "}
          {change.until !== null && (
            <>
              until <Exact at={change.until} />
            </>
          )}
          {change.until !== null && change.events !== null && " or "}
          {change.events !== null && `for ${plural(change.events, "more event")}`}
        </>
      );
  }
}
