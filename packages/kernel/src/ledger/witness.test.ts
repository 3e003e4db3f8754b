import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { createWriter } from "../store/writer.ts";
import { signCheckpoint } from "./checkpoint.ts";
import { cosignaturesOf, parseWitnessVkey, witnessVkeyOf } from "./cosignature.ts";
import { frontierOf, intentEntry, lawfulEntries, memoryFiles, publishAll, testSigner } from "./ledger-fixture.ts";
import { encodeEntry } from "./entry.ts";
import { signNote, vkeyOf } from "./note.ts";
import { hashesFromTiles } from "./tile-hashes.ts";
import { consistencyProof } from "./tree-proof.ts";
import { rootOf } from "./tree.ts";
import { createWitness, type Witness } from "./witness.ts";
import { formatWitnessRequest, parseWitnessRequest } from "./witness-request.ts";

const ledger = testSigner("prunella.test/watched");
const witnessKey = testSigner("prunella.test/watching");
const known = parseWitnessVkey(witnessVkeyOf(witnessKey));
const entries = lawfulEntries(300, ledger);
const rewritten = entries.with(1, encodeEntry(intentEntry(1, { ceiling: 1, target: "program:other" })));

const noteOf = (history: readonly Uint8Array[], size: number, by = ledger) =>
  signCheckpoint({ size, root: rootOf(frontierOf(history.slice(0, size))) }, by);

async function requestOf(history: readonly Uint8Array[], oldSize: number, size: number): Promise<Uint8Array> {
  const files = memoryFiles();
  await publishAll(history.slice(0, size), files, ledger);
  const proof = oldSize > size ? [] : await consistencyProof(oldSize, size, hashesFromTiles(files, size));
  return formatWitnessRequest({ oldSize, proof, checkpoint: noteOf(history, size) });
}

describe("what is sent to a witness", () => {
  it("is read back as it was written", async () => {
    const request = parseWitnessRequest(await requestOf(entries, 5, 300));
    expect(request).toMatchObject({ oldSize: 5, checkpoint: noteOf(entries, 300) });
    expect(request?.proof.length).toBeGreaterThan(3);
  });

  it.each([
    "",
    "old 1\n",
    "old 01\n\nx",
    "old -1\n\nx",
    "new 1\n\nx",
    `old 1\n${"A".repeat(43)}\n\nx`,
    `old 1\n${"A".repeat(43)}B\n\nx`,
    `old 1\n${`${"A".repeat(43)}=\n`.repeat(64)}\nx`,
  ])("is refused when malformed: %j", (text) => {
    expect(parseWitnessRequest(Buffer.from(text))).toBeNull();
  });
});

describe.each(ENGINES)("a witness on $name", (engines) => {
  const run = it.skipIf(engines.isMissing);

  async function open() {
    const store = await engines.open();
    const clock = testClock();
    const writer = createWriter(store.engine);
    const make = (): Witness =>
      createWitness(
        { writer, clock },
        { signer: witnessKey, vkeys: [vkeyOf(testSigner(ledger.name)), vkeyOf(ledger)] },
      );
    return {
      make,
      clock,
      async [Symbol.asyncDispose]() {
        await writer.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  run("cosigns what extends the last that it saw, and says when", async () => {
    await using house = await open();
    const witness = house.make();
    for (const [from, to] of [
      [0, 3],
      [3, 3],
      [3, 256],
      [256, 300],
    ] as const) {
      const answer = await witness.add(await requestOf(entries, from, to));
      const note = Buffer.concat([noteOf(entries, to), Buffer.from(answer.kind === "cosigned" ? answer.lines : "")]);
      expect(cosignaturesOf(note, [known]), `${from} to ${to}`).toEqual([
        { name: witnessKey.name, seconds: Math.floor(house.clock.now() / 1_000) },
      ]);
    }
  });

  run("goes back for nobody, also after a restart", async () => {
    await using house = await open();
    await house.make().add(await requestOf(entries, 0, 256));
    const witness = house.make();
    expect(await witness.add(await requestOf(entries, 0, 100))).toEqual({ kind: "conflict", size: 256 });
    expect(await witness.add(await requestOf(entries, 100, 300))).toEqual({ kind: "conflict", size: 256 });
    expect(await witness.add(await requestOf(entries, 256, 100))).toEqual({ kind: "malformed" });
    expect(await witness.add(await requestOf(entries, 256, 300))).toMatchObject({ kind: "cosigned" });
  });

  run("refuses another past under the right key", async () => {
    await using house = await open();
    const witness = house.make();
    await witness.add(await requestOf(entries, 0, 256));
    expect(await witness.add(await requestOf(rewritten, 256, 256))).toEqual({ kind: "conflict", size: 256 });
    expect(await witness.add(await requestOf(rewritten, 256, 300))).toEqual({ kind: "inconsistent" });
    expect(await witness.add(await requestOf(rewritten, 0, 300))).toEqual({ kind: "conflict", size: 256 });
  });

  run("lets only one of two go on from the same place", async () => {
    await using house = await open();
    const witness = house.make();
    await witness.add(await requestOf(entries, 0, 3));
    const answers = await Promise.all(
      [entries, rewritten, entries].map(async (history) => witness.add(await requestOf(history, 3, 256))),
    );
    expect(answers.filter(({ kind }) => kind === "cosigned")).toHaveLength(1);
  });

  run("asks for the key that was named for the origin", async () => {
    await using house = await open();
    const witness = house.make();
    const ask = (checkpoint: Uint8Array) => witness.add(formatWitnessRequest({ oldSize: 0, proof: [], checkpoint }));
    expect(await ask(noteOf(entries, 3, testSigner(ledger.name)))).toEqual({ kind: "unsigned" });
    expect(await ask(noteOf(entries, 3, testSigner("prunella.test/nobody")))).toEqual({ kind: "unknown_origin" });
    expect(await ask(Buffer.from("no note"))).toEqual({ kind: "malformed" });
  });

  run("takes checkpoints with further lines, as other logs write them, and signs those too", async () => {
    await using house = await open();
    const text = Buffer.from(noteOf(entries, 3)).toString().split("\n\n")[0];
    const note = signNote(`${text}\nfurther line\n`, ledger);
    const answer = await house.make().add(formatWitnessRequest({ oldSize: 0, proof: [], checkpoint: note }));
    const lines = answer.kind === "cosigned" ? answer.lines : "";
    expect(cosignaturesOf(Buffer.concat([note, Buffer.from(lines)]), [known])[0]?.seconds).not.toBeNull();
  });
});
