import { pieces } from "./untrusted.tsx";

/** Nested values as they came, key by key. Deep or long ones say what they leave out. */
export function DataTree({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (value === null || typeof value !== "object")
    return <span className="whitespace-pre-wrap">{pieces(typeof value === "string" ? value : String(value))}</span>;
  const entries = Object.entries(value);
  if (entries.length === 0) return <span className="text-quiet">{Array.isArray(value) ? "[ ]" : "{ }"}</span>;
  if (depth >= MOST_DEPTH) return <span className="text-quiet">… {entries.length} more inside, not shown</span>;
  return (
    <ul className={depth === 0 ? "" : "border-l border-line pl-3"}>
      {entries.slice(0, MOST_KEYS).map(([key, item]) => (
        <li key={key}>
          <span className="text-quiet">{pieces(key)}: </span>
          <DataTree value={item} depth={depth + 1} />
        </li>
      ))}
      {entries.length > MOST_KEYS && <li className="text-quiet">… {entries.length - MOST_KEYS} more, not shown</li>}
    </ul>
  );
}

const MOST_DEPTH = 6;
const MOST_KEYS = 100;
