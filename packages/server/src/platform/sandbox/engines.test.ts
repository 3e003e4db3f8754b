import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { needs } from "../../../../../test/needs.ts";
import { digestOf } from "./artifact.ts";
import { denoBinary } from "./binaries.ts";
import { probeBubblewrap } from "./bubblewrap.ts";
import { createEngine } from "./engines.ts";

let home = "";
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "prunella-engines-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const canRun =
  needs("deno", denoBinary() !== null) &&
  needs("bubblewrap", (await probeBubblewrap(AbortSignal.timeout(10_000))) === null);
const MB = 1_048_576;

/** Of private memory that the kernel lets the first program of an engine take, for this bundle. */
async function roomOf(name: "deno" | "deno+bwrap" | "node+bwrap", text: string): Promise<number> {
  const bundle = join(home, "bundle.mjs");
  writeFileSync(bundle, text);
  const limits = { memoryMb: 64, cpuSeconds: 10, wallMs: 20_000 };
  const process_ = await createEngine(name).launch(
    { bundle, digest: digestOf(Buffer.from(text)), limits, workDir: join(home, "work") },
    AbortSignal.timeout(20_000),
  );
  const most = (): number =>
    Number(/^Max data size +(\d+)/m.exec(readFileSync(`/proc/${process_.pid}/limits`, "latin1"))?.[1] ?? 0) / MB;
  // The limit is set by the first program, a moment after it was started.
  await expect.poll(most, { interval: 1 }).toBeGreaterThan(0);
  const found = most();
  await process_.kill();
  return found;
}

const TINY = "export default { commands: {} };";
const GREEDY = `globalThis.held = Array.from({ length: 40 }, () => new Uint8Array(${16 * MB}).fill(1)); ${TINY}`;

it.runIf(canRun && process.platform === "linux").each(["deno", "deno+bwrap", "node+bwrap"] as const)(
  "%s gives a plugin that is greedy when it is loaded no more than any other, though it is the first",
  async (name) => {
    const [tiny, greedy] = [await roomOf(name, TINY), await roomOf(name, GREEDY)];
    expect(tiny).toBeGreaterThan(64);
    // The two differ by what a runtime happens to reserve, and by none of the 640 MB that it took.
    expect(greedy - tiny).toBeLessThan(320);
  },
);
