import { PrunellaError, type EventSample } from "@prunella/contract";
import { connect } from "../client.ts";
import { quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { findProject } from "../find-project.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { dim, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { follow } from "./events-follow.ts";

export interface EventsOptions extends Paging {
  readonly project?: string;
  readonly follow?: boolean;
}

type Row = EventSample & { readonly fault_id: string };

/** The kept events of one fault, or the newest of every fault; or what comes in from now on. */
export async function events(common: Common, fault: string | undefined, options: EventsOptions): Promise<void> {
  if (fault !== undefined && options.project !== undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "A fault belongs to one project: --project goes without one.",
    });
  if (options.project !== undefined) await findProject(common, options.project);
  if (options.follow === true) return follow(common, { fault, project: options.project });
  const { rows, next } = fault === undefined ? await newest(common, options) : await ofFault(common, fault, options);
  if (common.json) return printJson({ events: rows, next });
  if (rows.length === 0) return print(fault === undefined ? "No event came in yet." : "No event of it is kept.");
  const now = Date.now();
  print(
    table(
      [
        { title: "EVENT" },
        { title: "RECEIVED" },
        { title: "LEVEL" },
        { title: "RELEASE" },
        { title: "FAULT" },
        { title: "WHAT", fills: true },
      ],
      rows.map(({ event_id, received_at, event, fault_id }) => [
        event_id.slice(0, 8),
        relative(received_at, now),
        event.level,
        plain(event.release ?? ""),
        shortId(fault_id),
        plain(whatOf(event)),
      ]),
    ),
  );
  if (fault !== undefined) print(dim("Of a fault at most twenty events are kept, the most telling; all are counted."));
  printMore(common, wordsOf(fault, options), next);
}

async function ofFault(
  common: Common,
  id: string,
  options: EventsOptions,
): Promise<{ rows: Row[]; next: string | null }> {
  const call = connect(common);
  const { fault, samples } = await call("get_fault", { id });
  const page = pageOf(samples, ({ event_id }) => event_id, options);
  const rows: Row[] = [];
  for (const { event_id } of page.rows)
    rows.push({ ...(await call("get_event", { id: fault.id, event: event_id })), fault_id: fault.id });
  return { rows, next: page.next };
}

async function newest(common: Common, options: EventsOptions): Promise<{ rows: Row[]; next: string | null }> {
  const call = connect(common);
  const { cursor, project } = options;
  const page = await call("list_faults", { status: "all", limit: Number(options.limit), cursor, project });
  const rows: Row[] = [];
  for (const { id } of page.faults) {
    const { latest } = await call("get_fault", { id });
    if (latest !== null) rows.push({ ...latest, fault_id: id });
  }
  return { rows, next: page.next };
}

/** The error that was thrown; where there is none, what was said. */
function whatOf({ errors, message }: EventSample["event"]): string {
  const thrown = errors.at(-1);
  if (thrown === undefined) return message ?? "";
  return [thrown.type, thrown.value].filter((part) => part !== null).join(": ");
}

const wordsOf = (fault: string | undefined, { limit, project }: EventsOptions): string =>
  [
    "events",
    ...(fault === undefined ? [] : [quoted(fault)]),
    `--limit ${limit}`,
    ...(project === undefined ? [] : [`--project ${quoted(project)}`]),
  ].join(" ");
