/**
 * In how many ways a backtracking engine may try to match one place. Alternatives that cannot begin alike
 * are one way, because at most one of them gets past its first character; those that can are as many as
 * they are. A repetition multiplies the ways of what it repeats. Never too few, so a small number is safe.
 */
export type Ways = { readonly ways: number; readonly first: Uint8Array; readonly nullable: boolean };

/** A pattern that this cannot read: why, and where. */
export class PatternFault extends Error {}

/** One place for each ASCII character, and one for all others. */
const ALL = 129;
const ENOUGH = 1e12;

export function waysOf(pattern: string): Ways {
  let at = 0;
  const whole = choice();
  if (at < pattern.length) throw new PatternFault(`closes a group at ${at} that was not opened`);
  return whole;

  function choice(): Ways {
    const branches = [sequence()];
    while (pattern[at] === "|") {
      at++;
      branches.push(sequence());
    }
    return branches.reduce((a, b) => ({
      ways: capped(a.nullable || b.nullable || overlap(a.first, b.first) ? a.ways + b.ways : Math.max(a.ways, b.ways)),
      first: union(a.first, b.first),
      nullable: a.nullable || b.nullable,
    }));
  }

  function sequence(): Ways {
    let all: Ways = { ways: 1, first: new Uint8Array(ALL), nullable: true };
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") {
      const next = repeated();
      all = {
        ways: capped(all.ways * next.ways),
        first: all.nullable ? union(all.first, next.first) : all.first,
        nullable: all.nullable && next.nullable,
      };
    }
    return all;
  }

  function repeated(): Ways {
    const one = atom();
    const place = at;
    // However many digits: `{99999}` and `{00026}` are numbers to the engine too, and not text.
    const times = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(pattern.slice(at));
    if (times === null) return one;
    at += times[0].length;
    const [least, most] = bounds(times, place);
    let ways = 0;
    for (let count = least, each = one.ways ** least; count <= most && ways < ENOUGH; count++, each *= one.ways)
      ways += each;
    // What may be empty can be taken any number of times on the way to the same end.
    if (one.nullable && most > 1) ways *= most;
    return { ways: capped(ways), first: one.first, nullable: one.nullable || least === 0 };
  }

  function bounds(times: RegExpExecArray, place: number): [number, number] {
    const [written, mark, from, comma, to] = times;
    if (mark === "?") return [0, 1];
    if (mark !== undefined)
      throw new PatternFault(`has the unbounded quantifier "${mark}" at ${place}; write {0,80} or {1,80} instead`);
    if (comma !== undefined && to === "")
      throw new PatternFault(`has the unbounded quantifier "${written}" at ${place}; give it an upper bound`);
    const least = Number(from);
    const most = comma === undefined ? least : Number(to);
    if (most > 512 || most < least) throw new PatternFault(`repeats up to ${most} times at ${place}; at most 512`);
    return [least, most];
  }

  function atom(): Ways {
    const place = at;
    const char = pattern[at++]!;
    if (char === "(") {
      if (pattern[at] === "?" && pattern[at + 1] !== ":")
        throw new PatternFault(`looks around or names a group at ${place}; use plain groups "(…)" or "(?:…)"`);
      if (pattern[at] === "?") at += 2;
      const inside = choice();
      if (pattern[at] !== ")") throw new PatternFault(`does not close the group at ${place}`);
      at++;
      return inside;
    }
    if (char === "[") return { ways: 1, first: set(place), nullable: false };
    if (char === "\\") return escaped(place);
    // Edges take no character.
    if (char === "^" || char === "$") return { ways: 1, first: new Uint8Array(ALL), nullable: true };
    return { ways: 1, first: char === "." ? new Uint8Array(ALL).fill(1) : only(char), nullable: false };
  }

  function escaped(place: number): Ways {
    const next = pattern[at++] ?? "";
    if (/[1-9k]/.test(next)) throw new PatternFault(`refers back to a group at ${place}; that is not supported`);
    if (/[pP]/.test(next))
      throw new PatternFault(`uses a Unicode property at ${place}; write the characters in a set instead`);
    if (/[bB]/.test(next)) return { ways: 1, first: new Uint8Array(ALL), nullable: true };
    return { ways: 1, first: classOf(next), nullable: false };
  }

  /** All that a set may begin with; `new RegExp` reads it, so that ranges and escapes mean what they mean there. */
  function set(place: number): Uint8Array {
    while (at < pattern.length && pattern[at] !== "]") {
      if (pattern[at] === "\\" && /[pP]/.test(pattern[at + 1] ?? ""))
        throw new PatternFault(`uses a Unicode property at ${at}; write the characters in a set instead`);
      at += pattern[at] === "\\" ? 2 : 1;
    }
    at++;
    return matching(pattern.slice(place, at));
  }

  function classOf(letter: string): Uint8Array {
    // Codes in hex say which character only with what follows: it may be any.
    return /[xuc0]/.test(letter) ? new Uint8Array(ALL).fill(1) : matching(`\\${letter}`);
  }
}

function matching(source: string): Uint8Array {
  const first = new Uint8Array(ALL);
  let one: RegExp;
  try {
    one = new RegExp(`^${source}$`);
  } catch {
    return first.fill(1);
  }
  for (let code = 0; code < 128; code++) if (one.test(String.fromCharCode(code))) first[code] = 1;
  // What is outside ASCII is one place: there, two sets are taken to overlap.
  if (source.startsWith("[^") || /[^\0-\x7f]|\\[uxWDSs]/.test(source)) first[128] = 1;
  return first;
}

function only(char: string): Uint8Array {
  const first = new Uint8Array(ALL);
  first[Math.min(128, char.charCodeAt(0))] = 1;
  return first;
}

function union(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((each, at) => each | b[at]!);
}

function overlap(a: Uint8Array, b: Uint8Array): boolean {
  return a.some((each, at) => (each & b[at]!) === 1);
}

function capped(ways: number): number {
  return Math.min(ways, ENOUGH);
}
