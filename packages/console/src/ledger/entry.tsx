import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { LedgerPage } from "@prunella/contract";
import { saveFile } from "../parts/save.ts";
import { Exact } from "../parts/time.tsx";
import { entryFacts } from "./entry-words.ts";
import { readFromServer } from "./tiles.ts";
import { hasCryptography, proofOf } from "./verify-here.ts";

/** One entry: a line, and on demand its bytes, its place in the tree, and what else is of its kind. */
export function Entry({ index, leaf_hash: leafHash, entry }: LedgerPage["entries"][number]) {
  const { at, type, words, fault, escalation, actor } = entryFacts(entry);
  return (
    <li className="border-b border-line">
      <details className="group">
        <summary className="grid items-baseline grid-cols-[3.5rem_minmax(0,1fr)] gap-x-3 md:gap-x-4 py-1.5 -outline-offset-2 hover:bg-sunk md:grid-cols-[4rem_minmax(0,1fr)_auto]">
          <span className="text-right text-quiet">{index}</span>
          <span className="min-w-0 [overflow-wrap:anywhere]">
            {type.replaceAll("_", " ")} <span className="text-sm text-quiet">{words}</span>
          </span>
          <span className="text-sm text-quiet max-md:col-start-2">{at !== null && <Exact at={at} />}</span>
        </summary>
        <div className="space-y-2 pb-3 md:pl-20">
          <pre
            className="frame overflow-x-auto whitespace-pre-wrap px-3 py-2"
            tabIndex={0}
            role="region"
            aria-label={`Entry ${index}`}
          >
            {JSON.stringify(entry, null, 2)}
          </pre>
          <p className="text-sm text-quiet [overflow-wrap:anywhere]">
            Leaf hash <code>{leafHash}</code>
          </p>
          <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
            {fault !== null && (
              <Link to="/faults/$id" params={{ id: fault }} className="link">
                Its fault
              </Link>
            )}
            {escalation !== null && (
              <Link to="/escalations/$id" params={{ id: escalation }} className="link">
                Its escalation
              </Link>
            )}
            <Link to="/entries" search={{ type }} className="link">
              All of this type
            </Link>
            {actor !== null && (
              <Link to="/entries" search={{ actor }} className="link">
                All by {actor}
              </Link>
            )}
            {fault !== null && (
              <Link to="/entries" search={{ fault }} className="link">
                All about this fault
              </Link>
            )}
          </p>
          <SaveProof index={index} />
        </div>
      </details>
    </li>
  );
}

/** The proof that anybody checks offline with the verifier key alone, and the bytes that it is of. */
function SaveProof({ index }: { index: number }) {
  const save = useMutation({
    mutationFn: () => proofOf(readFromServer, index),
    onSuccess: ({ proof, entry }) => {
      saveFile(`entry-${index}.tlog-proof`, proof, "application/octet-stream");
      saveFile(`entry-${index}.json`, entry, "application/json");
    },
  });
  if (!hasCryptography()) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <button
        type="button"
        className="button button-small max-md:min-h-11"
        disabled={save.isPending}
        onClick={() => save.mutate()}
      >
        Save its proof<span className="sr-only"> of entry {index}</span>
      </button>
      <span role="status" className="min-w-0 text-quiet">
        {save.isSuccess
          ? "Checked here and saved, with the entry’s own bytes."
          : save.error !== null
            ? save.error.message
            : "As a tlog-proof, with the entry’s own bytes."}
      </span>
    </div>
  );
}
