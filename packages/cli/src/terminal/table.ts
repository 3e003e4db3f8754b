import { bold, clip, dim } from "./text.ts";
import { terminalWidth, wrap } from "./wrap.ts";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** Takes what is left of the terminal's width; in a pipe nothing is cut. */
  readonly fills?: true;
}

const GAP = "  ";
/** What fills needs this much to say anything. */
const LEAST = 20;

/**
 * Aligned columns under a heading; cells are plain text, `paint` colours whole cells after measuring.
 * Where the terminal is too narrow for that, each row is a block, and nothing in it is cut.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number) => string = (cell) => cell,
  width: number = terminalWidth(),
): string {
  const widths = columns.map((column, at) =>
    Math.max(length(column.title), ...rows.map((row) => length(row[at] ?? ""))),
  );
  const least = columns.reduce(
    (sum, { fills }, at) => sum + (fills ? Math.min(LEAST, widths[at] ?? 0) : (widths[at] ?? 0)) + GAP.length,
    -GAP.length,
  );
  if (least > width) return rows.map((row) => block(columns, row, paint, width)).join("\n");
  for (const [at, column] of columns.entries()) {
    const others = widths.reduce((sum, each, index) => (index === at ? sum : sum + each + GAP.length), 0);
    if (column.fills) widths[at] = Math.min(widths[at] ?? 0, width - others);
  }
  const line = (cells: readonly string[], dress: (cell: string, at: number) => string) =>
    columns
      .map((column, at) => {
        const cell = clip(cells[at] ?? "", Math.max(1, widths[at] ?? 0));
        const pad = " ".repeat(Math.max(0, (widths[at] ?? 0) - length(cell)));
        return column.align === "right"
          ? pad + dress(cell, at)
          : dress(cell, at) + (at === columns.length - 1 ? "" : pad);
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map((column) => column.title),
      bold,
    ),
    ...rows.map((row) => line(row, paint)),
  ].join("\n");
}

/** The first cell as its heading, the others below it with their titles. */
function block(
  columns: readonly Column[],
  row: readonly string[],
  paint: (cell: string, column: number) => string,
  width: number,
): string {
  const [, ...others] = columns.entries();
  const label = Math.max(...others.map(([, { title }]) => length(title)));
  const lines = others.flatMap(([at, { title }]) => {
    const cell = row[at] ?? "";
    if (cell === "") return [];
    const pad = " ".repeat(label - length(title));
    return [wrap(`${GAP}${dim(title.toLowerCase())}${pad}${GAP}${paint(cell, at)}`, width)];
  });
  return [bold(clip(row[0] ?? "", width)), ...lines].join("\n");
}

const length = (text: string): number => [...text].length;
