/** `tests/test_a.py:5: ` is a call, `src/a.py:3: ValueError` where it was raised, `src/a.py:3: in scale` either, in short. */
const PLACE =
  /^((?:[\w.@+-]{1,100}[\\/]){0,20}[\w.-]{1,100}\.py):(\d{1,9}): ?(?:in (\S{1,200})|([A-Za-z_][\w.]{0,120}))?$/;
const DEFINED = /^\s{0,40}(?:async )?def (\w{1,200})\(/;
const SAID = /^E {2,8}(\S.{0,1500})$/;
const CLASS =
  /^((?:[A-Za-z_]\w{0,80}\.){0,8}[A-Z]\w{0,100}(?:Error|Exception|Warning|Exit|Interrupt|Failed|Iteration)?)(?:: (.*))?$/;

type Open = { frames: string[]; defined: string; said: string | null };

/** The lines with each failure that pytest explains as the traceback that Python itself would print. */
export function withoutPytest(lines: readonly string[]): readonly string[] {
  if (!lines.some((line) => line.startsWith("E  ") && SAID.test(line))) return lines;
  const out: string[] = [];
  let open: Open = begin();
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    out.push(line);
    const place = PLACE.exec(line);
    const said = place === null ? SAID.exec(line) : null;
    if (place !== null) {
      const name = place[3] ?? (open.defined === "" ? "<module>" : open.defined);
      open.frames.push(`  File "${place[1]!}", line ${place[2]!}, in ${name}`);
      open.defined = "";
      if (place[4] !== undefined) {
        out.push(...written(open, place[4]));
        open = begin();
      }
    } else if (said !== null) {
      open.said ??= said[1]!;
      // In short, what was said stands below the places.
      const isLast = !SAID.test(lines[i + 1] ?? "");
      if (isLast && open.frames.length > 0 && isShort(lines, i)) {
        out.push(...written(open, null));
        open = begin();
      }
    } else open.defined = DEFINED.exec(line)?.[1] ?? open.defined;
    // Nobody else's frames belong to the next failure.
    if (/^_{3,} .{1,200} _{3,}$|^={3,} /.test(line)) open = begin();
  }
  return out;
}

function begin(): Open {
  return { frames: [], defined: "", said: null };
}

/** The long form ends in a place with the class; the short one does not. */
function isShort(lines: readonly string[], at: number): boolean {
  for (let i = at + 1; i < Math.min(lines.length, at + 4); i++) {
    const place = PLACE.exec(lines[i]!);
    if (place !== null) return place[4] === undefined && place[3] !== undefined;
  }
  return true;
}

function written({ frames, said }: Open, raised: string | null): string[] {
  const typed = said === null ? null : CLASS.exec(said);
  const isTyped = typed !== null && (raised === null || typed[1]!.endsWith(raised.slice(raised.lastIndexOf(".") + 1)));
  const type = isTyped ? typed[1]! : (raised ?? "AssertionError");
  const value = isTyped ? (typed[2] ?? "") : (said ?? "");
  return [
    "Traceback (most recent call last):",
    ...frames,
    value === "" ? type : `${type}: ${value.replace(/\n/g, " ")}`,
  ];
}
