import { DmStatus, PrunellaError, type TimelinePage } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";

type Event = TimelinePage["events"][number];

export async function timeline(
  common: Common,
  id: string | undefined,
  options: Paging & { readonly dmStatus?: string },
): Promise<void> {
  if (id !== undefined) {
    const story = await connect(common)("read_timeline", { session: id });
    if (common.json) return printJson(story);
    return show(story.events);
  }
  const page = await connect(common)("list_timeline", {
    cursor: options.cursor,
    limit: Number(options.limit),
    dm_status: statusOf(options.dmStatus),
  });
  if (common.json) return printJson(page);
  if (page.events.length === 0) return print("Nothing was heard, tried or told so far.");
  show(page.events);
  printMore(common, `timeline --limit ${options.limit}`, page.next);
}

function statusOf(given: string | undefined): DmStatus | undefined {
  if (given === undefined) return undefined;
  const parsed = DmStatus.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `--dm-status ${given}: known are ${DmStatus.options.join(", ")}.`,
  });
}

function show(events: readonly Event[]): void {
  print(
    table(
      [{ title: "AT" }, { title: "WHAT" }, { title: "SAYS" }, { title: "SESSION" }],
      events.map(({ row }) => [
        (row.emitted_at ?? "").replace("T", " ").slice(0, 19),
        row.seam,
        plain(saysOf(row)),
        plain(row.caller_session_id),
      ]),
    ),
  );
}

function saysOf(row: Event["row"]): string {
  switch (row.seam) {
    case "tool.probe_autofix_attempted": {
      const { details } = row;
      const outcome = details.status === "rejected" ? `rejected: ${details.rejection_reason}` : details.status;
      return `${details.action} ${details.target_id}: ${outcome}`;
    }
    case "probe.investigation_completed":
      return `${row.details.dm_status ?? "no channel has answered yet"}: ${row.details.summary}`;
    default:
      return Object.entries(row.details)
        .map(([key, value]) => `${key} ${typeof value === "string" ? value : JSON.stringify(value)}`)
        .join(", ");
  }
}
