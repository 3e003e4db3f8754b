import type { LedgerReport } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import type { Checkpoints } from "./checkpoints/checkpoints.ts";
import type { LedgerPublisher } from "./ledger-publisher.ts";

/** As many as a report has; the first of them say most. */
const MAX_PROBLEMS = 100;

/** All that a server can check of its ledger: the database's guards, files, laws, rows, and what witnesses know. */
export const createLedgerCheck =
  ({
    kernel,
    publisher,
    checkpoints,
  }: {
    kernel: Pick<Kernel, "ledger">;
    publisher: LedgerPublisher;
    checkpoints: Checkpoints;
  }) =>
  async (): Promise<LedgerReport> => {
    const lacking = await kernel.ledger.restoreGuards();
    const report = await publisher.verify();
    const more = [
      ...lacking.map((name) => about(`The database's guard ${name} was gone or changed; it has been made again.`)),
      ...(await checkpoints.askWitnesses()).map(about),
      ...(await kernel.ledger.compareRows()),
    ];
    const problems = [...report.problems, ...more].slice(0, MAX_PROBLEMS);
    return { ...report, ok: problems.length === 0, problems };
  };

const about = (what: string): LedgerReport["problems"][number] => ({ what, index: null });
