import { PrunellaError, type Project } from "@prunella/contract";
import type { ServerOptions } from "./address.ts";
import { connect } from "./client.ts";
import { nearest } from "@prunella/contract/nearest";

/** Throws PRUNELLA_NOT_FOUND, with the id that was most likely meant. */
export async function findProject(options: ServerOptions, id: string): Promise<Project> {
  const { projects } = await connect(options)("list_projects");
  const found = projects.find((each) => each.id === id);
  if (found !== undefined) return found;
  const meant = nearest(
    id,
    projects.map((each) => each.id),
  );
  throw new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no project ${id}${meant === null ? "." : `; did you mean ${meant}?`}`,
    hint: `Add it: prunella projects add ${id}`,
  });
}
