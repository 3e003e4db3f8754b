import { bold, clip } from "./text.ts";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** Takes what is left of the terminal's width; in a pipe nothing is cut. */
  readonly fills?: true;
}

const GAP = "  ";

/** Aligned columns under a heading; cells are plain text, `paint` colours whole cells after measuring. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const widths = columns.map((column, at) =>
    Math.max(length(column.title), ...rows.map((row) => length(row[at] ?? ""))),
  );
  const width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  for (const [at, column] of columns.entries()) {
    const others = widths.reduce((sum, each, index) => (index === at ? sum : sum + each + GAP.length), 0);
    if (column.fills) widths[at] = Math.max(20, Math.min(widths[at] ?? 0, width - others));
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

const length = (text: string): number => [...text].length;
