import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { DrillRun } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { actionWords, refusalWords, targetWords } from "../parts/words.ts";
import type { TriggerRow } from "./trigger-now.ts";

/** A made-up failure goes the whole way to the gate's answer and is taken back; what came of it stands here. */
export function DrillDialog({ trigger, onClose }: { trigger: TriggerRow; onClose: () => void }) {
  const client = useQueryClient();
  const { id, project_id: project } = trigger;
  const drill = useMutation({
    mutationFn: () => call("POST /v1/drills", { project, trigger: id }),
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers"] }),
  });
  const run = drill.data?.drill;
  return (
    <ModalDialog title={`Drill ${id}`} onClose={onClose}>
      <p className="mt-3">
        A made-up failure that it waits for goes the whole way to the gate’s answer and is taken back. Nothing acts,
        nothing counts against a budget, and nobody is asked.
      </p>
      <div role="status" className="mt-2 [overflow-wrap:anywhere]">
        {run !== undefined && <Came run={run} />}
      </div>
      <div role="alert" className="text-bad">
        {drill.error !== null &&
          `It was not drilled. ${drill.error instanceof ApiFailure ? `${drill.error.message} ${drill.error.hint ?? ""}` : ""}`}
      </div>
      <AsCommand words={`drill ${id} --project ${project}`} route="POST /v1/drills" input={{ project, trigger: id }} />
      <button
        type="button"
        autoFocus
        className="button button-primary mt-3 max-md:min-h-11"
        disabled={drill.isPending}
        onClick={() => drill.mutate()}
      >
        {run === undefined ? "Drill it" : "Drill it again"}
      </button>
    </ModalDialog>
  );
}

function Came({
  run: { proves, verdict, refusal, detail, action, target, took_ms: tookMs, audit_log_id: entry },
}: {
  run: DrillRun;
}) {
  const what = `${actionWords(action)} of ${targetWords(target)}`;
  return (
    <p>
      <strong className={`font-semibold ${proves ? "text-good" : "text-warn"}`}>
        {proves ? "✓ Proven." : "▲ Nothing is proven."}
      </strong>{" "}
      {verdict === "not_held"
        ? detail
        : verdict === "permitted"
          ? `It held, and the gate would have permitted ${what}.`
          : `It held, and the gate would have refused: ${refusalWords(refusal ?? "")}. ${detail ?? ""}`}{" "}
      <span className="text-sm text-quiet">
        It took {tookMs} ms,{" "}
        <Link to="/entries" search={{ from: entry }} className="link whitespace-nowrap">
          entry {entry}
        </Link>
      </span>
    </p>
  );
}
