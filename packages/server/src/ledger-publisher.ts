import { createHash } from "node:crypto";
import { PrunellaError, type LedgerReport } from "@prunella/contract";
import {
  appendLedger,
  decodeEntry,
  formatSignatureLine,
  isBy,
  parseNote,
  parseSignatureLine,
  publish,
  publishedSize,
  readEntries,
  readHead,
  readTile,
  verifyLedger,
  vkeyOf,
  type Engine,
  type Log,
  type Signer,
  type TileReader,
  type TileWriter,
  type Writer,
} from "@prunella/kernel";

type Files = TileReader & TileWriter;

/** Entry 0. Refuses a database whose ledger was begun with another key. */
export async function ensureGenesis(engine: Engine, writer: Writer, signer: Signer, now: number): Promise<void> {
  const vkey_sha256 = createHash("sha256").update(vkeyOf(signer)).digest("hex");
  const [first] = await readEntries(engine.reader, 0, 1);
  if (!first) {
    await writer.run((tx) =>
      appendLedger(tx, {
        v: 1,
        at: now,
        type: "genesis",
        origin: signer.name,
        vkey_sha256,
        software: "prunella/0.1.0",
      }),
    );
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
  /** Adds signature lines of others to the published checkpoint, if that is still the one with this text. */
  cosign(this: void, text: string, lines: string): Promise<void>;
  /** A published file; partial tiles that wider ones replaced are cut from those. Null when there is none. */
  read(path: string): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

/** Derives tiles and a signed checkpoint from the committed rows; the rows are the truth. */
export function createLedgerPublisher(deps: {
  engine: Engine;
  files: Files;
  signer: Signer;
  log: Log;
  /** Vkeys of those whose cosignatures must hold where they stand. */
  witnesses: readonly string[];
}): LedgerPublisher {
  const { engine, files, signer, log, witnesses } = deps;
  const vkey = vkeyOf(signer);
  let isAwake = false;
  /** Publishing and verifying take turns: a checkpoint that moves under a verification looks like a fault. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const next = turn.then(step);
    turn = next.catch(() => undefined);
    return next;
  };

  async function publishNow(): Promise<void> {
    isAwake = false;
    const { size, root } = await readHead(engine.reader);
    const from = await publishedSize(files, signer);
    if (from === size) return;
    const head = { size, root: Buffer.from(root, "hex") };
    const entries = async (start: number, end: number) =>
      (await readEntries(engine.reader, start, end)).map((row) => Buffer.from(row.entry));
    await publish({ from, head, entries, reader: files, writer: files, signer });
  }

  function wake(): void {
    if (isAwake) return;
    isAwake = true;
    inTurn(publishNow).catch((error: unknown) => {
      log.warn(
        `the ledger's files could not be written and will be tried again: ${error instanceof Error ? error.message : "unknown"}`,
      );
    });
  }

  async function* rows(size: number) {
    for (let start = 0; start < size; start += 1_000) {
      for (const row of await readEntries(engine.reader, start, Math.min(size, start + 1_000)))
        yield { index: row.index, entry: Buffer.from(row.entry) };
    }
  }

  return {
    wake,
    verify: () =>
      inTurn(async () => {
        // A file that cannot be written is a problem that verification names better than an exception.
        await publishNow().catch(() => undefined);
        const { size, root } = await readHead(engine.reader);
        return verifyLedger({
          reader: files,
          vkey,
          witnesses,
          entries: rows(size),
          head: { size, root: Buffer.from(root, "hex") },
        });
      }),
    cosign: (text, lines) =>
      inTurn(async () => {
        const bytes = await files.read("checkpoint");
        const note = bytes === null ? null : parseNote(bytes);
        if (note?.text !== text) return;
        const added = lines.trimEnd().split("\n").map(parseSignatureLine);
        const kept = note.signatures.filter((line) => !added.some((one) => isBy(line, one)));
        const all = [...kept, ...added].map(formatSignatureLine).join("");
        await files.write("checkpoint", Buffer.from(`${text}\n${all}`));
      }),
    async read(path) {
      if (path === "checkpoint" || path === "vkey") return files.read(path);
      return readTile(files, path, await publishedSize(files, signer));
    },
    async close() {
      wake();
      await turn;
    },
  };
}

/** The key that outsiders pin, beside the tiles. */
export async function writeVkey(files: Files, signer: Signer): Promise<void> {
  await files.write("vkey", Buffer.from(`${vkeyOf(signer)}\n`));
}
