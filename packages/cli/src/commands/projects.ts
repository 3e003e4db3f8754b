import { ProjectId, PrunellaError } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";

export async function listProjects(common: Common, paging: Paging): Promise<void> {
  const answer = await connect(common)("list_projects");
  const { rows: projects, next } = pageOf(answer.projects, ({ id }) => id, paging);
  if (common.json) return printJson({ projects, next });
  const rows = projects.map((project) => [project.id, plain(project.title), String(project.fault_count), project.dsn]);
  // A DSN is there to be copied: never clipped.
  print(table([{ title: "PROJECT" }, { title: "TITLE" }, { title: "FAULTS", align: "right" }, { title: "DSN" }], rows));
  printMore(common, `projects list --limit ${paging.limit}`, next);
}

export async function addProject(common: Common, id: string, options: { readonly title?: string }): Promise<void> {
  if (!ProjectId.safeParse(id).success) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${plain(id)} is not a project id: 1 to 40 of a-z, 0-9 and -, such as shop-api.`,
    });
  }
  const answer = await connect(common)("add_project", {
    id,
    ...(options.title === undefined ? {} : { title: options.title }),
  });
  if (common.json) return printJson(answer);
  const project = answer.project;
  print(`Added ${project.id}. Its DSN:\n${project.dsn}`);
}
