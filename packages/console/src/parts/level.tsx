import type { Level as LevelName } from "@prunella/contract";

/** The worse, the more of it is filled: told apart without colour too. */
const LOOK: Record<LevelName, { colour: string; shape: string; filled: boolean }> = {
  fatal: { colour: "text-bad", shape: "M4 1.5h4l2.5 2.5v4L8 10.5H4L1.5 8V4z", filled: true },
  error: { colour: "text-bad", shape: "M4 1.5h4l2.5 2.5v4L8 10.5H4L1.5 8V4z", filled: false },
  warning: { colour: "text-warn", shape: "M6 2 10.5 10h-9z", filled: false },
  info: { colour: "text-quiet", shape: "M6 1.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4", filled: false },
  debug: { colour: "text-quiet", shape: "M2.5 2.5h7v7h-7z", filled: false },
};

/** How severe: shape and word together. */
export function Level({ level }: { level: LevelName }) {
  const { colour, shape, filled } = LOOK[level];
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-sm">
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        aria-hidden="true"
        className={`shrink-0 ${colour}`}
        fill={filled ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
      >
        <path d={shape} />
      </svg>
      {level}
    </span>
  );
}
