import { createHash } from "node:crypto";
import { PrunellaError, type LedgerReport } from "@prunella/contract";
import {
  appendLedger, decodeEntry, publish, publishedSize, readEntries, readHead, verifyLedger, vkeyOf,
  type Engine, type Kernel, type Log, type Signer, type TileReader, type TileWriter, type Writer,
} from "@prunella/kernel";

type Files = TileReader & TileWriter;

/** Entry 0. Refuses a database whose ledger was begun with another key. */
export async function ensureGenesis(engine: Engine, writer: Writer, signer: Signer, now: number): Promise<void> {
  const vkey_sha256 = createHash("sha256").update(vkeyOf(signer)).digest("hex");
  const [first] = await readEntries(engine.reader, 0, 1);
  if (!first) {
    await writer.run((tx) => appendLedger(tx, { v: 1, at: now, type: "genesis", origin: signer.name, vkey_sha256, software: "prunella/0.1.0" }));
    return;
  }
  const genesis = decodeEntry(Buffer.from(first.entry));
  if (genesis.kind !== "entry" || genesis.entry.type !== "genesis" || genesis.entry.vkey_sha256 !== vkey_sha256) {
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
      detail: "The ledger in this database was begun with another signing key.",
      hint: "Restore ledger-key.json of the data folder that began it.",
    });
  }
}

export interface LedgerPublisher {
  /** Publishes what was committed since the last time; one run at a time. */
  wake(): void;
  verify(): Promise<LedgerReport>;
  close(): Promise<void>;
}

/** Derives tiles and a signed checkpoint from the committed rows; the rows are the truth. */
export function createLedgerPublisher(deps: { kernel: Kernel; engine: Engine; files: Files; signer: Signer; log: Log }): LedgerPublisher {
  const { engine, files, signer, log } = deps;
  const vkey = vkeyOf(signer);
  let isAwake = false;
  let running: Promise<void> | null = null;
  const entries = async (start: number, end: number) => (await readEntries(engine.reader, start, end)).map((row) => Buffer.from(row.entry));

  async function run(): Promise<void> {
    while (isAwake) {
      isAwake = false;
      const head = await readHead(engine.reader);
      const from = await publishedSize(files, signer);
      if (from !== head.size) await publish({ from, head: { size: head.size, root: Buffer.from(head.root, "hex") }, entries, reader: files, writer: files, signer });
    }
  }

  function wake(): void {
    isAwake = true;
    running ??= run()
      .catch((error: unknown) => log.warn(`the ledger's files could not be written and will be tried again: ${error instanceof Error ? error.message : "unknown"}`))
      .finally(() => {
        running = null;
      });
  }

  async function* rows() {
    const { size } = await readHead(engine.reader);
    for (let start = 0; start < size; start += 1_000) {
      for (const row of await readEntries(engine.reader, start, Math.min(size, start + 1_000))) yield { index: row.index, entry: Buffer.from(row.entry) };
    }
  }

  return {
    wake,
    async verify() {
      wake();
      while (running) await running;
      const head = await readHead(engine.reader);
      return verifyLedger({ reader: files, vkey, entries: rows(), head: { size: head.size, root: Buffer.from(head.root, "hex") } });
    },
    async close() {
      wake();
      while (running) await running;
    },
  };
}

/** The key that outsiders pin, beside the tiles. */
export async function writeVkey(files: Files, signer: Signer): Promise<void> {
  await files.write("vkey", Buffer.from(`${vkeyOf(signer)}\n`));
}
