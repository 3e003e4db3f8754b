import { parseCheckpoint, parseForeignCheckpoint } from "../../../packages/kernel/src/ledger/checkpoint.ts";
import { parseWitnessVkey } from "../../../packages/kernel/src/ledger/cosignature.ts";
import { decodeEntry, encodeEntry } from "../../../packages/kernel/src/ledger/entry.ts";
import { parseKept } from "../../../packages/kernel/src/ledger/kept.ts";
import { lawfulEntries, testSigner } from "../../../packages/kernel/src/ledger/ledger-fixture.ts";
import { openNote, parseNote, parseVkey, signNote, vkeyOf } from "../../../packages/kernel/src/ledger/note.ts";
import {
  decodeBundle,
  decodeTile,
  encodeBundle,
  parseTilePath,
  tilePath,
} from "../../../packages/kernel/src/ledger/tiles.ts";
import { parseWitnessRequest } from "../../../packages/kernel/src/ledger/witness-request.ts";
import { allowRefusal, BrokenPromise, type Target } from "../target.ts";

const signer = testSigner();
const verifier = parseVkey(vkeyOf(signer));
const TEXT = `${signer.name}\n3\n${Buffer.alloc(32, 7).toString("base64")}\n`;

/** Notes, checkpoints, keys and requests of witnesses: text that comes from other machines. */
export const noteTarget: Target = {
  name: "note",
  corpus: () => [
    Buffer.from(signNote(TEXT, signer)),
    vkeyOf(signer),
    Buffer.concat([Buffer.from(`old 1\n${Buffer.alloc(32, 1).toString("base64")}\n\n`), signNote(TEXT, signer)]),
    "tile/2/x001/234.p/7",
  ],
  words: ["\u2014 ", "\n\n", "old ", "+", "tile/", ".p/", "x001/", "=", "AAAA"],
  run(bytes) {
    const text = bytes.toString("utf8");
    allowRefusal(() => parseNote(bytes));
    const opened = allowRefusal(() => openNote(bytes, verifier));
    if (opened !== undefined && opened !== TEXT) throw new BrokenPromise("a note that nobody signed was opened");
    allowRefusal(() => parseCheckpoint(text));
    allowRefusal(() => parseForeignCheckpoint(text));
    allowRefusal(() => parseVkey(text));
    allowRefusal(() => parseWitnessVkey(text));
    allowRefusal(() => parseKept(text));
    parseWitnessRequest(bytes);
    const tile = parseTilePath(text);
    if (tile !== null && tilePath(tile) !== text) throw new BrokenPromise("two paths for one tile");
  },
};

/** Tiles, bundles of entries, and entries: what a folder holds that somebody else may have written. */
export const tileTarget: Target = {
  name: "tile",
  corpus: () => {
    const entries = lawfulEntries(5, signer);
    return [...entries.map((entry) => Buffer.from(entry)), Buffer.from(encodeBundle(entries)), Buffer.alloc(96, 3)];
  },
  words: ["\0\0", "\u0001", '"type":', "}", "{"],
  run(bytes) {
    for (const width of [1, 3, 256]) {
      decodeTile(bytes, width);
      decodeBundle(bytes, width);
    }
    const read = decodeEntry(bytes);
    if (read.kind === "entry" && !Buffer.from(encodeEntry(read.entry)).equals(bytes))
      throw new BrokenPromise("two spellings of one entry");
  },
};
