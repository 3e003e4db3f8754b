import { WatchChange, type ProbeStatus } from "@prunella/contract";
import { z } from "zod";

/** As many as a person reads. */
const MOST_CHANGES = 50;

const Changes = z.array(WatchChange);

/** Newest first. `detail` is scrubbed already. */
export function withChange(
  changes: string,
  change: { at: number; status: ProbeStatus; category: string; detail: string },
): string {
  return JSON.stringify([change, ...readChanges(changes)].slice(0, MOST_CHANGES));
}

export const readChanges = (changes: string): WatchChange[] => Changes.parse(JSON.parse(changes));
