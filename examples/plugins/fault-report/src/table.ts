interface Row {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly last_seen: number;
}

/** A title is what an outsider's program said: nothing of it may end a cell or begin a link. */
const cell = (text: string): string =>
  text.replaceAll(/[\\|[\]<>`\r\n]/g, (letter) => (/\s/.test(letter) ? " " : `\\${letter}`));

export function table(rows: readonly Row[]): string {
  if (rows.length === 0) return "None.\n";
  const lines = rows.map(
    ({ id, title, count, last_seen: seen }) =>
      `| ${id} | ${cell(title)} | ${count} | ${new Date(seen).toISOString()} |`,
  );
  return ["| fault | what | events | last seen |", "|---|---|---|---|", ...lines, ""].join("\n");
}
