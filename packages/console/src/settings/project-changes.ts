import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiFailure } from "../api/client.ts";

/** Runs one change of a project; what the server says against it stands beside the button. */
export function useChange() {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function run(step: () => Promise<void>): Promise<void> {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await step();
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      setProblem(`${error.message} ${error.hint ?? ""}`.trim());
    } finally {
      setBusy(false);
      await client.invalidateQueries({ queryKey: ["projects"] });
    }
  }
  return { problem, busy, run };
}
