/** Of the normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.959_964;

/**
 * The share that holds, at least, with 95 % confidence: the lower end of the score interval of Edwin B. Wilson,
 * "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
 * Association 22 (1927), pages 209 to 212. It says little of few: of one fix that held, 0.21. null: of none.
 */
export function atLeast(held: number, notHeld: number): number | null {
  const n = held + notHeld;
  if (n === 0) return null;
  const share = held / n;
  const square = Z * Z;
  const middle = share + square / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n));
  return Math.max(0, (middle - spread) / (1 + square / n));
}
