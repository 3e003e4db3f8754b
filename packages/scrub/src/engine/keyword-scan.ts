/**
 * One Aho-Corasick pass over many keywords, as a dense table. ASCII letters are folded to lower
 * case and digits to 0; every character that no keyword uses, and everything outside ASCII, falls into class 0.
 * States that end a keyword are numbered last, so the hot loop needs one comparison per character.
 */
export type KeywordTable = {
  /** Class of a char code below 128. */
  readonly classes: Uint8Array;
  /** Next state: `next[(state << shift) + class]`. Two bytes each while they do, so that the caches hold it. */
  readonly next: Uint16Array | Uint32Array;
  /** The number of classes is 2 ** shift. */
  readonly shift: number;
  /** States at or above this one end at least one keyword. */
  readonly firstOutput: number;
  /** For `state - firstOutput`: indices of the keywords that end here. */
  readonly outputs: readonly (readonly number[])[];
};

/** Digits are one class: keywords that differ in digits alone are one keyword. */
export function foldDigits(keyword: string): string {
  return keyword.replace(/\d/g, "0");
}

export function buildKeywordTable(keywords: readonly string[]): KeywordTable {
  const classes = new Uint8Array(128);
  let used = 1;
  for (const keyword of keywords) {
    for (let i = 0; i < keyword.length; i++) {
      const code = keyword.charCodeAt(i);
      if (code >= 128 || (code >= 65 && code <= 90)) throw new RangeError(`keyword not lower-case ASCII: ${keyword}`);
      if (code > 48 && code <= 57) throw new RangeError(`digits not folded: ${keyword}`);
      if (classes[code] === 0) classes[code] = used++;
    }
  }
  for (let code = 65; code <= 90; code++) classes[code] = classes[code + 32] ?? 0;
  for (let code = 49; code <= 57; code++) classes[code] = classes[48]!;
  const shift = Math.ceil(Math.log2(used));
  const width = 2 ** shift;

  // The trie, state by state.
  const goto: number[][] = [new Array<number>(width).fill(-1)];
  const ends: number[][] = [[]];
  keywords.forEach((keyword, index) => {
    let state = 0;
    for (let i = 0; i < keyword.length; i++) {
      const cls = classes[keyword.charCodeAt(i)]!;
      let to = goto[state]![cls]!;
      if (to < 0) {
        to = goto.length;
        goto.push(new Array<number>(width).fill(-1));
        ends.push([]);
        goto[state]![cls] = to;
      }
      state = to;
    }
    ends[state]!.push(index);
  });

  // Breadth first: fill every missing edge from the failure state, so no failure walk is left.
  const fail = new Array<number>(goto.length).fill(0);
  const queue: number[] = [];
  const root = goto[0]!;
  for (let cls = 0; cls < width; cls++) {
    const to = root[cls]!;
    if (to < 0) root[cls] = 0;
    else queue.push(to);
  }
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head]!;
    const failed = fail[state]!;
    ends[state]!.push(...ends[failed]!);
    for (let cls = 0; cls < width; cls++) {
      const to = goto[state]![cls]!;
      if (to < 0) goto[state]![cls] = goto[failed]![cls]!;
      else {
        fail[to] = goto[failed]![cls]!;
        queue.push(to);
      }
    }
  }

  // In order of depth: the shallow states, where ordinary text lives, share few cache lines.
  const depthOrder = new Int32Array(goto.length);
  queue.forEach((state, at) => (depthOrder[state] = at + 1));
  const order = [...goto.keys()].sort(
    (a, b) => Number(ends[a]!.length > 0) - Number(ends[b]!.length > 0) || depthOrder[a]! - depthOrder[b]!,
  );
  const renumbered = new Array<number>(goto.length);
  order.forEach((state, at) => (renumbered[state] = at));
  const next = new (order.length > 0x1_00_00 ? Uint32Array : Uint16Array)(goto.length * width);
  order.forEach((state, at) => {
    for (let cls = 0; cls < width; cls++) next[at * width + cls] = renumbered[goto[state]![cls]!]!;
  });
  const silent = order.filter((state) => ends[state]!.length === 0).length;
  return {
    classes,
    next,
    shift,
    firstOutput: silent,
    outputs: order.slice(silent).map((state) => ends[state]!),
  };
}
