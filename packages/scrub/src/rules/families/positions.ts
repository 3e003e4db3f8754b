/**
 * What must stand at each position of every match, as far as the pattern fixes it: literals,
 * classes and exact repetitions from the start on. Read from the pattern once, so that most
 * keyword hits are refused by a few table look-ups and without the pattern.
 */
export function fixedPositions(pattern: string): readonly Uint8Array[] {
  const positions: Uint8Array[] = [];
  let at = 0;
  while (at < pattern.length && positions.length < 96) {
    const unit = /^(?:\[((?:\\.|[^\]\\])+)\]|\\([^A-Za-z0-9])|([^[\](){}.*+?|^$\\]))/.exec(pattern.slice(at));
    if (unit === null) break;
    const table = new Uint8Array(128);
    if (unit[1] !== undefined) {
      if (unit[1].startsWith("^") || /\\[A-Za-z]/.test(unit[1])) break;
      fill(table, unit[1]);
    } else table[(unit[2] ?? unit[3]!).charCodeAt(0)] = 1;
    at += unit[0].length;
    const times = /^(?:\{(\d+)(,\d*)?\}|([?*+]))/.exec(pattern.slice(at));
    if (times === null) {
      positions.push(table);
      continue;
    }
    const least = times[1] === undefined ? (times[3] === "+" ? 1 : 0) : Number(times[1]);
    for (let i = 0; i < least; i++) positions.push(table);
    if (times[1] === undefined || times[2] !== undefined) break;
    at += times[0].length;
  }
  // `a|b` at the top level: nothing is fixed.
  return hasTopLevelChoice(pattern) ? [] : positions;
}

function fill(table: Uint8Array, set: string): void {
  const chars: number[] = [];
  const ranges: boolean[] = [];
  for (let i = 0; i < set.length; i++) {
    const escaped = set[i] === "\\";
    if (escaped) i++;
    const dash = !escaped && set[i] === "-" && chars.length > 0 && i < set.length - 1;
    chars.push(set.charCodeAt(i));
    ranges.push(dash);
  }
  for (let i = 0; i < chars.length; i++) {
    if (ranges[i] === true && ranges[i - 2] !== true) {
      for (let code = chars[i - 1]!; code <= chars[i + 1]!; code++) table[code] = 1;
    } else if (chars[i]! < 128) table[chars[i]!] = 1;
  }
}

function hasTopLevelChoice(pattern: string): boolean {
  let depth = 0;
  let inSet = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "\\") i++;
    else if (inSet) inSet = char !== "]";
    else if (char === "[") inSet = true;
    else if (char === "(") depth++;
    else if (char === ")") depth--;
    else if (char === "|" && depth === 0) return true;
  }
  return false;
}
