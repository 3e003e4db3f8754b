import { publish, publishedSize, readEntries, readHead, verifyLedger, vkeyOf, type Engine } from "@prunella/kernel";
import { TEST_SIGNER } from "../ledger-rows.ts";
import { InjectedFault } from "./faults.ts";
import { oneAtATime, type Actor, type World } from "./world.ts";

/** The ledger's files, which a process may leave written by half. */
export interface Tiles {
  /** `isTorn` is asked for each file. */
  publish(engine: Engine, isTorn: () => boolean): Promise<void>;
  /** What an outsider finds wrong with what is published. */
  problems(): Promise<string[]>;
}

export function createTiles(): Tiles {
  const files = new Map<string, Uint8Array>();
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
              // What had that name is replaced by a whole file or not at all; a new one may be cut off.
              if (!files.has(path) && path !== "checkpoint") files.set(path, bytes.subarray(0, bytes.length >> 1));
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

/** The process that publishes, one at a time; whoever tears a file has ended. */
export function createPublisher(world: World, tiles: Tiles): Actor {
  return oneAtATime(async () => {
    const up = world.processes().filter((one) => one.isUp);
    if (up.length === 0) return;
    const one = world.chance.pick(up);
    const isTorn = () => world.happens("torn_tile");
    const done = tiles.publish(one.engine, isTorn).catch((error: unknown) => {
      if (!(error instanceof InjectedFault)) world.violated(`the ledger could not be published: ${String(error)}`);
      one.life.end();
    });
    await Promise.race([done, one.life.over]);
  });
}
