import { z } from "zod";

/** What people are told of without asking. */
export const MessageKind = z.enum([
  "escalation_opened",
  "escalation_changed",
  "escalation_resolved",
  "fault_new",
  "fault_regressed",
  "sprint_opened",
  "attempt_ineffective",
  "investigation",
  "test",
]);
export type MessageKind = z.infer<typeof MessageKind>;
