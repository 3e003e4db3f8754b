import { lazy, Suspense, useState } from "react";
import type { FaultRow, Triage } from "@prunella/contract";
import { useKeys } from "../shell/keys.ts";
import type { Asking } from "./dialogs.tsx";

const TriageDialog = lazy(() => import("./dialogs.tsx").then((module) => ({ default: module.TriageDialog })));

/**
 * The keys and dialogs of triage, for the faults that a page has before it: the one that it shows, or the
 * chosen ones of a list. `resolve` and `mute` act at once, the others ask for a word more.
 */
export function useTriageActions(targets: () => readonly FaultRow[], say: (triage: Triage) => void) {
  const [asking, setAsking] = useState<{ ask: Asking; count: number; assignee: string | null } | null>(null);
  const ask = (what: Asking) => {
    const faults = targets();
    if (faults.length === 0) return;
    setAsking({
      ask: what,
      count: faults.length,
      assignee: faults.length === 1 ? (faults[0]?.assignee ?? null) : null,
    });
  };
  const one = () => {
    const faults = targets();
    return faults.length === 1 ? faults[0]?.status : undefined;
  };
  const resolve = () =>
    say(one() === "resolved" ? { action: "reopen" } : { action: "resolve", in_next_release: false });
  const mute = () => say(one() === "muted" ? { action: "reopen" } : { action: "mute" });
  useKeys([
    { keys: "e", title: "Resolve, or reopen", run: resolve },
    {
      keys: "E",
      title: "Resolve in the next release",
      run: () => say({ action: "resolve", in_next_release: true }),
    },
    { keys: "m", title: "Mute, or unmute", run: mute },
    { keys: "s", title: "Snooze…", run: () => ask("snooze") },
    { keys: "a", title: "Assign…", run: () => ask("assign") },
    { keys: "n", title: "Add a note…", run: () => ask("note") },
  ]);
  const dialog = asking !== null && (
    <Suspense>
      <TriageDialog {...asking} onSay={say} onClose={() => setAsking(null)} />
    </Suspense>
  );
  return { resolve, mute, ask, dialog };
}
