const SGR = /\u001b\[[0-9;]*m/g;

/** Columns of the terminal; in a pipe nothing is cut or wrapped. */
export const terminalWidth = (): number =>
  process.stdout.isTTY ? Math.max(20, process.stdout.columns) : Number.POSITIVE_INFINITY;

/** Characters that are seen. */
export const seen = (text: string): number => [...text.replace(SGR, "")].length;

/**
 * Breaks prose at spaces. What is to be copied stays whole: words in backticks, and a command that ends a
 * line, which gets a line of its own; the terminal itself wraps what is longer than it.
 */
export function wrap(text: string, width: number, isCommand: (text: string) => boolean = () => false): string {
  return text
    .split("\n")
    .map((line) => (seen(line) <= width ? line : wrapLine(line, width, isCommand)))
    .join("\n");
}

function wrapLine(line: string, width: number, isCommand: (text: string) => boolean): string {
  const margin = /^ */.exec(line)?.[0] ?? "";
  const label = /^ *\S+(?: \S+){0,2} {2,}(?=\S)/.exec(line)?.[0] ?? margin;
  const hang = seen(label) <= width / 2 ? " ".repeat(seen(label)) : margin;
  const lines: string[] = [];
  let now = "";
  for (const piece of piecesOf(line.slice(margin.length), isCommand)) {
    const candidate = now === "" ? `${lines.length === 0 ? margin : hang}${piece}` : `${now} ${piece}`;
    if (now !== "" && seen(candidate) > width) {
      lines.push(now.trimEnd());
      now = `${hang}${piece}`;
    } else now = candidate;
  }
  return [...lines, now].join("\n");
}

/** Words; what stands between backticks, and a command up to the end of the line, is one piece. */
function piecesOf(text: string, isCommand: (text: string) => boolean): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest !== "") {
    if (isCommand(rest)) return [...pieces, rest];
    const piece = /^(?:[^ `]*`[^`]*`[^ `]*|[^ ]*)/.exec(rest)?.[0] ?? rest;
    pieces.push(piece);
    rest = rest.slice(piece.length + 1);
  }
  return pieces;
}
