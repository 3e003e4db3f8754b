/** What rich and typer draw around a traceback. */
const TOP = /^\s{0,4}[╭┌+]\s?[─-]{1,200} ?Traceback \(most recent call last\) ?[─-]{1,200}[╮┐+]$/;
const BOTTOM = /^\s{0,4}[╰└+][─-]{1,300}[╯┘+]$/;
const INSIDE = /^\s{0,4}[│|] ?(.*?) {0,400}[│|]$/;
const PLACE = /^(\S(?:.{0,500}\S)?):(\d{1,9})(?: in (\S.{0,200}))?$/;
/** What stands between two boxes is folded to their width. */
const LINK = /^(?:The above exception was the direct cause|During handling of the above exception)/;
const MARKED = /^[❱>] {1,6}\d{1,9} (.*)$/;

/** The lines with each box as the traceback that Python itself would print. */
export function withoutBoxes(lines: readonly string[]): readonly string[] {
  if (!lines.some((line) => TOP.test(line))) return lines;
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (!TOP.test(lines[i]!)) {
      const goesOn = LINK.test(lines[i]!) && !lines[i]!.trimEnd().endsWith(":");
      out.push(goesOn ? `${lines[i]!.trimEnd()} ${(lines[i + 1] ?? "").trim()}` : lines[i]!);
      if (goesOn) i++;
      continue;
    }
    out.push("Traceback (most recent call last):");
    let held = "";
    let end = i + 1;
    for (; end < lines.length && !BOTTOM.test(lines[end]!); end++) {
      const text = INSIDE.exec(lines[end]!)?.[1];
      if (text === undefined) break;
      // A long path runs over the border; its pieces fill the box.
      const whole = held + text.trim();
      const place = PLACE.exec(whole);
      if (place !== null && (place[3] !== undefined || !whole.endsWith(" in"))) {
        out.push(`  File "${place[1]!}", line ${place[2]!}, in ${place[3] ?? "<module>"}`);
        held = "";
        continue;
      }
      const marked = MARKED.exec(text.trim());
      if (marked !== null) out.push(`    ${marked[1]!.trim()}`);
      held = /^(?:[\w./\\~-]|[A-Za-z]:)/.test(text) && !/\s/.test(text.replace(/ in$/, "")) ? glued(text) : "";
    }
    i = BOTTOM.test(lines[end] ?? "") ? end : end - 1;
  }
  return out;
}

function glued(text: string): string {
  return text.endsWith(" in") ? `${text.trim()} ` : text.trim();
}
