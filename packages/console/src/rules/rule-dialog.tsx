import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { RuleCondition } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { faultsQuery, projectsQuery } from "../api/queries.ts";
import { AsCommand } from "../parts/command.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { useRuleChanges } from "./changes.ts";
import { FIELDS, fitsRow, MOST, type RuleDraft } from "./pattern.ts";
import { ruleCommand } from "./rule-command.ts";

const SHOWN = 4;

/** Writes a grouping rule; says while typing which of the last faults it would probably take in. */
export function RuleDialog({ draft, onClose }: { draft: RuleDraft; onClose: () => void }) {
  const { add } = useRuleChanges();
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const [project, setProject] = useState(draft.project ?? "default");
  const [when, setWhen] = useState<RuleCondition>(draft.when);
  const [name, setName] = useState(draft.group_as);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const empty = Object.keys(when).length === 0;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await add({ project, when, group_as: name.trim() });
      onClose();
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      setProblem(`${error.message} ${error.hint ?? ""}`);
      setBusy(false);
    }
  };
  return (
    <ModalDialog title="Write a grouping rule" keeps onClose={onClose}>
      <p className="mt-2 text-quiet">
        Events that fit all of this are one fault. <code>*</code> stands for any text; what is left empty does not
        matter.
      </p>
      <form onSubmit={(event) => void submit(event)} className="mt-4 flex flex-col gap-3">
        {projects.length > 1 && (
          <label className={ROW}>
            <span>Project</span>
            <select className="field min-w-0" value={project} onChange={({ target }) => setProject(target.value)}>
              {projects.map(({ id }) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </select>
          </label>
        )}
        {FIELDS.map(({ name: field, label, example }) => (
          <label key={field} className={ROW}>
            <span>{label}</span>
            <input
              className="field min-w-0 font-mono text-sm"
              value={when[field] ?? ""}
              placeholder={`such as ${example}`}
              maxLength={MOST}
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              onChange={({ target }) => {
                const { [field]: _, ...others } = when;
                setWhen(target.value === "" ? others : { ...others, [field]: target.value });
              }}
            />
          </label>
        ))}
        <label className={`${ROW} border-t border-line pt-3`}>
          <span>Is one fault named</span>
          <input
            className="field min-w-0"
            value={name}
            maxLength={MOST}
            aria-describedby="name-help"
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        <p id="name-help" className="-mt-2 text-sm text-quiet sm:ml-34">
          With <code>{"{class}"}</code> or <code>{"{function}"}</code> in it, one rule makes a fault for each of them.
        </p>
        <Estimate project={project} when={when} />
        {!empty && name.trim() !== "" && (
          <AsCommand
            words={ruleCommand(project, when, name.trim())}
            route="POST /v1/grouping-rules"
            input={{ project, when, group_as: name.trim() }}
          />
        )}
        <div role="alert">{problem !== null && <p className="text-bad">The rule was not added. {problem}</p>}</div>
        <div className="flex flex-wrap items-center gap-2">
          <button type="submit" className="button button-primary" disabled={busy || empty || name.trim() === ""}>
            Add the rule
          </button>
          <button type="button" className="button button-plain" onClick={onClose}>
            Cancel
          </button>
          <span className="text-sm text-quiet">
            {empty ? "A rule has at least one condition." : "It decides for events that come from now on."}
          </span>
        </div>
      </form>
    </ModalDialog>
  );
}

const ROW = "grid items-center gap-x-3 gap-y-1 sm:grid-cols-[8rem_minmax(0,1fr)]";

function Estimate({ project, when }: { project: string; when: RuleCondition }) {
  const faults = useInfiniteQuery(faultsQuery({ status: "all", project, q: undefined }));
  const rows = faults.data?.pages.flatMap((page) => page.faults).filter((row) => row.project_id === project) ?? [];
  const fitting = Object.keys(when).length === 0 ? [] : rows.filter((row) => fitsRow(when, row) === true);
  return (
    <div className="min-h-34 border-l-2 border-line pl-3 text-sm">
      <p role="status">
        {when.target !== undefined
          ? "How many faults fit cannot be said here: their rows do not tell the target."
          : `Estimate: ${fitting.length.toLocaleString("en")} of the last ${plural(rows.length, "fault")} ${fitting.length === 1 ? "fits" : "fit"}.`}
      </p>
      <ul className="mt-1">
        {fitting.slice(0, SHOWN).map((row) => (
          <li key={row.id} className="truncate" title={row.title}>
            <Untrusted text={row.title} />
          </li>
        ))}
        {fitting.length > SHOWN && <li className="text-quiet">and {fitting.length - SHOWN} more</li>}
      </ul>
      <p className="mt-1 text-quiet">
        Read from titles and places alone; the rule itself looks at every cause and every frame.
      </p>
    </div>
  );
}
