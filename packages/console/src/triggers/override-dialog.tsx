import { useState } from "react";
import { call } from "../api/client.ts";
import { Choice } from "../parts/choice.tsx";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Field } from "../parts/field.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { Exact } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import type { TriggerRow } from "./trigger-now.ts";

const LENGTHS = [
  ["1h", "1 h", 3_600_000],
  ["4h", "4 h", 14_400_000],
  ["1d", "1 d", 86_400_000],
  ["7d", "7 d", 604_800_000],
] as const;

/** A person widens a trigger's own budgets, for so many attempts and so long. */
export function OverrideDialog({ trigger, onClose }: { trigger: TriggerRow; onClose: () => void }) {
  const [extra, setExtra] = useState(1);
  const [lasts, setLasts] = useState<string>("1h");
  const forMs = LENGTHS.find(([name]) => name === lasts)?.[2] ?? LENGTHS[0][2];
  const { id, project_id: project } = trigger;
  const inputOf = (reason: string) => ({ project, trigger: id, extra, for_ms: forMs, reason });
  return (
    <ReasonDialog
      title={`Allow more of ${id}`}
      verb={`Allow ${plural(extra, "more attempt")}`}
      failed="Nothing was allowed."
      act={(reason) => call("POST /v1/overrides", inputOf(reason))}
      onDone={({ override: added }) =>
        toast(`${id} may try ${plural(added.extra, "more time", "more times")}; the ledger says who allowed it.`)
      }
      stale="triggers"
      asCommand={(reason) => (
        <AsCommand
          words={`triggers override ${id} --project ${project} --extra ${extra} --for ${lasts} --reason ${quoted(reason)}`}
          route="POST /v1/overrides"
          input={inputOf(reason)}
        />
      )}
      below={
        trigger.budgets.some(({ next_free_at: at }) => at !== null) && (
          <p className="text-sm text-quiet">
            By itself one is free at <Exact at={Math.max(...trigger.budgets.map(({ next_free_at: at }) => at ?? 0))} />.
          </p>
        )
      }
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-3">
        <Field
          label="More attempts"
          type="number"
          min={1}
          max={10}
          required
          value={extra}
          onChange={({ target }) => setExtra(Math.min(10, Math.max(1, Math.round(target.valueAsNumber) || 1)))}
        />
        <Choice label="For how long" value={lasts} options={LENGTHS} onChange={setLasts} />
      </div>
      <p className="text-sm text-quiet">
        Beyond the trigger’s own budgets alone: what a project or all share stays as it is.
      </p>
    </ReasonDialog>
  );
}
