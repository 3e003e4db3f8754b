import { useMutation, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Trigger } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { triggersQuery } from "../api/queries.ts";
import { Choice } from "../parts/choice.tsx";
import { AsCommand } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { TriggersHead } from "../parts/section.tsx";
import { useTitle } from "../shell/shell.tsx";
import { followRehearsal } from "./follow-rehearsal.ts";
import { PolicyFields, policyOf } from "./policy-fields.tsx";
import { RehearsalSummary } from "./rehearsal-summary.tsx";
import type { TriggerRow } from "./trigger-now.ts";

const BACK = [
  ["1d", "1 day", 86_400_000],
  ["7d", "7 days", 604_800_000],
  ["30d", "30 days", 2_592_000_000],
] as const;
const LOOK_MS = 400;

/** Another policy on what really came in: nothing is written and nothing is done. */
export function RehearsalPage() {
  useTitle("Rehearsal");
  const { trigger: named, project } = useSearch({ from: "/shell/triggers/rehearsal" });
  const query = useQuery(triggersQuery);
  const triggers = query.data?.triggers;
  const first = triggers?.find(({ id, project_id: of }) => id === named && (project ?? of) === of) ?? triggers?.[0];
  return (
    <div className="page pb-12 pt-4">
      <TriggersHead title="Rehearsal" />
      <p className="mt-2 max-w-160 text-quiet">
        What would have happened with other numbers: what came in is played once more through the gate’s decisions,
        beside what really happened. Nothing is written and nothing is done.
      </p>
      {query.isError && (
        <Problem
          what="The triggers could not be fetched."
          error={query.error}
          works="A whole policy file is rehearsed from the terminal: prunella rehearse --policy new.yaml --since 7d."
          onRetry={() => void query.refetch()}
        />
      )}
      {triggers !== undefined && first === undefined && (
        <Nothing title="There is no trigger to rehearse">
          One appears when a program opts in, or stands below <code>triggers:</code> in <code>prunella.yaml</code>.
        </Nothing>
      )}
      {triggers !== undefined && first !== undefined && (
        <Form
          key={`${first.project_id} ${first.id}`}
          first={first}
          triggers={triggers}
          isWhole={query.data?.next === null}
        />
      )}
    </div>
  );
}

function Form({ first, triggers, isWhole }: { first: TriggerRow; triggers: readonly TriggerRow[]; isWhole: boolean }) {
  const [chosen, setChosen] = useState(first);
  const [changed, setChanged] = useState<Trigger>(() => policyOf(first));
  const [back, setBack] = useState<string>("7d");
  const [opened] = useState(() => Date.now());
  const [progress, setProgress] = useState<string | null>(null);
  const project = chosen.project_id;
  const length = BACK.find(([name]) => name === back)?.[2] ?? BACK[1][2];
  const inputAt = (now: number) => ({
    project,
    policy: triggers
      .filter((each) => each.project_id === project)
      .map((each) => (each.id === changed.id ? changed : policyOf(each))),
    since: now - length,
  });
  const left = useRef(new AbortController());
  useEffect(() => {
    const leaving = new AbortController();
    left.current = leaving;
    return () => leaving.abort();
  }, []);
  const rehearse = useMutation({
    mutationFn: async () => {
      const { rehearsal } = await call("POST /v1/rehearsals", inputAt(Date.now()));
      return followRehearsal(rehearsal, {
        read: async (id) => (await call("GET /v1/rehearsals/:id", { id, project })).rehearsal,
        pause: () => new Promise((resolve) => setTimeout(resolve, LOOK_MS)),
        onProgress: setProgress,
        left: left.current.signal,
      });
    },
    onSettled: () => setProgress(null),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rehearse.mutate();
  };
  return (
    <>
      <form onSubmit={submit} className="mt-4 max-w-240 space-y-4">
        <div className="flex flex-wrap gap-3">
          <label className="flex min-w-0 flex-1 basis-48 flex-col gap-1 text-sm">
            Trigger
            <select
              className="field min-w-0"
              value={`${project} ${chosen.id}`}
              onChange={({ target }) => {
                const next = triggers.find((each) => `${each.project_id} ${each.id}` === target.value);
                if (next === undefined) return;
                setChosen(next);
                setChanged(policyOf(next));
              }}
            >
              {triggers.map((each) => (
                <option key={`${each.project_id} ${each.id}`} value={`${each.project_id} ${each.id}`}>
                  {each.id} in {each.project_id}
                </option>
              ))}
            </select>
          </label>
          <Choice label="How far back" value={back} options={BACK} onChange={setBack} />
        </div>
        <PolicyFields now={policyOf(chosen)} changed={changed} onChange={setChanged} />
        {!isWhole && (
          <p className="text-sm text-quiet">
            There are more triggers than this page holds; those that are not listed are left out of it.
          </p>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Does
            type="submit"
            route="POST /v1/rehearsals"
            project={project}
            className="button button-primary max-md:min-h-11"
            disabled={rehearse.isPending}
          >
            {rehearse.isPending ? "Rehearsing" : "Rehearse"}
          </Does>
          <button type="button" className="button max-md:min-h-11" onClick={() => setChanged(policyOf(chosen))}>
            As it stands
          </button>
        </div>
        <AsCommand route="POST /v1/rehearsals" input={inputAt(opened)} />
      </form>
      <div role="status" className="mt-3 text-quiet">
        {progress}
      </div>
      <div role="alert" className="mt-2">
        {rehearse.error !== null && (
          <p className="text-bad">
            It could not be rehearsed. {rehearse.error.message}{" "}
            {rehearse.error instanceof ApiFailure ? rehearse.error.hint : ""}
          </p>
        )}
      </div>
      {rehearse.data && !rehearse.isPending && <RehearsalSummary report={rehearse.data} changed={changed.id} />}
    </>
  );
}
