import type { Asked, ForgeIssue } from "./forge.ts";

type Opened = { readonly issue: ForgeIssue; readonly isNew: boolean };

/**
 * Looks, then makes, and looks again where no answer came: what was made and not heard of is found, so it is never
 * made twice. One at a time for one marker: two that look at once would both find nothing, so whoever calls holds
 * what is filed.
 */
export async function openOnce(of: {
  readonly isFirst: boolean;
  find(): Promise<Asked<ForgeIssue | null>>;
  make(): Promise<Asked<ForgeIssue>>;
}): Promise<Asked<Opened>> {
  const before = of.isFirst ? NOT_THERE : await of.find();
  if (!before.ok) return before;
  if (before.value !== null) return { ok: true, value: { issue: before.value, isNew: false } };
  const made = await of.make();
  if (made.ok) return { ok: true, value: { issue: made.value, isNew: true } };
  if (made.refusal.reason !== "unreachable") return made;
  const after = await of.find();
  return after.ok && after.value !== null ? { ok: true, value: { issue: after.value, isNew: true } } : made;
}

const NOT_THERE = { ok: true, value: null } as const;
