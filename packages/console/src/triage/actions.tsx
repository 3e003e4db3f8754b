import { lazy, Suspense, useState } from "react";
import type { FaultRow, Triage } from "@prunella/contract";
import { useMay } from "../api/may.ts";
import { useKeys } from "../shell/keys.ts";
import { toast } from "../shell/toasts.tsx";
import type { Asking } from "./dialogs.tsx";
import { whyNone } from "./use-triage.ts";

const TriageDialog = lazy(() => import("./dialogs.tsx").then((module) => ({ default: module.TriageDialog })));

/**
 * The keys and dialogs of triage, for the faults that a page has before it: the one that it shows, or the
 * chosen ones of a list. `resolve` and `mute` act at once, the others ask for a word more.
 */
export function useTriageActions(
  targets: () => readonly FaultRow[],
  say: (triage: Triage, faults: readonly FaultRow[]) => void,
) {
  const [asking, setAsking] = useState<{ ask: Asking; faults: readonly FaultRow[] } | null>(null);
  const may = useMay();
  const ask = (what: Asking) => {
    const faults = targets();
    const why = whyNone(may, faults);
    if (why !== null) return toast(why, { bad: true });
    // Of these it is said, wherever the focus is by then.
    if (faults.length > 0) setAsking({ ask: what, faults });
  };
  const act = (choose: (one: FaultRow | undefined) => Triage) => {
    const faults = targets();
    if (faults.length > 0) say(choose(faults.length === 1 ? faults[0] : undefined), faults);
  };
  const resolve = () =>
    act((one) => (one?.status === "resolved" ? { action: "reopen" } : { action: "resolve", in_next_release: false }));
  const resolveNext = () => act(() => ({ action: "resolve", in_next_release: true }));
  const mute = () => act((one) => (one?.status === "muted" ? { action: "reopen" } : { action: "mute" }));
  useKeys([
    { keys: "e", title: "Resolve, or reopen", run: resolve },
    { keys: "E", title: "Resolve in the next release", run: resolveNext },
    { keys: "m", title: "Mute, or unmute", run: mute },
    { keys: "s", title: "Snooze…", run: () => ask("snooze") },
    { keys: "a", title: "Assign…", run: () => ask("assign") },
    { keys: "n", title: "Add a note…", run: () => ask("note") },
  ]);
  const dialog = asking !== null && (
    <Suspense>
      <TriageDialog
        ask={asking.ask}
        count={asking.faults.length}
        assignee={asking.faults.length === 1 ? (asking.faults[0]?.assignee ?? null) : null}
        onSay={(triage) => say(triage, asking.faults)}
        onClose={() => setAsking(null)}
      />
    </Suspense>
  );
  return { resolve, resolveNext, mute, ask, dialog };
}
