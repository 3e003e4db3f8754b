import { publish, publishedSize, readEntries, readHead, verifyLedger, vkeyOf, type Engine } from "@prunella/kernel";
import { TEST_SIGNER } from "../ledger-rows.ts";
import { InjectedFault } from "./faults.ts";

/** The ledger's files, which a process may leave written by half. */
export interface Tiles {
  /** `isTorn` is asked for each file. */
  publish(engine: Engine, isTorn: () => boolean): Promise<void>;
  /** What an outsider finds wrong with what is published. */
  problems(): Promise<string[]>;
}

export function createTiles(): Tiles {
  const files = new Map<string, Uint8Array>();
  /** A file has its name only when it is whole; a torn one lies beside it, as the server's own writer leaves it. */
  const reader = { read: async (path: string) => files.get(path) ?? null };
  return {
    async publish(engine, isTorn) {
      const { size, root } = await readHead(engine.reader);
      await publish({
        from: await publishedSize(reader, TEST_SIGNER),
        head: { size, root: Buffer.from(root, "hex") },
        entries: async (start, end) =>
          (await readEntries(engine.reader, start, end)).map(({ entry }) => Buffer.from(entry)),
        reader,
        writer: {
          async write(path, bytes) {
            if (isTorn()) {
              files.set(`${path}.tmp`, bytes.subarray(0, bytes.length >> 1));
              throw new InjectedFault("torn_tile");
            }
            files.set(path, bytes);
          },
          remove: async (path) => void files.delete(path),
        },
        signer: TEST_SIGNER,
      });
    },
    async problems() {
      if (!files.has("checkpoint")) return [];
      return (await verifyLedger({ reader, vkey: vkeyOf(TEST_SIGNER) })).problems.map(({ what }) => what);
    },
  };
}
