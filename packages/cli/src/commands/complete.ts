import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { shortId } from "../terminal/short-id.ts";
import { clip, plain } from "../terminal/text.ts";

/** A list to choose from, not all there is. */
const MOST = 50;
/** Of the words behind a value, where a shell shows any. */
const WORDS = 60;

type Value = readonly [value: string, words: string];

/** One line a value, with what it stands for behind a tab. Whoever types is never told of an error here. */
export async function complete(common: Common, what: string): Promise<void> {
  const values = await valuesOf(connect(common), what).catch((): readonly Value[] => []);
  for (const [value, words] of values) process.stdout.write(`${value}\t${clip(plain(words), WORDS)}\n`);
}

async function valuesOf(call: ReturnType<typeof connect>, what: string): Promise<readonly Value[]> {
  switch (what) {
    case "faults":
      return (await call("list_faults", { status: "all", limit: MOST })).faults.map(({ id, title }) => [
        shortId(id),
        title,
      ]);
    case "programs":
      return (await call("list_supervised")).supervised.map(({ name, state }) => [name, state]);
    case "projects":
      return (await call("list_projects")).projects.map(({ id, title }) => [id, title]);
    case "questions":
      return (await call("list_escalations", { status: "open" })).escalations.map(({ id, question }) => [
        shortId(id),
        question,
      ]);
    case "rules":
      return (await call("list_rules")).rules.map(({ id, group_as }) => [shortId(id), group_as]);
    default:
      return [];
  }
}
