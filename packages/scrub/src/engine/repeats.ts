/** Shifts that are remembered; several words may stand in what repeats, at several distances. */
const REMEMBERED = 8;

/** A stretch that equals what stands `by` characters in front of it, as far as it was followed. */
type Stretch = { readonly by: number; from: number; to: number; isBegin: boolean; isEnd: boolean };

/**
 * Says whether [lo, hi) equals what stands `by` characters in front. The same words again and again give
 * the same shift for every window, so each character is compared about once and not once per window.
 */
export function createRepeats(text: string): (by: number, lo: number, hi: number) => boolean {
  const stretches: Stretch[] = [];
  const isSame = (at: number, by: number): boolean => text.charCodeAt(at) === text.charCodeAt(at - by);
  return (by, lo, hi) => {
    const stretch = stretchAt(stretches, by, lo, hi);
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

/** The stretch that this window touches, or a new one instead of what was known of this shift. */
function stretchAt(stretches: Stretch[], by: number, lo: number, hi: number): Stretch {
  let place = stretches.length - 1;
  while (place >= 0 && stretches[place]!.by !== by) place--;
  const known = stretches[place];
  if (known !== undefined && lo <= known.to && known.from <= hi) return known;
  if (place >= 0) stretches.splice(place, 1);
  else if (stretches.length >= REMEMBERED) stretches.pop();
  const fresh = { by, from: lo, to: lo, isBegin: false, isEnd: false };
  stretches.unshift(fresh);
  return fresh;
}
