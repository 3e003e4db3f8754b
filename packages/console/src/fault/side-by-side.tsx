import type { ReactNode } from "react";
import { pieces } from "../parts/untrusted.tsx";

export type Side = string | ReactNode | null;
export type SideRow = { left: Side; right: Side; mark: "same" | "differs" | "moved" };

const MARK = {
  same: { sign: "=", look: "text-quiet" },
  moved: { sign: "≈", look: "text-quiet" },
  differs: { sign: "≠", look: "font-semibold text-warn" },
} as const;

/** Two lists of outsiders' text beside each other; each row says by a sign and a word how they compare. */
export function SideBySide({
  label,
  left,
  right,
  rows,
}: {
  label: string;
  left: string;
  right: string;
  rows: readonly SideRow[];
}) {
  return (
    <table aria-label={label} className="frame mt-2 w-full table-fixed border-separate border-spacing-0">
      <thead className="font-sans text-xs text-quiet">
        <tr>
          <th scope="col" className="border-b border-line px-2 py-1 text-left font-semibold">
            {left}
          </th>
          <th scope="col" className="w-7 border-b border-line px-0 py-1 font-normal">
            <span className="sr-only">how they compare</span>
          </th>
          <th scope="col" className="border-b border-line px-2 py-1 text-left font-semibold">
            {right}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            <Cell side={row.left} same={row.mark === "same"} />
            <td className={`px-0 py-0.5 text-center align-top ${MARK[row.mark].look}`}>
              <span aria-hidden="true">{MARK[row.mark].sign}</span>
              <span className="sr-only">{row.mark}</span>
            </td>
            <Cell side={row.right} same={row.mark === "same"} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ side, same }: { side: Side; same: boolean }) {
  if (side === null)
    return (
      <td className="px-2 py-0.5 align-top font-sans text-xs text-quiet">
        <span aria-hidden="true">–</span>
        <span className="sr-only">not here</span>
      </td>
    );
  return (
    <td className={`px-2 py-0.5 align-top [overflow-wrap:anywhere] ${same ? "text-quiet" : ""}`}>
      {typeof side === "string" ? pieces(side) : side}
    </td>
  );
}
