import type { Asked, Forge, ForgeIssue, ForgeRefusal } from "@prunella/forge";
import type { Draft, Held, Kernel } from "@prunella/kernel";
import { nameOf } from "./told.ts";

/** A clock of theirs may be behind ours: looked for since so much earlier than we first tried. */
const SKEW_MS = 600_000;

/** Whether a host could still take it another time. */
export const isForNow = ({ reason }: ForgeRefusal): boolean =>
  reason === "limited" || reason === "unreachable" || reason === "failed";

/**
 * Files what is held. That it is sent stands written before it is, so that after a crash or a lost answer it is
 * looked for; what was never sent is not, since nothing can be there.
 */
export async function fileHeld(
  { forge, filings }: { readonly forge: Pick<Forge, "openIssue">; readonly filings: Kernel["filings"] },
  { filing, marker, holder, triedAt }: Extract<Held, { kind: "held" }>,
  draft: Draft,
  signal: AbortSignal,
): Promise<Asked<{ readonly issue: ForgeIssue; readonly isNew: boolean }>> {
  const held = { filingId: filing.filing_id, holder };
  const since = (await filings.trying(held)) - SKEW_MS;
  const isFirst = triedAt === null;
  const asked = await forge.openIssue(nameOf(filing.place), { ...draft, marker, since, isFirst }, signal);
  if (asked.ok) {
    const { number, url } = asked.value.issue;
    await filings.filed({ ...held, number, url });
    return asked;
  }
  const { status, message } = asked.refusal;
  // By its own word it was not made; after a failure of its own, or none, nobody knows.
  if (isFirst && status !== null && status < 500) await filings.untried(held);
  if (!isForNow(asked.refusal)) await filings.refuse({ ...held, why: message.slice(0, 300) });
  return asked;
}
