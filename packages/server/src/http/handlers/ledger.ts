import { PrunellaError } from "@prunella/contract";
import type { LEDGER } from "@prunella/contract/operations";
import { consistencyProof, cosignaturesOf, hashesFromTiles, openCheckpoint, parseVkey } from "@prunella/kernel";
import { ouroborosEvents } from "../../plugins/audit-export.ts";
import type { Handlers } from "../handler.ts";

export const ledger: Handlers<typeof LEDGER> = {
  async list_entries({ from, limit, ...query }, { kernel }) {
    const head = await kernel.ledger.head();
    const isFound = Object.values(query).some((each) => each !== undefined);
    if (isFound && from !== undefined)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: "`from` goes without `before`, `type`, `actor` and `fault`: what is found comes newest first.",
      });
    const start = from ?? Math.max(0, head.size - limit);
    const rows = isFound
      ? await kernel.ledger.find({ ...query, limit })
      : await kernel.ledger.entries(start, start + limit);
    return {
      ...head,
      entries: rows.map((row) => ({ index: row.index, leaf_hash: row.leafHash, entry: JSON.parse(row.entry) })),
    };
  },
  async export_ledger({ from, limit }, { kernel }) {
    const { steps, next } = await kernel.plugins.steps(from, limit);
    return { events: steps.flatMap(ouroborosEvents), next };
  },
  verify_ledger: (_input, { verifyLedger }) => verifyLedger(),
  async get_checkpoint({ from }, { publisher, witnesses }) {
    const [note, vkeyFile] = [await publisher.read("checkpoint"), await publisher.read("vkey")];
    if (note === null || vkeyFile === null)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "No checkpoint has been published yet." });
    const vkey = Buffer.from(vkeyFile).toString().trimEnd();
    const { size } = openCheckpoint(note, parseVkey(vkey));
    const proof =
      from === undefined || from > size ? [] : await consistencyProof(from, size, hashesFromTiles(publisher, size));
    return {
      vkey,
      note: Buffer.from(note).toString(),
      size,
      proof: proof.map((hash) => Buffer.from(hash).toString("base64")),
      cosignatures: cosignaturesOf(note, witnesses).flatMap(({ name, seconds }) =>
        seconds === null ? [] : [{ name, at: seconds * 1_000 }],
      ),
    };
  },
};
