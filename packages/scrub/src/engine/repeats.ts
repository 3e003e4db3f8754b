/** Shifts that are remembered; several words may stand in what repeats, at several distances. */
const REMEMBERED = 8;

/** A stretch that equals what stands `by` characters in front of it, as far as it was followed. */
type Stretch = { by: number; from: number; to: number; isBegin: boolean; isEnd: boolean };

type Known = { readonly stretches: Stretch[]; oldest: number };

/**
 * Says whether [lo, hi) equals what stands `by` characters in front. The same words again and again give
 * the same shift for every window, so each character is compared about once and not once per window.
 */
export function createRepeats(text: string): (by: number, lo: number, hi: number) => boolean {
  const known: Known = { stretches: [], oldest: 0 };
  const isSame = (at: number, by: number): boolean => text.charCodeAt(at) === text.charCodeAt(at - by);
  return (by, lo, hi) => {
    const stretch = stretchAt(known, by, lo, hi);
    if (hi > stretch.to && !stretch.isEnd) {
      let at = stretch.to;
      while (at < hi && isSame(at, by)) at++;
      stretch.to = at;
      stretch.isEnd = at < hi;
    }
    if (hi > stretch.to) return false;
    if (lo < stretch.from && !stretch.isBegin) {
      let at = stretch.from;
      while (at > lo && isSame(at - 1, by)) at--;
      stretch.from = at;
      stretch.isBegin = at > lo;
    }
    return lo >= stretch.from;
  };
}

/** The stretch that this window touches, or a new one instead of what was known of this shift, or of the one made first. */
function stretchAt(known: Known, by: number, lo: number, hi: number): Stretch {
  const { stretches } = known;
  for (let place = 0; place < stretches.length; place++) {
    const stretch = stretches[place]!;
    if (stretch.by === by) return lo <= stretch.to && stretch.from <= hi ? stretch : renewed(stretch, by, lo);
  }
  if (stretches.length === REMEMBERED) return renewed(stretches[known.oldest++ % REMEMBERED]!, by, lo);
  const fresh = renewed({ by, from: lo, to: lo, isBegin: false, isEnd: false }, by, lo);
  stretches.push(fresh);
  return fresh;
}

function renewed(stretch: Stretch, by: number, lo: number): Stretch {
  stretch.by = by;
  stretch.from = stretch.to = lo;
  stretch.isBegin = stretch.isEnd = false;
  return stretch;
}
