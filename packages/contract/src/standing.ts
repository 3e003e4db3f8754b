import { z } from "zod";
import { ActionWindow } from "./action-window.ts";
import { Actor } from "./healing.ts";
import { Millis, ProjectId, Target, TriggerId, Uuid } from "./ids.ts";

/** A named reason why policy stands still; several may stand beside each other, and each is lifted on its own. */
export const Pause = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  /** null: the whole project. */
  trigger_id: TriggerId.nullable(),
  reason: z.string(),
  owner: Actor,
  since: Millis,
  /** It ends by itself then; null: somebody lifts it. */
  until: Millis.nullable(),
  audit_log_id: z.int().min(0),
});
export type Pause = z.infer<typeof Pause>;

/** A window during which somebody works on targets: policy does nothing about them and asks nobody. */
export const Maintenance = z.strictObject({
  id: Uuid,
  /** null: of all. */
  project_id: ProjectId.nullable(),
  /** null: all of them. */
  target: Target.nullable(),
  window: ActionWindow,
  reason: z.string(),
  owner: Actor,
  created_at: Millis,
  /** It is open, until then; null: it is not. */
  open_until: Millis.nullable(),
  audit_log_id: z.int().min(0),
});
export type Maintenance = z.infer<typeof Maintenance>;
