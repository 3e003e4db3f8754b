import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ProgramAnswer, SupervisedRow } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { AsCommand, useSpoken } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { KillSwitchLink } from "../parts/kill-switch-link.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { conditionOf, DONE, promiseOf, refusedWords, VERBS, type Verb } from "./program-words.ts";

export type Asked = { verb: Verb; answer: ProgramAnswer };

const ROUTES = {
  start: "POST /v1/programs/:name/start",
  stop: "POST /v1/programs/:name/stop",
  restart: "POST /v1/programs/:name/restart",
} as const;
const TITLES: Record<Verb, string> = { start: "Start", stop: "Stop", restart: "Restart" };

/** Start, stop, restart: each with a second step that says what will happen. */
export function Act({ program, onAsked }: { program: SupervisedRow; onAsked: (asked: Asked) => void }) {
  const [asking, setAsking] = useState<Verb | null>(null);
  return (
    <>
      {VERBS[conditionOf(program)].map((verb) => (
        <Does
          key={verb}
          route={ROUTES[verb]}
          project={program.project_id}
          className="button max-md:min-h-11 max-md:flex-1"
          aria-label={`${TITLES[verb]} ${program.name}…`}
          onClick={() => setAsking(verb)}
        >
          {TITLES[verb]}…
        </Does>
      ))}
      {asking !== null && <Confirm verb={asking} program={program} onAsked={onAsked} onClose={() => setAsking(null)} />}
    </>
  );
}

function Confirm({
  verb,
  program,
  onAsked,
  onClose,
}: {
  verb: Verb;
  program: SupervisedRow;
  onAsked: (asked: Asked) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const { name, project_id: project } = program;
  const act = useMutation({
    mutationFn: () => call(ROUTES[verb], { name, project }),
    onSuccess: (answer) => {
      onAsked({ verb, answer });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["supervised"] }),
  });
  return (
    <ModalDialog title={`${TITLES[verb]} ${name}?`} role="alertdialog" onClose={onClose}>
      <p className="mt-3 [overflow-wrap:anywhere]">{promiseOf(verb, name, conditionOf(program))}</p>
      <p className="mt-2 text-sm text-quiet">It goes through the gate, and into the ledger as a person’s word.</p>
      <div role="alert" className="mt-2">
        {act.error !== null && (
          <p className="text-bad">
            Nothing was done. {act.error instanceof ApiFailure ? `${act.error.message} ${act.error.hint ?? ""}` : ""}
          </p>
        )}
      </div>
      <AsCommand words={`${verb} ${name} --project ${project}`} route={ROUTES[verb]} input={{ name, project }} />
      <div className="mt-3 flex flex-wrap gap-2">
        <button
          type="button"
          className={`button max-md:min-h-11 ${verb === "stop" ? "button-bad" : "button-primary"}`}
          disabled={act.isPending}
          onClick={() => act.mutate()}
        >
          {TITLES[verb]} it
        </button>
        <button type="button" autoFocus className="button max-md:min-h-11" onClick={onClose}>
          Leave it as it is
        </button>
      </div>
    </ModalDialog>
  );
}

/** What was asked, followed to its end: by its attempt, which the row of the program names. */
export function Followed({ program, asked: { verb, answer } }: { program: SupervisedRow; asked: Asked }) {
  const { name, last_attempt: last } = program;
  const say = useSpoken();
  if (answer.verdict === "refused")
    return (
      <p role="status" className="[overflow-wrap:anywhere]">
        <span className="text-bad">✕</span> {say(refusedWords(verb, name, answer))}
        {answer.refusal === "killed" && <KillSwitchLink />}
      </p>
    );
  const state = last?.id === answer.attempt_id ? last.state : null;
  // Ids sort by the time that they were made at: what came after it is told by the row itself.
  if (last !== null && last.id > answer.attempt_id)
    return <p role="status">○ Asked to {verb}, by you; something newer has happened since.</p>;
  return (
    <p role="status" className="flex flex-wrap gap-x-2">
      <span>○ Asked to {verb}, by you</span>
      <span aria-hidden="true" className="text-edge">
        →
      </span>
      {state === "succeeded" ? (
        <span className="text-good">✓ {DONE[verb]}</span>
      ) : state === "failed" || state === "expired" || state === "abandoned" ? (
        <span className="text-bad">✕ it could not be {DONE[verb]}; it is as it was</span>
      ) : (
        <span className="text-quiet">{state === "running" ? "under way…" : "permitted, its supervisor is told…"}</span>
      )}
    </p>
  );
}
