import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Pause } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Does } from "../parts/does.tsx";
import { Field } from "../parts/field.tsx";
import { ModalDialog } from "../parts/modal.tsx";
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
  const [reason, setReason] = useState("");
  const [lasts, setLasts] = useState<string>("");
  const [opened] = useState(() => Date.now());
  const length = LENGTHS.find(([name]) => name === lasts)?.[2] ?? null;
  const inputAt = (now: number) => ({
    project: chosen,
    trigger,
    reason: reason.trim(),
    until: length === null ? null : now + length,
  });
  const pause = useMutation({
    mutationFn: () => call("POST /v1/pauses", inputAt(Date.now())),
    onSuccess: ({ pause: added }) => {
      toast(`${trigger ?? `The project ${chosen}`} stands still: ${added.reason}. What runs may finish.`, {
        undo: () =>
          void call("POST /v1/pauses/:id/lift", { id: added.id })
            .catch((error: unknown) =>
              toast(error instanceof Error ? error.message : "It stands still.", { bad: true }),
            )
            .finally(() => void client.invalidateQueries({ queryKey: ["triggers"] })),
      });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pause.mutate();
  };
  return (
    <ModalDialog
      title={trigger === null ? "Pause a project" : `Pause ${trigger}`}
      keeps={reason !== ""}
      onClose={onClose}
    >
      <form onSubmit={submit} className="mt-3 space-y-3">
        {trigger === null && (
          <label className="flex flex-col gap-1 text-sm">
            Project
            <select className="field" value={chosen} onChange={({ target }) => setChosen(target.value)}>
              {projects.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        )}
        <Field
          label="Why"
          hint="The name of this pause: others may stand beside it, and each is lifted on its own."
          isLine
          autoFocus
          required
          maxLength={200}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
        <label className="flex flex-col gap-1 text-sm">
          For how long
          <select className="field" value={lasts} onChange={({ target }) => setLasts(target.value)}>
            {LENGTHS.map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <p className="text-sm text-quiet">
          What runs may finish; permits that were not used yet are void. Failures are still taken in, and are judged
          again when it is over. People may still act by hand.
        </p>
        <div role="alert" className="text-bad">
          {pause.error !== null &&
            `It was not paused. ${pause.error instanceof ApiFailure ? `${pause.error.message} ${pause.error.hint ?? ""}` : ""}`}
        </div>
        <AsCommand
          words={`pause ${chosen}${trigger === null ? "" : ` --trigger ${trigger}`} --reason ${quoted(reason.trim())}${lasts === "" ? "" : ` --for ${lasts}`}`}
          route="POST /v1/pauses"
          input={inputAt(opened)}
        />
        <button
          type="submit"
          className="button button-primary max-md:min-h-11"
          disabled={pause.isPending || reason.trim() === ""}
        >
          Pause
        </button>
      </form>
    </ModalDialog>
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
