import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { allSent, takeSent, type Sent } from "../api/sent.ts";
import { useKeys } from "./keys.ts";

const CallsDialog = lazy(() => import("../parts/calls-dialog.tsx").then((module) => ({ default: module.CallsDialog })));

type Toast = {
  id: number;
  text: string;
  undo: (() => void) | null;
  bad: boolean;
  /** What was sent to bring about what it says. */
  sent: readonly Sent[];
};

/** Long enough to read and reach; a pointer or focus on it stops the clock (WCAG 2.2.1). */
const STAY_MS = 10_000;
let toasts: Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function toast(text: string, options: { undo?: () => void; bad?: boolean } = {}): void {
  const { undo = null, bad = false } = options;
  change([...toasts.slice(-2), { id: nextId++, text, undo, bad, sent: takeSent() }]);
}

export const forgetToasts = (): void => change([]);

const dismiss = (id: number) => change(toasts.filter((each) => each.id !== id));

export function Toasts() {
  const list = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  const [shown, setShown] = useState<readonly Sent[] | null>(null);
  useKeys([{ keys: "g c", title: "What this tab has sent, as curl", run: () => setShown(allSent().toReversed()) }]);
  return (
    <>
      {shown !== null && (
        <Suspense>
          <CallsDialog
            title="What this tab has sent, as curl"
            calls={shown.map(({ request }) => ({ name: `${request.method} ${request.path}`, request }))}
            onClose={() => setShown(null)}
          />
        </Suspense>
      )}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-0 bottom-30 z-30 flex flex-col items-center gap-2 px-4 md:bottom-16"
      >
        {list.map((each) => (
          <OneToast key={each.id} toast={each} onCalls={setShown} />
        ))}
      </div>
    </>
  );
}

function OneToast({
  toast: { id, text, undo, bad, sent },
  onCalls,
}: {
  toast: Toast;
  onCalls: (sent: readonly Sent[]) => void;
}) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(id), STAY_MS);
    return () => clearTimeout(timer);
  }, [held, id]);
  return (
    <div
      className={`pointer-events-auto flex max-w-full items-center gap-2 rounded-md border bg-raised py-1 pl-4 pr-1 shadow-lg shadow-black/20 ${bad ? "border-bad" : "border-edge"}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="min-w-0 py-1.5">{text}</span>
      {undo !== null && (
        <button
          type="button"
          className="button button-plain button-small"
          onClick={() => {
            dismiss(id);
            undo();
          }}
        >
          Undo
        </button>
      )}
      {sent.length > 0 && (
        <button
          type="button"
          className="button button-plain button-small"
          title="The same over the API"
          onClick={() => onCalls(sent)}
        >
          curl
        </button>
      )}
      <button
        type="button"
        className="button button-plain button-small text-quiet"
        aria-label="Dismiss"
        onClick={() => dismiss(id)}
      >
        ✕
      </button>
    </div>
  );
}
