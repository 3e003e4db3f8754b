import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiFailure, call } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Field } from "../parts/field.tsx";
import { ModalDialog } from "../parts/modal.tsx";
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
  const client = useQueryClient();
  const [extra, setExtra] = useState(1);
  const [lasts, setLasts] = useState<string>("1h");
  const [reason, setReason] = useState("");
  const forMs = LENGTHS.find(([name]) => name === lasts)?.[2] ?? LENGTHS[0][2];
  const { id, project_id: project } = trigger;
  const input = { project, trigger: id, extra, for_ms: forMs, reason: reason.trim() };
  const override = useMutation({
    mutationFn: () => call("POST /v1/overrides", input),
    onSuccess: ({ override: added }) => {
      toast(`${id} may try ${plural(added.extra, "more time", "more times")}; the ledger says who allowed it.`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    override.mutate();
  };
  return (
    <ModalDialog title={`Allow more of ${id}`} keeps={reason !== ""} onClose={onClose}>
      <form onSubmit={submit} className="mt-3 space-y-3">
        <p className="text-sm text-quiet">
          Beyond the trigger’s own budgets alone: what a project or all share stays as it is.
        </p>
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
          <label className="flex flex-1 basis-48 flex-col gap-1 text-sm">
            For how long
            <select className="field" value={lasts} onChange={({ target }) => setLasts(target.value)}>
              {LENGTHS.map(([name, words]) => (
                <option key={name} value={name}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Field
          label="Why"
          hint="In a few words, for whoever reads it later."
          isLine
          autoFocus
          required
          maxLength={200}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        <div role="alert" className="text-bad">
          {override.error !== null &&
            `Nothing was allowed. ${override.error instanceof ApiFailure ? override.error.message : ""}`}
        </div>
        <AsCommand
          words={`triggers override ${id} --project ${project} --extra ${extra} --for ${lasts} --reason ${quoted(reason.trim())}`}
          route="POST /v1/overrides"
          input={input}
        />
        <button
          type="submit"
          className="button button-primary max-md:min-h-11"
          disabled={override.isPending || reason.trim() === ""}
        >
          Allow {plural(extra, "more attempt")}
        </button>
        {trigger.budgets.some(({ next_free_at: at }) => at !== null) && (
          <p className="text-sm text-quiet">
            By itself one is free at <Exact at={Math.max(...trigger.budgets.map(({ next_free_at: at }) => at ?? 0))} />.
          </p>
        )}
      </form>
    </ModalDialog>
  );
}
