import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { RetentionPolicy, RetentionUse } from "@prunella/contract";
import { call } from "../api/client.ts";
import { retentionQuery } from "../api/queries.ts";
import { ModalDialog } from "../parts/modal.tsx";
import { Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import { useChange } from "./project-changes.ts";

const DAY_MS = 86_400_000;
const MB = 1_048_576;

const FIELDS = [
  ["bodies_ms", "Bodies of events", DAY_MS, "days"],
  ["faults_ms", "Resolved and muted faults, after their last event", DAY_MS, "days"],
  ["source_maps_ms", "Source maps, after their last use", DAY_MS, "days"],
  ["counts_by_second_ms", "Counts tell the second", DAY_MS, "days"],
  ["counts_by_hour_ms", "Counts tell the hour, then the day", DAY_MS, "days"],
  ["project_bytes", "All of it together", MB, "MB"],
] as const satisfies readonly (readonly [keyof RetentionPolicy, string, number, string])[];

export function RetentionDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const query = useQuery(retentionQuery(project));
  return (
    <ModalDialog title={`What ${project} keeps`} onClose={onClose}>
      {query.isError && (
        <Problem
          what="It could not be fetched."
          error={query.error}
          works="Nothing was changed."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && <Retention project={project} use={query.data} onClose={onClose} />}
    </ModalDialog>
  );
}

function Retention({ project, use, onClose }: { project: string; use: RetentionUse; onClose: () => void }) {
  const client = useQueryClient();
  const { policy, configured, changed, used, next } = use;
  const [typed, setTyped] = useState(() =>
    Object.fromEntries(FIELDS.map(([key, , unit]) => [key, String(Math.round((policy[key] / unit) * 100) / 100)])),
  );
  const { problem, busy, run } = useChange();
  const save = (event: FormEvent) => {
    event.preventDefault();
    const change: { -readonly [K in keyof RetentionPolicy]?: number } = {};
    for (const [key, , unit] of FIELDS) {
      const value = Math.round(Number(typed[key]) * unit);
      if (typed[key] !== "" && value !== policy[key]) change[key] = value;
    }
    void send({ change, reset: [] });
  };
  const send = (body: { change: Partial<RetentionPolicy>; reset: (keyof RetentionPolicy)[] }) =>
    run(async () => {
      const now = await call("POST /v1/projects/:project/retention", { project, ...body });
      client.setQueryData(retentionQuery(project).queryKey, now);
      toast("Saved. What is over the new bounds goes within a week.");
      onClose();
    });
  return (
    <form onSubmit={save} className="mt-3">
      <p className="text-sm">
        Used: {(used.bytes / MB).toFixed(1)} MB of {(policy.project_bytes / MB).toLocaleString("en")} MB, by{" "}
        {plural(used.faults, "fault")}, {plural(used.bodies, "body", "bodies")} and{" "}
        {plural(used.source_maps, "source map")}.
      </p>
      <ul className="mt-1 text-sm text-quiet">
        {next.over_cap && <li>It is over its cap: the least telling goes now.</li>}
        {next.body_at !== null && (
          <li>
            The oldest body may go <Ago at={next.body_at} />.
          </li>
        )}
        {next.fault_at !== null && (
          <li>
            The next closed fault goes <Ago at={next.fault_at} />.
          </li>
        )}
        {next.source_map_at !== null && (
          <li>
            The next unused source map goes <Ago at={next.source_map_at} />.
          </li>
        )}
      </ul>
      <div className="mt-4 space-y-3">
        {FIELDS.map(([key, words, unit, unitWords]) => (
          <label key={key} className="grid items-center gap-x-3 gap-y-1 sm:grid-cols-[minmax(0,1fr)_7rem_3rem]">
            <span>
              {words}
              {changed.includes(key) && (
                <span className="block text-sm text-quiet">
                  set here; the configuration says {Math.round(configured[key] / unit)} {unitWords}
                </span>
              )}
            </span>
            <input
              className="field min-w-0"
              type="number"
              min={key === "counts_by_hour_ms" ? 8 : 1}
              step="any"
              required
              value={typed[key]}
              onChange={({ target }) => setTyped({ ...typed, [key]: target.value })}
            />
            <span className="text-quiet">{unitWords}</span>
          </label>
        ))}
      </div>
      <p className="mt-3 text-sm text-quiet">Attempts, questions and the ledger never age.</p>
      <div role="alert" className="text-sm text-bad">
        {problem}
      </div>
      <div className="mt-3 flex flex-wrap gap-2">
        <button type="submit" className="button button-primary" disabled={busy}>
          Save
        </button>
        {changed.length > 0 && (
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() => void send({ change: {}, reset: [...changed] })}
          >
            As the configuration says
          </button>
        )}
      </div>
    </form>
  );
}
