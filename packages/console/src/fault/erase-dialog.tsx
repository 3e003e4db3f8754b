import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { FaultDetail } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";

/** The second step of erasing. It names what goes, what stays, and that there is no way back. */
export function EraseDialog({ detail, onClose }: { detail: FaultDetail; onClose: () => void }) {
  const { fault, merged } = detail;
  const client = useQueryClient();
  const navigate = useNavigate();
  const erase = useMutation({
    mutationFn: () => call("POST /v1/faults/:id/erase", { id: fault.id }),
    onSuccess: async ({ events }) => {
      toast(`Erased, with ${plural(events, "event")}. The ledger says that it happened, and nothing of what it was.`);
      await navigate({ to: "/" });
      for (const key of ["fault", "explain", "sample"]) client.removeQueries({ queryKey: [key, fault.id] });
      await client.invalidateQueries({ queryKey: ["faults"] });
    },
  });
  const tied = merged.length > 0 || fault.merged_into !== null;
  return (
    <ModalDialog title="Erase this fault for good?" role="alertdialog" keeps onClose={onClose}>
      <p className="frame mt-3 max-h-32 overflow-y-auto px-3 py-2">
        <Untrusted text={fault.title} />
      </p>
      {tied ? (
        <p className="mt-3">
          {merged.length > 0
            ? `${plural(merged.length, "fault is", "faults are")} merged into this one.`
            : "This fault is merged into another."}{" "}
          Take them apart first, so that it is clear what goes.
        </p>
      ) : (
        <>
          <p className="mt-3">
            This deletes {plural(fault.count, "event")}: their bodies, counts, fingerprints and the title. It cannot be
            undone. Only a backup that you made of the data folder would still have them.
          </p>
          <p className="mt-2">
            The ledger keeps one entry: when a person erased a fault and how many events it had, nothing of what it was.
            If the failure happens again, it opens a new fault.
          </p>
        </>
      )}
      <div role="alert" className="mt-2">
        {erase.error !== null && (
          <p className="text-bad">Nothing was erased. {erase.error instanceof ApiFailure ? erase.error.message : ""}</p>
        )}
      </div>
      {!tied && (
        <AsCommand words={`erase ${fault.id.slice(-8)}`} route="POST /v1/faults/:id/erase" input={{ id: fault.id }} />
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        {!tied && (
          <button type="button" className="button button-bad" disabled={erase.isPending} onClick={() => erase.mutate()}>
            Yes, erase it for good
          </button>
        )}
        <button type="button" autoFocus className="button" onClick={onClose}>
          {tied ? "Close" : "Keep it"}
        </button>
      </div>
    </ModalDialog>
  );
}
