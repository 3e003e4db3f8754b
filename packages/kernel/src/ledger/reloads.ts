import type { Actor } from "@prunella/contract";
import type { Core } from "../core.ts";
import { appendLedger, lockHead } from "./append.ts";

/** The configuration file was read again and is in force: who asked, and the digests of its bytes. */
export const createReloads =
  ({ writer, clock, publish }: Core) =>
  async (given: { readonly before: string | null; readonly after: string; readonly by: Actor }): Promise<number> => {
    const index = await writer.run(async (tx) => {
      await lockHead(tx);
      return appendLedger(tx, {
        v: 1,
        at: clock.now(),
        type: "config_reloaded",
        before_sha256: given.before,
        after_sha256: given.after,
        by: given.by,
      });
    });
    publish("ledger", "head");
    return index;
  };
