/** Shifts that are remembered; more than one word may stand in what repeats. */
const REMEMBERED = 4;

/** A stretch that equals what stands `by` characters in front of it; `broken` where it does not. */
type Stretch = { readonly by: number; readonly from: number; to: number; broken: boolean };

/**
 * Says whether [lo, hi) equals what stands `by` characters in front. The same words again and again give
 * the same shift for every window, so each character is compared about once and not once per window.
 */
export function createRepeats(text: string): (by: number, lo: number, hi: number) => boolean {
  const stretches: Stretch[] = [];
  return (by, lo, hi) => {
    let stretch = stretches.find((each) => each.by === by && each.from <= lo && lo <= each.to);
    if (stretch === undefined) {
      stretches.unshift((stretch = { by, from: lo, to: lo, broken: false }));
      if (stretches.length > REMEMBERED) stretches.pop();
    }
    if (stretch.broken) return hi <= stretch.to;
    let at = stretch.to;
    while (at < hi && text.charCodeAt(at) === text.charCodeAt(at - by)) at++;
    stretch.to = Math.max(stretch.to, at);
    stretch.broken = at < hi;
    return at >= hi;
  };
}
