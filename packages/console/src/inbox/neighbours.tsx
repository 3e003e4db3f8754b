import { Icon } from "../parts/icon.tsx";
import { useKeys } from "../shell/keys.ts";
import { useTrail } from "./trail.ts";

/** The fault before and the fault after this one, in the list that the person came from. */
export function Neighbours({ id }: { id: string }) {
  const trail = useTrail(id);
  useKeys([
    { keys: "j", run: () => trail?.next?.() },
    { keys: "k", run: () => trail?.previous?.() },
  ]);
  if (trail === null) return null;
  return (
    <nav aria-label="Neighbours in the list" className="flex items-center gap-1 text-sm">
      <Step name="Previous fault" keys="k" turn="rotate-90" run={trail.previous} />
      <span className="whitespace-nowrap text-quiet">
        {trail.place.toLocaleString("en")} of {trail.total.toLocaleString("en")}
      </span>
      <Step name="Next fault" keys="j" turn="-rotate-90" run={trail.next} />
    </nav>
  );
}

function Step({ name, keys, turn, run }: { name: string; keys: string; turn: string; run: (() => void) | null }) {
  return (
    <button
      type="button"
      aria-label={name}
      title={`${name} (${keys})`}
      className="button button-plain button-small px-2"
      disabled={run === null}
      onClick={() => run?.()}
    >
      <Icon name="back" size={14} className={turn} />
    </button>
  );
}
