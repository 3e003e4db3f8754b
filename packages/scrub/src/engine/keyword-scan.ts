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

  // The trie, state by state; one flat table, because thousands of small ones take longer to make than to use.
  const most = 1 + keywords.reduce((sum, keyword) => sum + keyword.length, 0);
  const goto = new Int32Array(most * width).fill(-1);
  const ends: number[][] = [[]];
  keywords.forEach((keyword, index) => {
    let state = 0;
    for (let i = 0; i < keyword.length; i++) {
      const edge = state * width + classes[keyword.charCodeAt(i)]!;
      if (goto[edge]! < 0) goto[edge] = ends.push([]) - 1;
      state = goto[edge]!;
    }
    ends[state]!.push(index);
  });

  // Breadth first: fill every missing edge from the failure state, so no failure walk is left.
  const count = ends.length;
  const fail = new Int32Array(count);
  const queue: number[] = [0];
  for (let cls = 0; cls < width; cls++) {
    if (goto[cls]! < 0) goto[cls] = 0;
    else queue.push(goto[cls]!);
  }
  for (let head = 1; head < queue.length; head++) {
    const state = queue[head]!;
    const failed = fail[state]!;
    if (ends[failed]!.length > 0) ends[state]!.push(...ends[failed]!);
    for (let cls = 0; cls < width; cls++) {
      const edge = state * width + cls;
      const instead = goto[failed * width + cls]!;
      const to = goto[edge]!;
      if (to < 0) goto[edge] = instead;
      else {
        fail[to] = instead;
        queue.push(to);
      }
    }
  }

  // In order of depth: the shallow states, where ordinary text lives, share few cache lines.
  const silent = queue.filter((state) => ends[state]!.length === 0);
  const speaking = queue.filter((state) => ends[state]!.length > 0);
  const order = silent.concat(speaking);
  const renumbered = new Int32Array(count);
  order.forEach((state, at) => (renumbered[state] = at));
  const next = new (count > 0x1_00_00 ? Uint32Array : Uint16Array)(count * width);
  for (let at = 0; at < count; at++) {
    const from = order[at]! * width;
    for (let cls = 0; cls < width; cls++) next[at * width + cls] = renumbered[goto[from + cls]!]!;
  }
  return { classes, next, shift, firstOutput: silent.length, outputs: speaking.map((state) => ends[state]!) };
}
