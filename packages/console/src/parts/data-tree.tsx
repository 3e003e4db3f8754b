import { pieces } from "./untrusted.tsx";

/** Nested values as they came, key by key. Deep or long ones say what they leave out. */
export function DataTree({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (value === null || typeof value !== "object")
    return <span className="whitespace-pre-wrap">{pieces(typeof value === "string" ? value : String(value))}</span>;
  const entries = pairsOf(value) ?? Object.entries(value);
  if (entries.length === 0)
    return <span className="text-quiet">{Array.isArray(value) ? "none" : "nothing in it"}</span>;
  if (depth >= MOST_DEPTH) return <span className="text-quiet">… {entries.length} more inside, not shown</span>;
  return (
    <ul className={depth === 0 ? "" : "border-l border-line pl-3"}>
      {entries.slice(0, MOST_KEYS).map(([key, item], index) => (
        <li key={index}>
          <span className="text-quiet">{pieces(key)}: </span>
          <DataTree value={item} depth={depth + 1} />
        </li>
      ))}
      {entries.length > MOST_KEYS && <li className="text-quiet">… {entries.length - MOST_KEYS} more, not shown</li>}
    </ul>
  );
}

/** Headers, cookies and queries come as lists of pairs too, because a name may stand twice. */
function pairsOf(value: object): [string, unknown][] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const pairs: [string, unknown][] = [];
  for (const each of value) {
    if (!Array.isArray(each) || each.length !== 2 || typeof each[0] !== "string") return null;
    pairs.push([each[0], each[1]]);
  }
  return pairs;
}

const MOST_DEPTH = 6;
const MOST_KEYS = 100;
