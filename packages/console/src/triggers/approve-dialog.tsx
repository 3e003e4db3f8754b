import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../api/client.ts";
import { triggersQuery } from "../api/queries.ts";
import { Choice } from "../parts/choice.tsx";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Field } from "../parts/field.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { actionWords, targetWords } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import { targetOf } from "./trigger-now.ts";

const LENGTHS = [
  ["1h", "1 h", 3_600_000],
  ["4h", "4 h", 14_400_000],
  ["1d", "1 d", 86_400_000],
] as const;

/** Whoever asks, of any trigger. */
const ANY = "";

/** A person says yes before the question: to what a trigger would do now, or to an action of an envelope. */
export function ApproveDialog({ projects, onClose }: { projects: readonly string[]; onClose: () => void }) {
  const triggers = (useQuery(triggersQuery).data?.triggers ?? []).filter(
    ({ remedies, project_id: of }) => remedies.length > 0 && projects.includes(of),
  );
  const [chosen, setChosen] = useState(ANY);
  const [project, setProject] = useState<string | null>(null);
  const [action, setAction] = useState("");
  const [target, setTarget] = useState("");
  const [lasts, setLasts] = useState<string>("1h");
  const forMs = LENGTHS.find(([name]) => name === lasts)?.[2] ?? LENGTHS[0][2];
  const trigger = triggers.find((one) => keyOf(one) === chosen);
  const of = trigger?.project_id ?? project ?? projects[0] ?? "default";
  const inputOf = (reason: string) => ({
    project: of,
    trigger: trigger?.id ?? null,
    action: action.trim(),
    target: target.trim(),
    for_ms: forMs,
    reason,
  });
  const choose = (key: string) => {
    setChosen(key);
    const named = triggers.find((one) => keyOf(one) === key);
    if (named === undefined) return;
    setAction(named.remedies[0]?.action ?? "");
    setTarget(targetOf(named) ?? named.envelope.targets[0] ?? "");
  };
  const words = [
    `approve ${quoted(action.trim())} ${quoted(target.trim())} --project ${of}`,
    ...(trigger === undefined ? [] : [`--trigger ${trigger.id}`]),
    `--for ${lasts}`,
  ].join(" ");
  return (
    <ReasonDialog
      title="Approve beforehand"
      verb="Approve it once"
      failed="Nothing was approved."
      act={(reason) => call("POST /v1/approvals", inputOf(reason))}
      onDone={({ approval }) =>
        toast(
          approval.escalation_id === null
            ? `Approved: ${actionWords(approval.action)} of ${targetWords(approval.target)}, once, for the next question about exactly that.`
            : "Approved: the open question about it is answered, and the gate is asked once.",
        )
      }
      stale="escalations"
      asCommand={(reason) => (
        <AsCommand words={`${words} --reason ${quoted(reason)}`} route="POST /v1/approvals" input={inputOf(reason)} />
      )}
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-3">
        <Choice
          label="Who may ask"
          value={chosen}
          options={[[ANY, "whichever asks"], ...triggers.map((one) => [keyOf(one), keyOf(one)] as const)]}
          onChange={choose}
        />
        {trigger === undefined && projects.length > 1 && (
          <Choice
            label="Project"
            value={of}
            options={projects.map((each) => [each, each] as const)}
            onChange={setProject}
          />
        )}
        <Choice label="For how long" value={lasts} options={LENGTHS} onChange={setLasts} />
      </div>
      <div className="flex flex-wrap gap-3">
        <Field
          label="Action"
          hint="Such as restart or wake."
          required
          maxLength={64}
          value={action}
          onChange={({ target: input }) => setAction(input.value)}
        />
        <Field
          label="Target"
          hint="Such as program:shop."
          required
          maxLength={200}
          value={target}
          onChange={({ target: input }) => setTarget(input.value)}
        />
      </div>
      <p className="text-sm text-quiet">
        Its arguments are those of now: when the policy changes, it is asked all the same. Kill switch, budgets and
        ceilings hold as ever.
      </p>
    </ReasonDialog>
  );
}

const keyOf = ({ id, project_id: project }: { id: string; project_id: string }): string => `${project}/${id}`;
