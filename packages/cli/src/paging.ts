import { PrunellaError } from "@prunella/contract";
import type { ServerOptions } from "./address.ts";
import { commandLine, quoted } from "./command-line.ts";
import { print } from "./print.ts";
import { dim } from "./terminal/text.ts";

/** As the command line gives them; the limit is a whole number by then. */
export interface Paging {
  readonly limit: string;
  readonly cursor?: string;
}

/** One page of what a server answers as a whole; `next` is the id of its last row. */
export function pageOf<T>(
  rows: readonly T[],
  idOf: (row: T) => string,
  paging: Paging,
): { readonly rows: readonly T[]; readonly next: string | null } {
  const limit = Number(paging.limit);
  const { cursor } = paging;
  const before = cursor === undefined ? -1 : rows.findIndex((row) => idOf(row) === cursor);
  if (cursor !== undefined && before < 0)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--cursor names a row that is not there any more.",
      hint: "Begin again without --cursor.",
    });
  const page = rows.slice(before + 1, before + 1 + limit);
  const last = page.at(-1);
  return { rows: page, next: last !== undefined && before + 1 + limit < rows.length ? idOf(last) : null };
}

/** How to go on, below a list that has more. */
export function printMore(options: ServerOptions, words: string, next: string | null): void {
  if (next !== null) print(dim(`More: ${commandLine(options, `${words} --cursor ${quoted(next)}`)}`));
}
