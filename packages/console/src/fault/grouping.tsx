import type { FaultDetail, FaultKey, Fingerprints } from "@prunella/contract";
import { pieces } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { CompareEvents } from "./compare-events.tsx";
import { CompareKeys, letter } from "./compare-keys.tsx";
import { Merged } from "./merged.tsx";
import { Fold } from "../parts/fold.tsx";

const BY: Record<Fingerprints["by"], string> = {
  stack: "their error class and the frames of the program’s own code are the same",
  message: "their message is the same once the parts that vary are taken out",
  sdk: "the program itself asked for it with a fingerprint of its own",
  exit: "the same program ended in the same way",
  rule: "a person wrote a grouping rule that says so",
};
const HOW: Record<FaultKey["how"], string> = {
  first: "opened this fault",
  earlier: "an earlier version of the grouping knew it",
  similar: "similar enough to another one",
};
const OPEN_KEYS = 4;

/** Why these events are one fault: every fingerprint that leads here, its exact parts, and people's merges. */
export function Grouping({ detail }: { detail: FaultDetail }) {
  const { fingerprints, keys, merged } = detail;
  const all = keys.length > 0 ? keys : [standIn(detail)];
  return (
    <>
      <p>
        These events are one fault because {BY[fingerprints.by]}
        {merged.length > 0 ? ", and because a person merged others into it" : ""}.{" "}
        {all.length > 1 && `${all.length} fingerprints lead here.`}
      </p>
      <Keys keys={all.slice(0, OPEN_KEYS)} from={0} alone={all.length === 1} merged={merged} />
      {all.length > OPEN_KEYS && (
        <Fold title={`${plural(all.length - OPEN_KEYS, "more fingerprint")}`}>
          <Keys keys={all.slice(OPEN_KEYS)} from={OPEN_KEYS} alone={false} merged={merged} />
        </Fold>
      )}
      {all.length > 1 && <CompareKeys keys={all} />}
      {detail.samples.length > 1 && <CompareEvents detail={detail} />}
      {merged.length > 0 && <Merged detail={detail} />}
    </>
  );
}

function Keys({
  keys,
  from,
  alone,
  merged,
}: {
  keys: readonly FaultKey[];
  from: number;
  alone: boolean;
  merged: FaultDetail["merged"];
}) {
  const memberOf = (key: FaultKey) => merged.find((each) => each.id === key.fault_id)?.title;
  return (
    <ul className={`mt-2 grid gap-x-4 gap-y-3 ${alone ? "" : "sm:grid-cols-2"}`} aria-label="Fingerprints">
      {keys.map((key, index) => (
        <li key={key.fingerprint} className="flex min-w-0 flex-col">
          <p className="text-sm">
            {!alone && <strong className="mr-1.5 font-semibold">{letter(from + index)}</strong>}
            {HOW[key.how]} <span className="text-quiet">· {plural(key.events, "event")}</span>
          </p>
          {memberOf(key) !== undefined && (
            <p className="text-sm text-quiet [overflow-wrap:anywhere]">
              came with {pieces(memberOf(key) ?? "")}, which a person merged into this one
            </p>
          )}
          {key.detail.length > 0 && (
            <p className="text-sm text-quiet [overflow-wrap:anywhere]">{pieces(key.detail.join(" · "))}</p>
          )}
          <ol className="frame mt-1 flex-1 list-decimal py-2 pl-9 pr-3" aria-label="Parts of the fingerprint">
            {key.parts.map((part, place) => (
              <li key={place} className="marker:text-quiet">
                {pieces(part)}
              </li>
            ))}
          </ol>
          <p className="mt-0.5 text-xs text-quiet [overflow-wrap:anywhere]">
            <code className="text-xs">{key.fingerprint}</code>
          </p>
        </li>
      ))}
    </ul>
  );
}

/** A fault whose keys are not kept any more still knows the fingerprint that made it. */
function standIn({ fault, fingerprints }: FaultDetail): FaultKey {
  return {
    fingerprint: fingerprints.strict,
    fault_id: fault.id,
    how: "first",
    detail: [],
    parts: fingerprints.parts,
    events: fault.count,
  };
}
