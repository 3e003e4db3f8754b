import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiFailure } from "../api/client.ts";
import { type InboxFilter, pageOfFaults } from "../api/queries.ts";
import { toast } from "../shell/toasts.tsx";

/** The list that a person came from, as it stood. Only ids: what they stand for is fetched anew. */
interface Trail {
  /** Of the Inbox's address. */
  readonly key: string;
  readonly filter: InboxFilter;
  readonly ids: readonly string[];
  readonly total: number;
  /** Where the list goes on, beyond what was shown. */
  readonly next: string | null;
  /** The fault that was looked at last. */
  readonly at: string | null;
}

let trail: Trail | null = null;

/** The Inbox says what it shows; the place in it stays while it is the same list. */
export function leaveTrail(given: Omit<Trail, "at">): void {
  trail = { ...given, at: trail?.key === given.key ? trail.at : null };
}

/** Which fault of this list was looked at last; asked once, so that only the way back leads there. */
export function takeLookedAt(key: string): string | null {
  if (trail === null || trail.key !== key) return null;
  const { at } = trail;
  trail = { ...trail, at: null };
  return at;
}

/** Nothing of it stays after signing out. */
export const forgetTrail = (): void => void (trail = null);

/** The neighbours of a fault in the list that the person came from; null when they came from elsewhere. */
export function useTrail(id: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const index = trail === null ? -1 : trail.ids.indexOf(id);
  if (trail === null || index === -1) return null;
  if (trail.at !== id) trail = { ...trail, at: id };
  const { ids, total, next } = trail;

  const open = (to: string | undefined) => {
    // In the place of this one, so that the way back leads to the list and not through all that was seen.
    if (to !== undefined) void navigate({ to: "/faults/$id", params: { id: to }, replace: true });
  };
  const goOn = async () => {
    if (busy || trail === null || next === null) return;
    setBusy(true);
    try {
      const page = await client.fetchQuery(pageOfFaults(trail.filter, next));
      const known = new Set(ids);
      const more = page.faults.map((fault) => fault.id).filter((each) => !known.has(each));
      trail = { ...trail, ids: [...ids, ...more], next: page.next };
      open(more[0]);
    } catch (error) {
      toast(`The list could not be gone on with. ${error instanceof ApiFailure ? error.message : ""}`, { bad: true });
    } finally {
      setBusy(false);
    }
  };
  const isLast = index === ids.length - 1;
  return {
    place: index + 1,
    total: Math.max(total, ids.length),
    previous: index === 0 ? null : () => open(ids[index - 1]),
    next: isLast ? (next === null ? null : () => void goOn()) : () => open(ids[index + 1]),
  };
}
