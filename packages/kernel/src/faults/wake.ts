import type { Core } from "../core.ts";
import { workKind, type WorkKind } from "../work/kind.ts";
import { WAKE } from "./work.ts";

/** Opens a fault whose snooze is over, unless it was said or counted otherwise meanwhile. */
export const wakings = ({ writer, clock, publish }: Pick<Core, "writer" | "clock" | "publish">): WorkKind[] => [
  workKind(WAKE, async ({ projectId, payload, finish }) => {
    const woken = await writer.run(async (tx) => {
      finish(tx);
      return tx.db
        .updateTable("fault")
        .set(({ eb }) => ({
          status: "open",
          snoozed_until: null,
          snoozed_count: null,
          version: eb("version", "+", 1),
        }))
        .where("project_id", "=", projectId)
        .where("fault_id", "=", payload.fault)
        .where("status", "=", "muted")
        .where("snoozed_until", "<=", clock.now())
        .returning("version")
        .executeTakeFirst();
    });
    if (woken) publish("faults", payload.fault, woken.version);
  }),
];
