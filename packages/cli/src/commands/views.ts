import type { View } from "@prunella/contract";
import { PrunellaError } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";

export async function listViews(common: Common): Promise<void> {
  const { views } = await connect(common)("list_views", {});
  if (common.json) return printJson({ views, next: null });
  if (views.length === 0) return print('No search has a name yet: prunella views add "<name>" "<query>"');
  print(
    table(
      [{ title: "NAME" }, { title: "SEARCH", fills: true }],
      views.map((view) => [plain(view.name), plain(wordsOf(view))]),
    ),
  );
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
