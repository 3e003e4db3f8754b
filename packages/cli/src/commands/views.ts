import type { View } from "@prunella/contract";
import { PrunellaError } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";

export async function listViews(common: Common, paging: Paging): Promise<void> {
  const { views: all } = await connect(common)("list_views", {});
  const { rows: views, next } = pageOf(all, ({ id }) => id, paging);
  if (common.json) return printJson({ views, next });
  if (views.length === 0)
    return print(`No search has a name yet. Give one: ${commandLine(common, "views add --help")}`);
  print(
    table(
      [{ title: "NAME" }, { title: "SEARCH", fills: true }],
      views.map((view) => [plain(view.name), plain(wordsOf(view))]),
    ),
  );
  printMore(common, `views list --limit ${paging.limit}`, next);
}

export async function addView(common: Common, name: string, q: string): Promise<void> {
  const { view } = await connect(common)("add_view", { name, filter: { q } });
  if (common.json) return printJson(view);
  print(`${plain(view.name)}: ${plain(wordsOf(view))}`);
}

export async function removeView(common: Common, name: string): Promise<void> {
  const ask = connect(common);
  const view = (await ask("list_views", {})).views.find((each) => each.name === name);
  if (view === undefined)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: "There is no view of that name.",
      hint: "List them: prunella views",
    });
  await ask("remove_view", { id: view.id });
  if (common.json) return printJson(view);
  print(`The name ${plain(view.name)} is forgotten; the faults stay.`);
}

/** As it is typed for `prunella faults`. */
function wordsOf({ filter: { q, status, sort, ...fields } }: View): string {
  const conditions = Object.entries(fields).map(([key, value]) => `${key}:${value}`);
  return [
    status === "active" ? "" : `is:${status}`,
    ...conditions,
    q ?? "",
    sort === "last_seen" ? "" : `--sort ${sort}`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}
