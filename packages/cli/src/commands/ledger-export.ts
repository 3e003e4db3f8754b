import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { wholeNumber } from "../numbers.ts";
import { printLine } from "../print.ts";

interface ExportOptions {
  readonly format: "ouroboros";
  readonly from?: string;
}

/** All of it, page by page; with --json it is no other. */
export async function exportLedger(common: Common, { format, from }: ExportOptions): Promise<void> {
  const call = connect(common);
  let next: number | null = from === undefined ? 0 : wholeNumber("--from", from, 0, Number.MAX_SAFE_INTEGER);
  while (next !== null) {
    const page: Awaited<ReturnType<typeof call<"export_ledger">>> = await call("export_ledger", {
      format,
      from: next,
      limit: 500,
    });
    for (const event of page.events) printLine(event);
    ({ next } = page);
  }
}
