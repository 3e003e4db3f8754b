import { sql } from "kysely";
import type { Core } from "../../core.ts";
import type { Duty } from "../../nodes/housekeeping.ts";
import { withdrawQuestions } from "../../escalations/decide.ts";
import type { Askers } from "../../escalations/asker.ts";
import type { Presence } from "./presence.ts";
import { markGone } from "./run.ts";

/** Runs whose supervisor was not heard of by anybody for long are gone; what was asked about them is withdrawn. */
export const silence = (deps: Pick<Core, "newId" | "publish"> & { askers: Askers; presence: Presence }): Duty => ({
  name: "silent_runs",
  async run(tx, now) {
    const runs = await tx.db
      .selectFrom("supervised")
      .selectAll()
      .where("state", "<>", sql.lit("gone"))
      .orderBy("run_id")
      .execute();
    const closed: string[] = [];
    const silent = runs.filter((run) => deps.presence.isGone(run));
    for (const run of silent) {
      await markGone(tx, now, run);
      const { project_id: projectId, target } = run;
      const rows = await withdrawQuestions(tx, { now, newId: deps.newId, askers: deps.askers, projectId, target });
      closed.push(...rows.map((row) => row.escalation_id));
    }
    if (silent.length === 0) return undefined;
    return () => {
      for (const id of closed) deps.publish("escalations", id);
      deps.publish("supervised", "silent");
      deps.publish("ledger", "head");
    };
  },
});
