import type { Asked } from "./forge.ts";
import type { ForgePullFacts } from "./pull.ts";

/** Asks once, and looks where no answer came: a merge that was done and not heard of was done. */
export async function mergeOnce(of: {
  readonly head: string;
  merge(): Promise<Asked<string | null>>;
  look(): Promise<Asked<ForgePullFacts>>;
}): Promise<Asked<{ readonly sha: string | null }>> {
  const asked = await of.merge();
  if (asked.ok && asked.value !== null) return { ok: true, value: { sha: asked.value } };
  if (!asked.ok && asked.refusal.reason !== "unreachable") return asked;
  const now = await of.look();
  const isDone = now.ok && now.value.isMerged && now.value.head.sha === of.head;
  if (isDone) return { ok: true, value: { sha: now.value.mergedAs } };
  return asked.ok ? { ok: true, value: { sha: null } } : asked;
}
