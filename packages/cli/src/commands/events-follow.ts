import { PrunellaError, type FaultRow } from "@prunella/contract";
import { Notice } from "@prunella/contract/operations";
import { locate } from "../address.ts";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { progress } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { dim, plain, red } from "../terminal/text.ts";

/** Counts of so many faults are known from the beginning; of an older one the first line says all of it. */
const KNOWN_AT_START = 200;

export interface Followed {
  readonly fault: string | undefined;
  readonly project: string | undefined;
}

/** One line for each change of a fault, as it is told over the event stream; with --json one object a line. */
export async function follow(common: Common, { fault, project }: Followed): Promise<void> {
  const call = connect(common);
  const only = fault === undefined ? null : (await call("get_fault", { id: fault })).fault.id;
  const stream = await open(common);
  const { faults } = await call("list_faults", { status: "all", limit: KNOWN_AT_START, project });
  const counts = new Map(faults.map(({ id, count }) => [id, count]));
  progress("waiting for events; Ctrl-C ends");
  for await (const notice of noticesOf(stream)) {
    if (notice.topic !== "faults" || notice.id === "" || (only !== null && notice.id !== only)) continue;
    const row = await call("get_fault", { id: notice.id }).then(
      (detail) => detail.fault,
      // Erased, or merged away, since it was named.
      () => null,
    );
    if (row === null || (project !== undefined && row.project_id !== project)) continue;
    const added = row.count - (counts.get(row.id) ?? 0);
    counts.set(row.id, row.count);
    if (added > 0) tell(common, row, added);
  }
  throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
    detail: "The server has ended the stream.",
    hint: "See whether it runs: prunella status",
  });
}

function tell({ json }: Common, row: FaultRow, added: number): void {
  progress(null);
  if (json) {
    const { id, project_id, status, level, title, count, last_seen } = row;
    const told = { fault_id: id, project_id, status, level, title: plain(title), added, count, last_seen };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    return;
  }
  const time = new Date(row.last_seen).toTimeString().slice(0, 8);
  const level = row.level === "fatal" || row.level === "error" ? red(row.level) : row.level;
  process.stdout.write(
    `${dim(time)} +${added} ${level} ${plain(row.title)} ${dim(`(${shortId(row.id)}, ${row.count} in all)`)}\n`,
  );
}

async function open(common: Common): Promise<ReadableStream<Uint8Array>> {
  const { url, token } = locate(common);
  const { body, ok } = await fetch(new URL("/v1/stream", url), {
    headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    redirect: "error",
  });
  if (ok && body !== null) return body;
  throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
    detail: `${url} does not open its event stream.`,
    hint: "Check --url and --data.",
  });
}

/** Each event of the stream is a block of lines; those that say nothing keep the line awake. */
async function* noticesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Notice> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const bytes of stream) {
    held += decoder.decode(bytes, { stream: true });
    const blocks = held.split("\n\n");
    held = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      const notice = data === undefined ? null : Notice.safeParse(JSON.parse(data));
      if (notice?.success === true) yield notice.data;
    }
  }
}
