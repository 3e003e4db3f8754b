import type { Cut } from "./pieces.ts";

/** Longer texts seldom come twice, and shorter ones are judged faster than looked up. */
const LEAST = 12;
const MOST = 512;
/** Marks of texts that were met; a quarter of a megabyte. */
const MARKS = 1 << 16;
/** Texts whose result is known; each may be replaced by the next one of its place. */
const PLACES = 1 << 14;

type Known = {
  readonly mark: number;
  readonly length: number;
  /** What stands in front of, between and behind the cuts. */
  readonly kept: readonly string[];
  readonly cuts: readonly Cut[] | null;
};

/**
 * What was found in texts that come again: the same lines, names and credentials come with every event
 * of a fault. Most texts never do, and remembering those costs as much as judging them, so a text
 * gets a place at its second time. Holds nothing that was removed: what stays must be the same,
 * character by character; of what goes length and place, and a hash of the whole.
 */
export class Memo {
  readonly #marks = new Uint32Array(MARKS);
  readonly #known = new Array<Known | undefined>(PLACES);

  /** What `judge` says of the text, or said before. */
  cutsOf(text: string, judge: (text: string) => readonly Cut[] | null): readonly Cut[] | null {
    if (text.length < LEAST || text.length > MOST) return judge(text);
    const mark = markOf(text);
    if (this.#marks[mark & (MARKS - 1)] !== mark) {
      this.#marks[mark & (MARKS - 1)] = mark;
      return judge(text);
    }
    const place = mark & (PLACES - 1);
    const known = this.#known[place];
    if (known !== undefined && known.mark === mark && isSame(text, known)) return known.cuts;
    const cuts = judge(text);
    this.#known[place] = { mark, length: text.length, kept: keptOf(text, cuts ?? []), cuts };
    return cuts;
  }
}

function markOf(text: string): number {
  let mark = Math.imul(text.length, 0x9e3779b1);
  for (let at = 0; at < text.length; at++) mark = Math.imul(mark ^ text.charCodeAt(at), 0x01000193);
  return (mark ^ (mark >>> 15)) >>> 0;
}

function isSame(text: string, { length, kept, cuts }: Known): boolean {
  if (text.length !== length) return false;
  if (cuts === null) return text === kept[0];
  for (let i = 0; i < kept.length; i++) {
    if (!text.startsWith(kept[i]!, i === 0 ? 0 : cuts[i - 1]!.end)) return false;
  }
  return true;
}

function keptOf(text: string, cuts: readonly Cut[]): string[] {
  const kept: string[] = [];
  let from = 0;
  for (const { start, end } of cuts) {
    kept.push(own(text.slice(from, start)));
    from = end;
  }
  kept.push(own(text.slice(from)));
  return kept;
}

/** A copy: a piece of a longer text would keep the whole of it in memory. */
function own(text: string): string {
  return Buffer.from(text).toString();
}
