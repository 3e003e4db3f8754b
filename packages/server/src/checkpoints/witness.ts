import {
  consistencyProof,
  cosignedAt,
  formatSignatureLine,
  formatWitnessRequest,
  hashesFromTiles,
  parseNote,
  parseSignatureLine,
  parseWitnessVkey,
  type TileReader,
} from "@prunella/kernel";
import { post, type Posted } from "../platform/outbound.ts";
import type { Destination, Published } from "./destination.ts";

export interface WitnessDestination extends Destination {
  /** What the witness knows against this ledger; null when nothing, or when it was not asked yet. */
  problem(): string | null;
}

export interface WitnessDeps {
  readonly url: string;
  readonly vkey: string;
  readonly reader: TileReader;
  /** Entries that the database holds: on another server they may be published already. */
  readonly headSize: () => Promise<number>;
  /** Adds signature lines to the published checkpoint with this text. */
  readonly cosign: (text: string, lines: string) => Promise<void>;
}

/** The witness has moved on while we asked, because another server asked too. */
const MAX_TRIES = 3;

/** C2SP tlog-witness, the ledger's side: proves that the checkpoint extends the one that the witness saw last. */
export function witnessDestination({ url, vkey, reader, headSize, cosign }: WitnessDeps): WitnessDestination {
  const witness = parseWitnessVkey(vkey);
  const address = `${url.replace(/\/$/, "")}/add-checkpoint`;
  let seen = 0;
  let problem: string | null = null;

  function holdAgainst(what: string): Error {
    problem = what;
    return new Error(what);
  }

  async function ask({ note, size }: Published, signal: AbortSignal): Promise<Posted> {
    const proof = await consistencyProof(seen, size, hashesFromTiles(reader, size));
    const body = Buffer.from(formatWitnessRequest({ oldSize: seen, proof, checkpoint: note }));
    return post(address, { type: "text/plain; charset=utf-8", body, signal });
  }

  async function takeCosignatures(note: Uint8Array, body: Buffer): Promise<void> {
    const { text } = parseNote(note);
    const lines = body
      .toString()
      .split("\n")
      .filter((line) => line !== "")
      .map(parseSignatureLine)
      .filter((line) => cosignedAt(text, line, witness) !== null);
    if (lines.length === 0) throw new Error("it answers without a cosignature that its key made");
    await cosign(text, lines.map(formatSignatureLine).join(""));
  }

  return {
    name: `the witness ${witness.name}`,
    problem: () => problem,
    async send(published, signal) {
      const { size } = published;
      if (seen > size) seen = 0;
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const { status, body } = await ask(published, signal);
        if (status === 200) {
          await takeCosignatures(published.note, body);
          seen = size;
          problem = null;
          return;
        }
        if (status === 422)
          throw holdAgainst(
            `The witness ${witness.name} does not find the ${seen} entries that it has seen in this ledger: the history before entry ${seen} was changed.`,
          );
        if (status !== 409) throw new Error(`it answers with status ${status}`);
        const last = sizeIn(body);
        if (last === null) throw new Error("it answers with status 409 and no size");
        if (last > (await headSize()))
          throw holdAgainst(
            `The witness ${witness.name} has seen ${last} entries of this ledger, which has ${size}: it was cut, or taken back to an earlier state.`,
          );
        // Another server of this ledger has published more; what is published here comes to the same.
        if (last > size) return;
        if (last === seen && last === size)
          throw holdAgainst(
            `The witness ${witness.name} has seen another root of ${last} entries: the history before entry ${last} was changed.`,
          );
        seen = last;
      }
      throw new Error("it goes on before it can be asked");
    },
  };
}

function sizeIn(body: Buffer): number | null {
  const size = Number(/^(0|[1-9]\d{0,15})\n$/.exec(body.toString("latin1"))?.[1] ?? Number.NaN);
  return Number.isSafeInteger(size) ? size : null;
}
