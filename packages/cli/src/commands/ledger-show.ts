import { PrunellaError, type LedgerPage } from "@prunella/contract";
import { connect } from "../client.ts";
import { quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { wholeNumber } from "../numbers.ts";
import { printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { dim, plain } from "../terminal/text.ts";
import { exact } from "../terminal/time.ts";

export interface ShowOptions extends Paging {
  readonly from?: string;
  readonly type?: string;
  readonly actor?: string;
  readonly fault?: string;
}

export async function show(common: Common, options: ShowOptions): Promise<void> {
  const { type, actor, fault } = options;
  if ([type, actor, fault].some((each) => each !== undefined)) return find(common, options);
  const limit = Number(options.limit);
  const from = options.cursor === undefined ? indexOf("--from", options.from) : indexOf("--cursor", options.cursor);
  const page = await connect(common)("list_entries", { from, limit });
  const last = page.entries.at(-1);
  // Entries have an index, and are never taken away: it is where the next page begins.
  const next = last === undefined || last.index + 1 >= page.size ? null : String(last.index + 1);
  if (common.json) return printJson({ ...page, next });
  print(page.entries.length === 0 ? "No entry has such an index." : tableOf(page.entries));
  print(dim(`${page.size} entries, root ${page.root}`));
  printMore(common, `ledger show --limit ${options.limit}`, next);
}

/** Only some; pages go back from the newest that fit. */
async function find(common: Common, options: ShowOptions): Promise<void> {
  const { type, actor, fault } = options;
  if (options.from !== undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--from goes without --type, --actor and --fault: what is found comes from the newest on.",
    });
  const limit = Number(options.limit);
  const before = indexOf("--cursor", options.cursor);
  const page = await connect(common)("list_entries", { type, actor, fault, before, limit });
  const [oldest] = page.entries;
  const next = oldest === undefined || page.entries.length < limit ? null : String(oldest.index);
  if (common.json) return printJson({ ...page, next });
  print(page.entries.length === 0 ? "No entry fits." : tableOf(page.entries));
  const asked = Object.entries({ type, actor, fault }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${quoted(value)}`],
  );
  printMore(common, `ledger show ${asked.join(" ")} --limit ${options.limit}`, next);
}

const tableOf = (entries: LedgerPage["entries"]): string =>
  table(
    [{ title: "INDEX", align: "right" }, { title: "UTC" }, { title: "TYPE" }, { title: "WHAT", fills: true }],
    entries.map(({ index, entry }) => [String(index), exact(entry.at), entry.type, words(entry)]),
  );

const indexOf = (option: string, typed: string | undefined): number | undefined =>
  typed === undefined ? undefined : wholeNumber(option, typed, 0, Number.MAX_SAFE_INTEGER);

const LEFT_OUT = new Set(["v", "at", "type"]);
const IS_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

/** The entry's own fields in a line; ids and hashes short. */
function words(entry: unknown): string {
  if (typeof entry !== "object" || entry === null) return "";
  return Object.entries(entry)
    .filter(([name, value]) => !LEFT_OUT.has(name) && value !== null)
    .map(([name, value]) => `${name}=${short(value)}`)
    .join(" ");
}

function short(value: unknown): string {
  if (typeof value === "string")
    return plain(IS_UUID.test(value) ? shortId(value) : /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 8)}…` : value);
  if (Array.isArray(value)) return value.map(short).join(",");
  // `{kind, id}` and the like; a window's parts as they stand.
  if (typeof value === "object" && value !== null)
    return Object.values(value)
      .filter((part) => part !== null)
      .map(short)
      .join("/");
  return String(value);
}
