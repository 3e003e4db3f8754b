import { useState } from "react";
import { ApiFailure } from "../api/client.ts";

/** Runs one thing at a time, and keeps what went wrong with it in words for a person. */
export function useTry() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    setProblem(null);
    work()
      .catch((error: unknown) => {
        if (!(error instanceof ApiFailure)) throw error;
        setProblem(`${error.message} ${error.hint ?? ""}`.trim());
      })
      .finally(() => setBusy(false));
  };
  return { busy, problem, setProblem, run };
}
