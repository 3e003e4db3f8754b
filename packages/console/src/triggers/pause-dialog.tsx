import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Pause } from "@prunella/contract";
import { call } from "../api/client.ts";
import { Choice } from "../parts/choice.tsx";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Does } from "../parts/does.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { toast } from "../shell/toasts.tsx";

const LENGTHS = [
  ["", "until somebody lifts it", null],
  ["15m", "15 min", 900_000],
  ["1h", "1 h", 3_600_000],
  ["4h", "4 h", 14_400_000],
  ["1d", "1 d", 86_400_000],
] as const;

/** A named reason to stand still, for one trigger or, without one, for a project that is chosen. */
export function PauseDialog({
  project,
  projects = [project],
  trigger,
  onClose,
}: {
  project: string;
  projects?: readonly string[];
  trigger: string | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState(project);
  const [lasts, setLasts] = useState<string>("");
  const [opened] = useState(() => Date.now());
  const length = LENGTHS.find(([name]) => name === lasts)?.[2] ?? null;
  const inputAt = (now: number, reason: string) => ({
    project: chosen,
    trigger,
    reason,
    until: length === null ? null : now + length,
  });
  return (
    <ReasonDialog
      title={trigger === null ? "Pause a project" : `Pause ${trigger}`}
      hint="The name of this pause: others may stand beside it, and each is lifted on its own."
      verb="Pause"
      failed="It was not paused."
      act={(reason) => call("POST /v1/pauses", inputAt(Date.now(), reason))}
      onDone={({ pause: added }) =>
        toast(`${trigger ?? `The project ${chosen}`} stands still: ${added.reason}. What runs may finish.`, {
          undo: () =>
            void call("POST /v1/pauses/:id/lift", { id: added.id })
              .catch((error: unknown) =>
                toast(error instanceof Error ? error.message : "It stands still.", { bad: true }),
              )
              .finally(() => void client.invalidateQueries({ queryKey: ["triggers"] })),
        })
      }
      stale="triggers"
      asCommand={(reason) => (
        <AsCommand
          words={`pause ${chosen}${trigger === null ? "" : ` --trigger ${trigger}`} --reason ${quoted(reason)}${lasts === "" ? "" : ` --for ${lasts}`}`}
          route="POST /v1/pauses"
          input={inputAt(opened, reason)}
        />
      )}
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-3">
        {trigger === null && (
          <Choice
            label="Project"
            value={chosen}
            options={projects.map((each) => [each, each] as const)}
            onChange={setChosen}
          />
        )}
        <Choice label="For how long" value={lasts} options={LENGTHS} onChange={setLasts} />
      </div>
      <p className="text-sm text-quiet">
        What runs may finish; permits that were not used yet are void. Failures are still taken in, and are judged again
        when it is over. People may still act by hand.
      </p>
    </ReasonDialog>
  );
}

/** Lifts one pause; the others stay. */
export function LiftButton({ pause }: { pause: Pause }) {
  const client = useQueryClient();
  const lift = useMutation({
    mutationFn: () => call("POST /v1/pauses/:id/lift", { id: pause.id }),
    onSuccess: () => toast(`Lifted: ${pause.reason}. What was held back by it is judged again.`),
    onError: (error) => toast(error.message, { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers"] }),
  });
  return (
    <Does
      route="POST /v1/pauses/:id/lift"
      project={pause.project_id}
      className="button button-small max-md:min-h-11"
      disabled={lift.isPending}
      onClick={() => lift.mutate()}
    >
      Resume<span className="sr-only">: {pause.reason}</span>
    </Does>
  );
}
