import { resolve } from "node:path";
import { PrunellaError, VERSION } from "@prunella/contract";
import {
  beginLedger,
  createWriter,
  publishedSize,
  readGenesis,
  readHead,
  type Engine,
  type Genesis,
  type Signer,
  type TileReader,
} from "@prunella/kernel";
import { makeLedgerKey, readLedgerKey, removeLedgerKey } from "./platform/ledger-key.ts";

/**
 * The key of the database's one ledger, from this data folder. Only a database without a ledger lets
 * one be begun, and only by a folder that has signed none: two histories under one key, or one
 * history under two, could not be told from a forgery.
 */
export async function openLedger(given: {
  engine: Engine;
  folder: string;
  files: TileReader;
  now: number;
}): Promise<Signer> {
  const { engine, folder, files, now } = given;
  const own = readLedgerKey(folder);
  const genesis = await readGenesis(engine.reader);
  if (genesis) return keyOf(genesis, own, given);
  await assertUnused(own, files, folder);
  const signer = own ?? makeLedgerKey(folder);
  const writer = createWriter(engine);
  const standing = await writer.run((tx) => beginLedger(tx, now, signer, `prunella/${VERSION}`));
  await writer.close();
  if (standing.isOf(signer)) return signer;
  // Another server began it in the same moment. The key that was made for it has signed nothing.
  if (own === null) removeLedgerKey(folder);
  throw needed(standing, own, folder);
}

async function keyOf(
  genesis: Genesis,
  own: Signer | null,
  { engine, folder, files }: { engine: Engine; folder: string; files: TileReader },
): Promise<Signer> {
  if (own === null || !genesis.isOf(own)) throw needed(genesis, own, folder);
  const [published, { size }] = [await publishedSize(files, own), await readHead(engine.reader)];
  if (published > size)
    throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
      detail: `This folder has published ${published} entries of the ledger, and the database has ${size}: it is an older copy. Going on would make a second history.`,
      hint: "Restore a copy of the database that has them all.",
    });
  return own;
}

/** A database without a ledger is begun by a folder without one. */
async function assertUnused(own: Signer | null, files: TileReader, folder: string): Promise<void> {
  if ((await files.read("checkpoint")) === null) return;
  throw new PrunellaError("PRUNELLA_LEDGER_BROKEN", {
    detail: `The database is empty, and ${resolve(folder)} holds a ledger${own === null ? "" : ` of the key ${own.name}`} that another database has.`,
    hint: "Choose an empty folder with --data, or the database that belongs to this one.",
  });
}

function needed(genesis: Genesis, own: Signer | null, folder: string): PrunellaError {
  const has = own === null ? "has none" : `has ${own.name}`;
  const path = resolve(folder);
  return new PrunellaError("PRUNELLA_LEDGER_KEY_NEEDED", {
    detail: `The ledger of this database is signed with the key ${genesis.origin}, and ${path} ${has}.`,
    hint: `Copy ledger-key.json out of the data folder of a server that uses this database, and run: prunella ledger key import ledger-key.json`,
  });
}
