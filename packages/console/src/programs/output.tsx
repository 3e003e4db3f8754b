import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SupervisedRow } from "@prunella/contract";
import { outputQuery } from "../api/queries.ts";
import { Fold } from "../parts/fold.tsx";
import { Ago } from "../parts/time.tsx";
import { UntrustedBlock } from "../parts/untrusted.tsx";

/** The last lines that a program wrote, fetched when somebody opens them. */
export function Output({ program }: { program: SupervisedRow }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Fold
      className="mt-2"
      onToggle={setOpen}
      title={
        <span>
          Last lines of output<span className="sr-only"> of {program.name}</span>
        </span>
      }
    >
      {isOpen && <Lines program={program} />}
    </Fold>
  );
}

function Lines({ program: { name, project_id: project } }: { program: SupervisedRow }) {
  const query = useQuery(outputQuery(name, project));
  if (query.isError) return <p className="mt-1 text-sm text-bad">Its output could not be fetched.</p>;
  if (query.data === undefined) return null;
  const { lines, at } = query.data;
  if (at === null)
    return <p className="mt-1 text-sm text-quiet">Its supervisor has not said anything to this server yet.</p>;
  if (lines.length === 0) return <p className="mt-1 text-sm text-quiet">It has written nothing.</p>;
  return (
    <div className="mt-2">
      <UntrustedBlock text={lines.join("\n").replace(/^\n+/, "")} label={`Last lines of output of ${name}`} />
      <p className="mt-1 text-xs text-quiet">
        As of <Ago at={at} />; kept in memory only, without what looked secret.
      </p>
    </div>
  );
}
