import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { LedgerPage as Page, LedgerReport } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { verifyLedger } from "../api/queries.ts";
import { useSpoken } from "../parts/command.tsx";
import { Fold } from "../parts/fold.tsx";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Exact } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { readFromServer } from "./tiles.ts";
import { hasCryptography, verifyHere, type Verified } from "./verify-here.ts";

/** Two ways to check it: the server checks itself, or this tab checks what the server gives out. */
export function Check({ head }: { head: Page }) {
  const [startedAt, setStartedAt] = useState<number | null>(null);
  const [kept, setKept] = useState("");
  const [progress, setProgress] = useState<[checked: number, size: number] | null>(null);
  const atServer = useMutation({ mutationFn: verifyLedger, onMutate: () => setStartedAt(Date.now()) });
  const here = useMutation({
    mutationFn: (given: string) =>
      verifyHere(readFromServer, {
        kept: given,
        now: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
        onProgress: (checked, size) => setProgress([checked, size]),
      }),
    onMutate: () => setProgress(null),
  });
  const canHere = hasCryptography();
  const say = useSpoken();
  const isBusy = atServer.isPending || here.isPending;
  return (
    <section aria-label="Check the ledger" className="mt-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="flex flex-wrap gap-2">
          <button type="button" className="button" disabled={isBusy} onClick={() => atServer.mutate()}>
            {atServer.isPending ? "Checking" : "Verify"}
            <span className="sr-only"> at the server</span>
          </button>
          <button type="button" className="button" disabled={isBusy || !canHere} onClick={() => here.mutate(kept)}>
            {here.isPending ? "Checking here" : "Verify in this tab"}
          </button>
        </span>
        <p className="min-w-0 text-sm text-quiet [overflow-wrap:anywhere]">
          {plural(head.size, "entry", "entries")}, root <code>{head.root}</code>
        </p>
      </div>
      {!canHere && (
        <p className="mt-1 max-w-160 text-sm text-quiet">
          This tab cannot verify: browsers give cryptography to pages over https, and to those of this machine’s own
          address. The server’s check and <code>{say("prunella ledger verify")}</code> work.
        </p>
      )}
      {canHere && (
        <Fold title="Since a checkpoint that you kept" className="mt-2">
          <label className="flex max-w-240 flex-col gap-1 text-sm">
            One line of <code>{say("prunella ledger checkpoint")}</code>, or a copy of <code>/ledger/checkpoint</code>
            <textarea
              className="field min-h-20 font-mono"
              rows={3}
              spellCheck={false}
              autoComplete="off"
              value={kept}
              onChange={({ target }) => setKept(target.value)}
            />
            <span className="text-quiet">
              “Verify in this tab” then also finds out whether the ledger still begins with what that one speaks of.
            </span>
          </label>
        </Fold>
      )}
      <div role="status" className="mt-2 min-h-6">
        {atServer.isPending && "The server reads every entry and every tile again."}
        {here.isPending &&
          (progress === null
            ? "This tab reads the published files."
            : `This tab has hashed ${progress[0].toLocaleString("en")} of ${plural(progress[1], "entry", "entries")}.`)}
        {!isBusy && here.data !== undefined && <Here verified={here.data} />}
        {!isBusy && here.data !== undefined && here.variables !== kept && (
          <p className="text-warn">▲ That was without what now stands in the field above: verify once more.</p>
        )}
        {!isBusy && atServer.data !== undefined && <Report report={atServer.data} at={startedAt} />}
        {[atServer.error, here.error].map(
          (error, at) =>
            error !== null && (
              <p key={at === 0 ? "server" : "here"} className="text-bad">
                The check could not be run. {error instanceof ApiFailure || error instanceof Error ? error.message : ""}
              </p>
            ),
        )}
      </div>
    </section>
  );
}

/** What this tab found, and what it did not look at. */
function Here({ verified: { size, root, signed, problems, since, line } }: { verified: Verified }) {
  const say = useSpoken();
  if (problems.length > 0)
    return (
      <div>
        <p className="font-semibold text-bad">✕ What the server published does not verify.</p>
        <ul className="mt-1 list-disc pl-5">
          {problems.map((problem) => (
            <li key={problem} className="[overflow-wrap:anywhere]">
              {problem}
            </li>
          ))}
        </ul>
        <p className="mt-1">
          Stop the server, keep the data folder as it is, and compare with a copy of an earlier checkpoint.
        </p>
      </div>
    );
  return (
    <div className="max-w-240">
      <p className="[overflow-wrap:anywhere]">
        <span className="text-good">✓ Verified in this tab.</span> All{" "}
        {plural(size, "published entry", "published entries")} lead to the root <code>{root}</code>
        {signed === "holds" && ", and the ledger’s key signed it"}.
        {since !== null && ` The first ${since.toLocaleString("en")} are what the kept checkpoint speaks of.`}
      </p>
      {signed === "cannot" && (
        <p className="mt-1 text-warn">
          ▲ The signature was not checked: this browser knows no Ed25519. Chrome from 137, Firefox from 129 and Safari
          from 17 do.
        </p>
      )}
      <p className="mt-1 text-sm text-quiet">
        {since === null && "Whoever has the data folder can sign another past: keep the line below elsewhere. "}
        Laws between entries and the rows of the database are checked by the server, and from outside by{" "}
        <code>{say("prunella ledger verify")}</code>.
      </p>
      {line !== null && (
        <div className="mt-2">
          <CopyBlock text={line} label="this checkpoint, to be kept elsewhere" />
        </div>
      )}
    </div>
  );
}

function Report({ report, at }: { report: LedgerReport; at: number | null }) {
  const say = useSpoken();
  const checked = `${plural(report.checked_entries, "entry", "entries")} and ${plural(report.checked_tiles, "tile")} checked`;
  if (report.ok) {
    return (
      <p>
        <span className="text-good">✓ The ledger verifies.</span> {checked}
        {at !== null && (
          <>
            {" "}
            at <Exact at={at} />
          </>
        )}
        . The server checked itself; <code>{say("prunella ledger verify")}</code> does the same from outside.
      </p>
    );
  }
  return (
    <div>
      <p className="font-semibold text-bad">✕ The ledger does not verify. {checked}.</p>
      <ul className="mt-1 list-disc pl-5">
        {report.problems.map((problem, index) => (
          <li key={index} className="[overflow-wrap:anywhere]">
            {problem.index === null ? "" : `entry ${problem.index}: `}
            {problem.what}
          </li>
        ))}
      </ul>
      <p className="mt-1">
        Stop the server, keep the data folder as it is, and compare with a copy of an earlier checkpoint.
      </p>
    </div>
  );
}
