import { PrunellaError, type Project } from "@prunella/contract";
import type { PROJECTS } from "@prunella/contract/operations";
import type { Kernel } from "@prunella/kernel";
import type { Context, Handlers } from "../handler.ts";
import { testEvent } from "../test-event.ts";

export const projects: Handlers<typeof PROJECTS> = {
  async list_projects(_input, { kernel, dsnOf, sees }) {
    const counts = await kernel.projects.faultCounts();
    const rows = (await kernel.projects.list()).filter((row) => sees === null || sees.includes(row.project_id));
    return { projects: rows.map((row) => toProject(row, counts.get(row.project_id) ?? 0, dsnOf)) };
  },
  add_project: async (input, { kernel, dsnOf, by }) => ({
    project: toProject(await kernel.projects.add({ ...input, by }), 0, dsnOf),
  }),
  async send_test_event({ project }, { kernel, now }) {
    if (!(await kernel.projects.list()).some((row) => row.project_id === project))
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${project}.` });
    const event = testEvent(now());
    await kernel.report(project, [event]);
    return { event_id: event.id };
  },
};

type Row = Awaited<ReturnType<Kernel["projects"]["list"]>>[number];

export const toProject = (row: Row, faults: number, dsnOf: Context["dsnOf"]): Project => ({
  id: row.project_id,
  title: row.title,
  dsn: dsnOf(row),
  dsn_id: row.dsn_id,
  created_at: row.created_at,
  fault_count: faults,
  keys: [{ public_key: row.public_key, created_at: row.key_at, ends_at: null }, ...row.keys].map((key) => ({
    public_key: key.public_key,
    dsn: dsnOf({ dsn_id: row.dsn_id, public_key: key.public_key }),
    created_at: key.created_at,
    ends_at: key.ends_at,
  })),
  deletes_at: row.deletes_at,
});
