import { createHash } from "node:crypto";
import type { Core } from "../core.ts";
import { rows } from "../store/rows.ts";

/**
 * Whether something is delivered for the first time within a window: hosts deliver again, on request and by
 * accident, and two servers may get one delivery. One statement, so that of two at once one is the first.
 */
export const createDeliveries =
  ({ writer, clock }: Pick<Core, "writer" | "clock">) =>
  (projectId: string, delivery: string, windowMs: number): Promise<boolean> => {
    const digest = createHash("sha256").update(delivery).digest("hex");
    return writer.run(async (tx) => {
      const now = clock.now();
      const found = await rows(tx.db)`
        insert into delivery_seen (project_id, delivery_sha256, until) values (${projectId}, ${digest}, ${now + windowMs})
        on conflict (project_id, delivery_sha256) do update set until = excluded.until
        where delivery_seen.until <= ${now} returning 1`;
      return found.length > 0;
    });
  };
