/** Bars per hour, zero-based, the last one the current hour. The numbers stand beside it in words. */
export function Sparkline({
  values,
  label,
  width = 96,
  height = 20,
}: {
  values: number[];
  label: string;
  width?: number;
  height?: number;
}) {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  // One path: a list has fifty of these, and an element for each bar is what takes longest to draw of it.
  const bars = values
    .map((value, index) => {
      const tall = Math.max(2, (value / most) * (height - 2));
      const wide = Math.max(1, step - 1);
      return value === 0 ? "" : `M${index * step + 0.5} ${height - tall}h${wide}v${tall}h${-wide}z`;
    })
    .join("");
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      className="block max-w-full text-edge"
    >
      <path d={`M0 ${height - 0.5}H${width}`} stroke="var(--line)" />
      <path d={bars} fill="currentColor" />
    </svg>
  );
}
