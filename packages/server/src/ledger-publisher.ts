import type { LedgerReport } from "@prunella/contract";
import {
  createWriter,
  dropLease,
  formatSignatureLine,
  isBy,
  parseNote,
  parseSignatureLine,
  publish,
  publishedSize,
  readEntries,
  readHead,
  readTile,
  takeLease,
  verifyLedger,
  vkeyOf,
  type Clock,
  type Engine,
  type Log,
  type Signer,
  type TileReader,
  type TileWriter,
} from "@prunella/kernel";

type Files = TileReader & TileWriter;

const LEASE = "publish";
/**
 * A publication that takes longer overlaps with another server's. That does no harm: each writes into
 * its own folder, from the same rows. A server that was killed holds the others up no longer than this.
 */
const LEASE_MS = 10_000;
/** While another server publishes; also what is gathered before a turn is asked for, or after one. */
const TURN_MS = 250;
/** After files or database could not be reached. */
const AGAIN_MS = 5_000;
/** A notice of another server may have been lost. */
const LOOK_MS = 60_000;

export interface LedgerPublisher {
  /** Publishes what was committed since the last time; one run at a time. */
  wake(): void;
  verify(): Promise<LedgerReport>;
  /** Adds signature lines of others to the published checkpoint, if that is still the one with this text. */
  cosign(this: void, text: string, lines: string): Promise<void>;
  /** A published file; partial tiles that wider ones replaced are cut from those. Null when there is none. */
  read(path: string): Promise<Uint8Array | null>;
  /** False while its files cannot be written. */
  isWell(): boolean;
  /** How many entries the published checkpoint holds. */
  publishedSize(): Promise<number>;
  close(): Promise<void>;
}

export interface PublisherDeps {
  readonly engine: Engine;
  readonly files: Files;
  readonly signer: Signer;
  readonly log: Log;
  readonly clock: Clock;
  readonly nodeId: string;
  /** Vkeys of those whose cosignatures must hold where they stand. */
  readonly witnesses: readonly string[];
  /** How often it looks by itself. */
  readonly lookMs?: number;
}

/**
 * Derives tiles and a signed checkpoint from the committed rows; the rows are the truth. Of several
 * servers on one database one publishes at a time, each into its own folder.
 */
export function createLedgerPublisher(deps: PublisherDeps): LedgerPublisher {
  const { engine, files, signer, log, clock, nodeId, witnesses } = deps;
  const vkey = vkeyOf(signer);
  // An embedded database has one owner, who needs nobody's leave.
  const writer = engine.channel === null ? null : createWriter(engine);
  let isClosed = false;
  let hasFailed = false;
  let cancelDue: (() => void) | null = null;
  let isAwake = false;
  let startedAt = Number.NEGATIVE_INFINITY;
  /** Publishing and verifying take turns: a checkpoint that moves under a verification looks like a fault. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const next = turn.then(step);
    turn = next.catch(() => undefined);
    return next;
  };

  /** False: another server publishes just now. */
  async function publishNow(): Promise<boolean> {
    isAwake = false;
    const from = await publishedSize(files, signer);
    if (from === (await readHead(engine.reader)).size) return true;
    const mayPublish = (await writer?.run((tx) => takeLease(tx, LEASE, nodeId, clock.now(), LEASE_MS))) ?? true;
    if (!mayPublish) return false;
    try {
      const { size, root } = await readHead(engine.reader);
      const head = { size, root: Buffer.from(root, "hex") };
      const entries = async (start: number, end: number) =>
        (await readEntries(engine.reader, start, end)).map((row) => Buffer.from(row.entry));
      await publish({ from, head, entries, reader: files, writer: files, signer });
    } finally {
      // When even this fails the lease ends by itself.
      await writer?.run((tx) => dropLease(tx, LEASE, nodeId)).catch(() => undefined);
    }
    return true;
  }

  function start(): void {
    if (isAwake) return;
    isAwake = true;
    startedAt = clock.now();
    inTurn(publishNow).then(
      (isDone) => {
        hasFailed = false;
        if (!isDone) startIn(TURN_MS);
      },
      (error: unknown) => {
        if (!hasFailed)
          log.warn(
            `the ledger's files could not be written and will be tried again: ${error instanceof Error ? error.message : "unknown"}`,
          );
        hasFailed = true;
        startIn(AGAIN_MS);
      },
    );
  }

  function startIn(ms: number): void {
    if (isClosed || cancelDue !== null) return;
    cancelDue = clock.after(ms, () => {
      cancelDue = null;
      start();
    });
  }

  let cancelLook = clock.after(deps.lookMs ?? LOOK_MS, onLook);
  function onLook(): void {
    cancelLook = clock.after(deps.lookMs ?? LOOK_MS, onLook);
    start();
  }

  async function* rows(size: number) {
    for (let start = 0; start < size; start += 1_000) {
      for (const row of await readEntries(engine.reader, start, Math.min(size, start + 1_000)))
        yield { index: row.index, entry: Buffer.from(row.entry) };
    }
  }

  return {
    wake() {
      // Every server hears of every entry: a moment's gathering keeps them from waiting in line for each.
      // Whoever is alone publishes an entry at once, and one that follows it closely with those beside it:
      // files that are written anew for each entry cost a busy server more than all that the entries record.
      const rested = clock.now() - startedAt;
      if (writer === null && rested >= TURN_MS) start();
      else startIn(writer === null ? TURN_MS - Math.max(0, rested) : TURN_MS);
    },
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
    isWell: () => !hasFailed,
    publishedSize: () => publishedSize(files, signer),
    async close() {
      isClosed = true;
      cancelLook();
      cancelDue?.();
      start();
      await turn;
      await writer?.close();
    },
  };
}

/** The key that outsiders pin, beside the tiles. */
export async function writeVkey(files: Files, signer: Signer): Promise<void> {
  await files.write("vkey", Buffer.from(`${vkeyOf(signer)}\n`));
}
