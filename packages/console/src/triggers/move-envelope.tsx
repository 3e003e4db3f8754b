import { useState } from "react";
import type { EnvelopeRow, EnvelopeStage } from "@prunella/contract";
import { call } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Does } from "../parts/does.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { toast } from "../shell/toasts.tsx";

/** From the least trust to the most. */
const LADDER = ["observe", "propose", "approve", "auto"] as const satisfies readonly EnvelopeStage[];

const STAGE_WORDS: Readonly<Record<EnvelopeStage, string>> = {
  observe: "it says what it would have done",
  propose: "it tells a person, who does it by hand",
  approve: "it is done when a person says so",
  auto: "it is done",
};

/** As the command says it. */
export function recordWords({ held, not_held: notHeld, at_least: share }: EnvelopeRow["record"]): string {
  if (share === null) return "none of its fixes has ended yet";
  return `${held} of ${held + notHeld} fixes held: at least ${Math.floor(share * 100)} % do, with 95 % confidence`;
}

/** One stage further, or one less: both a person's, with a reason. */
export function MoveButtons({ envelope }: { envelope: EnvelopeRow }) {
  const [asking, setAsking] = useState<"promote" | "demote" | null>(null);
  return (
    <>
      {(["promote", "demote"] as const)
        .filter((move) => stageAfter(envelope, move) !== null)
        .map((move) => (
          <Does
            key={move}
            route="POST /v1/envelopes/:probe/stage"
            project={envelope.project_id}
            className="button max-md:min-h-11"
            onClick={() => setAsking(move)}
          >
            {move === "promote" ? "Trust it more…" : "Trust it less…"}
            <span className="sr-only"> {envelope.probe}</span>
          </Does>
        ))}
      {asking !== null && <MoveDialog envelope={envelope} move={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

const stageAfter = ({ stage }: EnvelopeRow, move: "promote" | "demote"): EnvelopeStage | null =>
  LADDER[LADDER.indexOf(stage) + (move === "promote" ? 1 : -1)] ?? null;

function MoveDialog({
  envelope,
  move,
  onClose,
}: {
  envelope: EnvelopeRow;
  move: "promote" | "demote";
  onClose: () => void;
}) {
  const { probe, project_id: project, stage } = envelope;
  const next = stageAfter(envelope, move) ?? stage;
  const inputOf = (reason: string) => ({ probe, project, move, reason });
  return (
    <ReasonDialog
      title={`Trust ${probe} ${move === "promote" ? "more" : "less"}`}
      verb={`From ${stage} to ${next}`}
      failed="It stays where it is."
      act={(reason) => call("POST /v1/envelopes/:probe/stage", inputOf(reason))}
      onDone={({ envelope: moved }) => toast(`${probe} is at ${moved.stage}: ${STAGE_WORDS[moved.stage]}.`)}
      stale="triggers"
      asCommand={(reason) => (
        <AsCommand
          words={`envelopes ${move} ${probe} --project ${project} --reason ${quoted(reason)}`}
          route="POST /v1/envelopes/:probe/stage"
          input={inputOf(reason)}
        />
      )}
      onClose={onClose}
    >
      <ol aria-label="Stages" className="border-l-2 border-line pl-3 text-sm">
        {LADDER.map((each) => (
          <li key={each} className={each === next ? "font-semibold" : "text-quiet"}>
            {each}: {STAGE_WORDS[each]}
            {each === stage && " (now)"}
            {each === next && " (then)"}
          </li>
        ))}
      </ol>
      <p className="text-sm text-quiet">
        Its record: {recordWords(envelope.record)}. It goes into the ledger with your id. A fix that does not help takes
        it back one stage by itself.
      </p>
    </ReasonDialog>
  );
}
