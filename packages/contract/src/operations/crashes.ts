import { z } from "zod";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { ById, operation } from "./operation.ts";

/** How far a triaged fault has come. `confirmed`: enough tell of it, or a person does. */
export const PromotionStatus = z.enum(["new", "confirmed", "promoted", "fixed"]);
export type PromotionStatus = z.infer<typeof PromotionStatus>;

const Issue = z.strictObject({ place: z.string(), number: z.int(), url: z.string().nullable() });

/** A triaged fault. */
export const CrashStanding = z.strictObject({
  project_id: ProjectId,
  fault_id: Uuid,
  title: z.string(),
  status: PromotionStatus,
  events: z.int().min(0),
  /** Different projects that sent it, or users that it met; counted up to a thousand. */
  senders: z.int().min(0),
  /** null: not filed yet. */
  private_issue: Issue.nullable(),
  /** null: it is not public. */
  public_issue: Issue.nullable(),
  is_reproduced: z.boolean(),
  /** A person was asked whether it is promoted. */
  asked_at: Millis.nullable(),
  /** A person would not have it public. */
  refused_at: Millis.nullable(),
  /** What should have mended it: a release, and the pull request, as a person named them. */
  fix: z.strictObject({ release: z.string(), pull: z.string().nullable(), said_at: Millis }).nullable(),
  fixed_at: Millis.nullable(),
  /** Why the last step came to nothing; null: it did not. */
  trouble: z.string().nullable(),
  /** When that is tried again. */
  retry_at: Millis.nullable(),
});
export type CrashStanding = z.infer<typeof CrashStanding>;

/** What would be sent, word for word. */
export const IssueDraft = z.strictObject({
  place: z.string(),
  title: z.string(),
  body: z.string(),
  /** Over place, title and body: whoever says yes says it to this. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type IssueDraft = z.infer<typeof IssueDraft>;

export const FaultPromotion = z.strictObject({
  project_id: ProjectId,
  fault_id: Uuid,
  /** null: it is not triaged. */
  standing: CrashStanding.nullable(),
  /** What is filed privately; null: nothing is, or nothing more. */
  private_draft: IssueDraft.nullable(),
  /** What is filed publicly; null: nothing is, or nothing more. */
  public_draft: IssueDraft.nullable(),
});
export type FaultPromotion = z.infer<typeof FaultPromotion>;

export const CrashStats = z.strictObject({
  /** Whether faults are triaged here at all. */
  is_on: z.boolean(),
  /** The most seen first. */
  faults: z.array(CrashStanding),
});

/** What came of what a person said: an effect asks the gate first. */
export const Promoted = z.strictObject({
  verdict: z.enum(["done", "failed", "refused", "pending"]),
  refusal: z.string().nullable(),
  detail: z.string().nullable(),
  promotion: FaultPromotion,
});

const release = z.string().trim().min(1).max(200);

export const CRASHES = {
  crash_stats: operation({
    method: "GET",
    path: "/v1/crash/stats",
    query: z.strictObject({
      project: ProjectId.optional(),
      limit: z.coerce.number<string | number>().int().min(1).max(500).default(100),
    }),
    output: CrashStats,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "triaged faults, the most seen first: private and public issue, status, and what should have mended them",
  }),
  read_promotion: operation({
    method: "GET",
    path: "/v1/faults/:id/promotion",
    params: ById,
    output: FaultPromotion,
    status: 200,
    who: "viewer",
    within: "fault",
    effect: "read",
    summary: "how far a fault has come, and word for word what would be filed of it",
  }),
  promote_fault: operation({
    method: "POST",
    path: "/v1/crash/promote",
    body: z.strictObject({
      /** A fault's id, or a fingerprint. */
      id: z.string().min(1).max(200),
      /**
       * `file`: its private issue. `promote`: its public one. `confirm`: somebody saw it again, and a refusal is taken
       * back. `refuse`: it stays private. `fixed`: a release should mend it, which is watched.
       */
      do: z.enum(["file", "promote", "confirm", "refuse", "fixed"]).default("promote"),
      /** Of `promote`: of the draft that was looked at; left out, whatever would be sent now. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      /** Of `fixed`. */
      release: release.optional(),
      pull: z
        .url({ protocol: /^https?$/ })
        .max(300)
        .optional(),
    }),
    output: Promoted,
    status: 200,
    who: "operator",
    within: "fault",
    effect: "act",
    summary: "files a triaged fault privately or publicly, once each, or says what a person knows of it",
  }),
} as const;
