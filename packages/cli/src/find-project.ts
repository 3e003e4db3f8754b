import { PrunellaError } from "@prunella/contract";
import { connect, dataFlag, type ServerOptions } from "./client.ts";
import { nearest } from "./nearest.ts";
import { list, text } from "./read.ts";

/** The project's row of `/v1/projects`. Throws PRUNELLA_NOT_FOUND, with the id that was most likely meant. */
export async function findProject(options: ServerOptions, id: string): Promise<unknown> {
  const projects = list(await connect(options).get("/v1/projects"), "projects");
  const found = projects.find((each) => text(each, "id") === id);
  if (found !== undefined) return found;
  const meant = nearest(
    id,
    projects.map((each) => text(each, "id")),
  );
  throw new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no project ${id}${meant === null ? "." : `; did you mean ${meant}?`}`,
    hint: `Add it: prunella projects add ${id}${dataFlag(options.data)}`,
  });
}
