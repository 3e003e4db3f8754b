import { useState } from "react";
import type { FaultKey } from "@prunella/contract";
import { plural } from "../parts/words.ts";
import { align, pairUp } from "./align.ts";
import { SideBySide } from "./side-by-side.tsx";

/** Keys are called A, B, C … on this page; a fault shows at most fifty. */
export const letter = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : `A${String.fromCharCode(65 + index - 26)}`;

/** Two fingerprints beside each other: what they share, and where they differ. */
export function CompareKeys({ keys }: { keys: readonly FaultKey[] }) {
  const [chosen, setChosen] = useState<[number, number]>([0, 1]);
  const [a, b] = chosen;
  const [left, right] = [keys[a], keys[b]];
  if (left === undefined || right === undefined) return null;
  const rows = pairUp(align(left.parts, right.parts, (x, y) => x === y));
  const shared = rows.filter((row) => row.same).length;
  const differing = rows.length - shared;
  return (
    <div className="mt-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold">
          What {letter(a)} and {letter(b)} share
        </h3>
        {keys.length > 2 && (
          <span className="flex items-center gap-2 text-sm text-quiet">
            <Choice label="First fingerprint" keys={keys} value={a} other={b} onChange={(to) => setChosen([to, b])} />
            with
            <Choice label="Second fingerprint" keys={keys} value={b} other={a} onChange={(to) => setChosen([a, to])} />
          </span>
        )}
      </div>
      <p className="mt-1 text-sm" role="status">
        {shared === 0
          ? "They share no part."
          : `They share ${plural(shared, "part")}${differing === 0 ? " and differ in none" : ` and differ in ${differing.toLocaleString("en")}`}.`}
      </p>
      <SideBySide
        label={`Parts of ${letter(a)} and ${letter(b)}`}
        left={letter(a)}
        right={letter(b)}
        rows={rows.map((row) => ({
          left: row.left,
          right: row.right,
          mark: row.same ? "same" : "differs",
        }))}
      />
    </div>
  );
}

function Choice({
  label,
  keys,
  value,
  other,
  onChange,
}: {
  label: string;
  keys: readonly FaultKey[];
  value: number;
  other: number;
  onChange: (to: number) => void;
}) {
  return (
    <select
      className="field py-0.5"
      aria-label={label}
      value={value}
      onChange={({ target }) => onChange(Number(target.value))}
    >
      {keys.map((key, index) => (
        <option key={key.fingerprint} value={index} disabled={index === other}>
          {letter(index)}
        </option>
      ))}
    </select>
  );
}
