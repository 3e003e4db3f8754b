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
      {values.map((value, index) => {
        if (value === 0) return null;
        const tall = Math.max(2, (value / most) * (height - 2));
        return (
          <rect
            key={index}
            x={index * step + 0.5}
            y={height - tall}
            width={Math.max(1, step - 1)}
            height={tall}
            fill="currentColor"
          />
        );
      })}
    </svg>
  );
}
