import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { LedgerEntryType } from "@prunella/contract";
import type { LedgerSearch } from "../router.tsx";

/** All that there are in this version; a test holds them against the contract. */
export const TYPES = [
  "genesis",
  "attempt_intent",
  "attempt_refused",
  "attempt_started",
  "attempt_outcome",
  "attempt_verified",
  "escalation_opened",
  "escalation_decided",
  "escalation_held",
  "drill_run",
  "sprint_changed",
  "away_reviewed",
  "trigger_registered",
  "trigger_removed",
  "pause_changed",
  "maintenance_changed",
  "budget_overridden",
  "envelope_switched",
  "envelope_stage_changed",
  "approval_changed",
  "switch_changed",
  "heartbeat_changed",
  "config_reloaded",
  "grant_changed",
  "plugin_changed",
  "plugin_trust_changed",
  "plugin_switched",
  "issue_filed",
  "promotion_changed",
  "plugin_invoked",
  "plugin_completed",
  "plugin_noted",
  "plugin_failed",
  "person_changed",
  "project_added",
  "project_changed",
  "project_key_changed",
  "retention_changed",
  "fault_status",
  "fault_merged",
  "fault_erased",
  "rules_changed",
  "guards_restored",
  "summary",
] as const satisfies readonly LedgerEntryType[];

/** Only some entries, by their type, by whose word they are, and by the fault that they are about. */
export function Filter({ search }: { search: LedgerSearch }) {
  const navigate = useNavigate({ from: "/entries" });
  const { type = "", actor = "", fault = "" } = search;
  const [typed, setTyped] = useState({ actor, fault, of: search });
  // An address that somebody followed says what is looked for now.
  if (typed.of !== search && (typed.of.actor !== search.actor || typed.of.fault !== search.fault))
    setTyped({ actor, fault, of: search });
  const go = (next: Partial<Record<"type" | "actor" | "fault", string>>) => {
    const wanted = { type, actor: typed.actor.trim(), fault: typed.fault.trim(), ...next };
    void navigate({
      search: {
        type: wanted.type === "" ? undefined : wanted.type,
        actor: wanted.actor === "" ? undefined : wanted.actor,
        fault: wanted.fault === "" ? undefined : wanted.fault,
      },
      resetScroll: false,
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go({});
  };
  return (
    <form role="search" aria-label="Some entries" onSubmit={submit} className="mt-6 flex flex-wrap items-end gap-3">
      <label className="flex min-w-0 flex-1 basis-40 flex-col gap-1 text-sm">
        Type
        <select className="field min-w-0" value={type} onChange={({ target }) => go({ type: target.value })}>
          <option value="">all</option>
          {TYPES.map((each) => (
            <option key={each} value={each}>
              {each.replaceAll("_", " ")}
            </option>
          ))}
        </select>
      </label>
      <label className="flex min-w-0 flex-1 basis-40 flex-col gap-1 text-sm">
        By
        <input
          className="field min-w-0"
          value={typed.actor}
          placeholder="person:operator"
          maxLength={120}
          autoComplete="off"
          onChange={({ target }) => setTyped({ ...typed, actor: target.value })}
        />
      </label>
      <label className="flex min-w-0 flex-1 basis-40 flex-col gap-1 text-sm">
        Fault
        <input
          className="field min-w-0"
          value={typed.fault}
          placeholder="the id of a fault"
          maxLength={120}
          autoComplete="off"
          onChange={({ target }) => setTyped({ ...typed, fault: target.value })}
        />
      </label>
      <span className="flex gap-2">
        <button type="submit" className="button max-md:min-h-11">
          Find
        </button>
        {(type !== "" || actor !== "" || fault !== "") && (
          <button
            type="button"
            className="button button-plain max-md:min-h-11"
            onClick={() => {
              setTyped({ actor: "", fault: "", of: search });
              go({ type: "", actor: "", fault: "" });
            }}
          >
            Show all
          </button>
        )}
      </span>
    </form>
  );
}
