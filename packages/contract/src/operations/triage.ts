import { z } from "zod";
import { Fault } from "../fault.ts";
import { Actor } from "../healing.ts";
import { Millis, Uuid } from "../ids.ts";
import { ById, operation } from "./operation.ts";

const MOST_AT_ONCE = 500;

const resolve = {
  /** Stays resolved for events of releases that are known now; a newer one brings it back as `regressed`. */
  in_next_release: z.boolean().default(false),
};
const snooze = {
  /** When it is open again. */
  until: Millis.optional(),
  /** After how many more events it is open again. With both, whichever comes first. */
  events: z.int().min(1).max(1_000_000_000).optional(),
};
const assign = {
  /** A person's id or any name, kept scrubbed; null: nobody. */
  assignee: z.string().max(100).nullable(),
};
const note = {
  /** Kept scrubbed. */
  text: z.string().min(1).max(4_000),
};

/** What a person may say about a fault. */
export const Triage = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("resolve"), ...resolve }),
  z.strictObject({ action: z.literal("mute") }),
  z.strictObject({ action: z.literal("snooze"), ...snooze }),
  z.strictObject({ action: z.literal("reopen") }),
  z.strictObject({ action: z.literal("assign"), ...assign }),
  z.strictObject({ action: z.literal("note"), ...note }),
]);
export type Triage = z.infer<typeof Triage>;

/** One thing that a person said about a fault. */
export const FaultChange = z.strictObject({
  id: Uuid,
  at: Millis,
  by: Actor,
  action: z.enum(["resolve", "mute", "snooze", "reopen", "assign", "note"]),
  /** Of a note its words, of an assignment to whom; null where there is none, and of a note that was taken back. */
  text: z.string().nullable(),
  /** Of a resolving: for releases to come. */
  in_next_release: z.boolean(),
  until: Millis.nullable(),
  /** Of a snooze: after how many more events it ended. */
  events: z.int().min(1).nullable(),
  /** When it was taken back; null while it holds. */
  undone_at: Millis.nullable(),
});
export type FaultChange = z.infer<typeof FaultChange>;

/** What came of one fault of several. */
export const TriageResult = z.strictObject({
  id: z.string(),
  fault: Fault.nullable(),
  /** What takes it back. */
  change: Uuid.nullable(),
  /** Null when it was done. */
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});
export type TriageResult = z.infer<typeof TriageResult>;

const Results = z.strictObject({ results: z.array(TriageResult) });
const one = {
  method: "POST",
  params: ById,
  output: z.strictObject({ fault: Fault, change: Uuid }),
  status: 200,
  who: "operator",
  within: "fault",
  effect: "decide",
} as const;

export const TRIAGE = {
  resolve_fault: operation({
    ...one,
    path: "/v1/faults/:id/resolve",
    body: z.strictObject(resolve),
    summary: "when it comes back it is `regressed`",
  }),
  mute_fault: operation({ ...one, path: "/v1/faults/:id/mute", summary: "still counted" }),
  snooze_fault: operation({
    ...one,
    path: "/v1/faults/:id/snooze",
    body: z.strictObject(snooze),
    summary: "muted until a time, or until so many more events",
  }),
  reopen_fault: operation({ ...one, path: "/v1/faults/:id/reopen", summary: "ends resolve, mute and snooze" }),
  assign_fault: operation({
    ...one,
    path: "/v1/faults/:id/assign",
    body: z.strictObject(assign),
    summary: "who looks after it",
  }),
  note_fault: operation({
    ...one,
    path: "/v1/faults/:id/note",
    body: z.strictObject(note),
    summary: "words for whoever looks next; the newest 200 are kept",
  }),
  triage_faults: operation({
    method: "POST",
    path: "/v1/faults/triage",
    body: z.strictObject({
      ids: z.array(z.string().min(1).max(200)).min(1).max(MOST_AT_ONCE),
      triage: Triage,
    }),
    output: Results,
    status: 200,
    who: "operator",
    within: "each",
    effect: "decide",
    summary: "the same for many; each has its own answer",
  }),
  undo_triage: operation({
    method: "POST",
    path: "/v1/faults/undo",
    body: z.strictObject({ changes: z.array(Uuid).min(1).max(MOST_AT_ONCE) }),
    output: Results,
    status: 200,
    who: "operator",
    within: "each",
    effect: "decide",
    summary: "gives each fault what it had before, unless something later was said about it",
  }),
} as const;
