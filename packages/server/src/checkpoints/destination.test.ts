import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { createDelivery, type Destination, type Published } from "./destination.ts";
import { fileDestination } from "./file.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-checkpoints-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (size: number, signature = "AAAAAAAA"): Published => ({
  size,
  note: Buffer.from(`prunella.test/ledger\n${size}\nroot\n\n\u2014 prunella.test/ledger ${signature}\n`),
  line: `2026-11-21T08:00:0${size % 10}Z prunella.test/ledger ${size} root ${signature}`,
});
const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

function begin(send: Destination["send"]) {
  const clock = testClock();
  const warnings: string[] = [];
  const state: { published: Published | null } = { published: null };
  const delivery = createDelivery({
    destination: { name: "there", send },
    everyMs: 60_000,
    published: async () => state.published,
    clock,
    log: { info: (text) => void warnings.push(text), warn: (text) => void warnings.push(text) },
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  return { state, warnings, delivery, pass };
}

describe("a checkpoint on its way", () => {
  it("goes out soon after the first one stands, and again when the ledger has grown, not for a cosignature", async () => {
    const sent: number[] = [];
    const { state, pass, delivery } = begin(async ({ size }) => void sent.push(size));
    await pass(1_000);
    state.published = at(1);
    await pass(1_000);
    state.published = at(1, "BBBBBBBB");
    await pass(60_000);
    expect(sent).toEqual([1]);
    state.published = at(2);
    await pass(59_000);
    expect(sent).toEqual([1]);
    await pass(1_000);
    expect(sent).toEqual([1, 2]);
    await delivery.close();
  });

  it("is tried again, later each time, and said once", async () => {
    let tries = 0;
    const { state, pass, warnings, delivery } = begin(async () => {
      tries += 1;
      if (tries < 4) throw new Error("nobody is there");
    });
    state.published = at(1);
    await pass(1_000);
    for (const wait of [5_000, 10_000, 20_000]) await pass(wait);
    expect(tries).toBe(4);
    expect(warnings).toEqual([
      "a checkpoint did not arrive at there and will be sent again: nobody is there",
      "checkpoints arrive at there again",
    ]);
    await delivery.close();
    await pass(600_000);
    expect(tries).toBe(4);
  });

  it("is asked for at once when somebody wants to know", async () => {
    let tries = 0;
    const { state, delivery } = begin(async () => void (tries += 1));
    state.published = at(1);
    await delivery.now();
    await delivery.now();
    expect(tries).toBe(2);
    await delivery.close();
  });
});

describe("a file of checkpoints", () => {
  it("gets a line for each, once, also over a restart and after a line that was cut off", async () => {
    const path = join(folder, "kept.txt");
    await fileDestination(path).send(at(1), never);
    await fileDestination(path).send({ ...at(1), line: at(1).line.replace("08:00", "09:00") }, never);
    await fileDestination(path).send(at(2), never);
    writeFileSync(path, "2026-11-21T08:00:03Z prunella.te", { flag: "a" });
    await fileDestination(path).send(at(3), never);
    expect(readFileSync(path, "utf8").split("\n")).toEqual([
      at(1).line,
      at(2).line,
      "2026-11-21T08:00:03Z prunella.te",
      at(3).line,
      "",
    ]);
  });

  it("is not written through a link", async () => {
    const path = join(folder, "link.txt");
    symlinkSync(join(folder, "target.txt"), path);
    await expect(fileDestination(path).send(at(1), never)).rejects.toThrow("ELOOP");
  });
});
