import type { LEDGER } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

export const ledger: Handlers<typeof LEDGER> = {
  async list_entries({ from, limit }, { kernel }) {
    const head = await kernel.ledger.head();
    const start = from ?? Math.max(0, head.size - limit);
    const rows = await kernel.ledger.entries(start, start + limit);
    return {
      ...head,
      entries: rows.map((row) => ({ index: row.index, leaf_hash: row.leafHash, entry: JSON.parse(row.entry) })),
    };
  },
  verify_ledger: (_input, { publisher }) => publisher.verify(),
};
