import type { Asked, Forge } from "@prunella/forge";
import type { CommentPlace, HeldComment, Kernel } from "@prunella/kernel";
import { isForNow } from "./file-held.ts";
import { nameOf } from "./told.ts";

/**
 * Writes the comment that is held, and lets it go. A host has one of each marker, which is put right in place, so that
 * one whose answer was lost is written again and is still one.
 */
export async function tellHeld(
  { forge, filings }: { readonly forge: Pick<Forge, "commentOnIssue">; readonly filings: Kernel["filings"] },
  { place, issue, marker }: CommentPlace,
  held: Extract<HeldComment, { kind: "held" }>,
  signal: AbortSignal,
): Promise<Asked<{ readonly id: number; readonly isNew: boolean }>> {
  try {
    const asked = await forge.commentOnIssue(nameOf(place), issue, { marker, body: held.body }, signal);
    if (asked.ok || !isForNow(asked.refusal)) await filings.comments.done(held);
    return asked;
  } finally {
    // With a newer text where one came meanwhile.
    await filings.comments.release(held);
  }
}
