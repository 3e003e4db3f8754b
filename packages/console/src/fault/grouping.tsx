import type { Fingerprints } from "@prunella/contract";
import { pieces } from "../parts/untrusted.tsx";

const BY: Record<Fingerprints["by"], string> = {
  stack: "their error class and the frames of the program’s own code are the same",
  message: "their message is the same once the parts that vary are taken out",
  sdk: "the program itself asked for it with a fingerprint of its own",
  exit: "the same program ended in the same way",
  rule: "a grouping rule of a person says so",
};

/** Why these events are one fault: the exact parts that were hashed. */
export function Grouping({ fingerprints }: { fingerprints: Fingerprints }) {
  return (
    <>
      <p>These events are one fault because {BY[fingerprints.by]}.</p>
      <ol className="frame mt-2 list-decimal py-2 pl-9 pr-3" aria-label="Parts of the fingerprint">
        {fingerprints.parts.map((part, index) => (
          <li key={index} className="marker:text-quiet">
            {pieces(part)}
          </li>
        ))}
      </ol>
      <p className="mt-1 text-sm text-quiet [overflow-wrap:anywhere]">
        Fingerprint version {fingerprints.version}, <code>{fingerprints.strict}</code>
      </p>
    </>
  );
}
