import type { FaultStatus } from "@prunella/contract";
import { STATUS_WORDS } from "./words.ts";

const LOOK: Record<FaultStatus, { colour: string; dot: string; shape: string; filled: boolean }> = {
  open: { colour: "", dot: "text-bad", shape: "M6 2.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7", filled: true },
  regressed: { colour: "text-warn", dot: "", shape: "M6 1.8 10.4 9.6H1.6z", filled: true },
  resolved: { colour: "text-good", dot: "", shape: "M2 6.4 4.8 9.2 10 3.2", filled: false },
  muted: { colour: "text-quiet", dot: "", shape: "M2.5 6h7", filled: false },
};

/** A fault's state: colour, shape and word together, so that none carries it alone. */
export function Status({ status, isSnoozed = false }: { status: FaultStatus; isSnoozed?: boolean }) {
  const { colour, dot, shape, filled } = LOOK[status];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap text-sm ${colour}`}>
      <svg
        width="12"
        height="12"
        viewBox="0 0 12 12"
        aria-hidden="true"
        className={`shrink-0 ${dot}`}
        fill={filled ? "currentColor" : "none"}
        stroke={filled ? "none" : "currentColor"}
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        <path d={shape} />
      </svg>
      {isSnoozed ? "snoozed" : STATUS_WORDS[status]}
    </span>
  );
}
