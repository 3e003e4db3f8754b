import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { needs } from "../../../../../test/needs.ts";
import { denoBinary, nodeBinary } from "./binaries.ts";
import { probeBubblewrap } from "./bubblewrap.ts";
import type { EngineName } from "./engine.ts";
import { createEngine, denoRuntime, engineOf, nodeRuntime, type Runtime } from "./engines.ts";
import { unenforcedOf } from "./sandbox.ts";
import { selfTest } from "./self-test.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-self-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const time = (): AbortSignal => AbortSignal.timeout(120_000);

const hasDeno = needs("deno", denoBinary() !== null);
const hasLayer = needs("bubblewrap", (await probeBubblewrap(time())) === null);
const can = (name: EngineName): boolean => (hasDeno || name.startsWith("node")) && (hasLayer || name === "deno");

describe("the hostile plugin", { timeout: 120_000 }, () => {
  it.runIf(can("deno")).each(["deno", "deno+bwrap", "node+bwrap"] as const)("gets nothing in %s", async (name) => {
    const { report, leaks, attempts } = await selfTest(createEngine(name), folder, time());
    expect(leaks).toEqual([]);
    expect(report).toMatchObject({ engine: name, isAvailable: true, reason: null });
    expect(unenforcedOf(report)).toEqual([]);
    expect(attempts).toBeGreaterThan(90);
    // Nor does it leave anything.
    expect(readdirSync(folder)).toEqual([]);
  });

  /** The runtime's own rules are off: what is left is the root, the namespaces and the filter around it. */
  const bare = (runtime: Runtime, ...allowed: readonly string[]): Runtime => ({
    ...runtime,
    command: (at, memoryMb) =>
      runtime
        .command(at, memoryMb)
        .filter((part) => !/^--(?:deny-|allow-|ignore-|permission)/.test(part))
        .flatMap((part) => (part === at.runner ? [...allowed, part] : [part])),
  });

  it.runIf(can("deno+bwrap"))("gets nothing through the second layer alone", async () => {
    for (const [name, runtime] of [
      ["node+bwrap", bare(nodeRuntime(nodeBinary()))],
      ["deno+bwrap", bare(denoRuntime(denoBinary() ?? ""), "--allow-all")],
    ] as const) {
      const { leaks } = await selfTest(
        engineOf(name, () => runtime),
        folder,
        time(),
        "steal",
      );
      expect(leaks.filter(({ what }) => !INSIDE_THE_LAYER.test(what))).toEqual([]);
    }
  });

  it.runIf(can("deno"))("is seen to get what an engine lets through", async () => {
    const open = bare(
      denoRuntime(denoBinary() ?? ""),
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-sys",
      "--allow-net=127.0.0.1",
    );
    const { report, leaks } = await selfTest(
      engineOf("deno", () => open),
      folder,
      time(),
      "steal",
    );
    // No variable is among it: what is not handed over cannot be let through.
    expect([...new Set(leaks.map(({ rule }) => rule))].toSorted()).toEqual(["files", "imports", "machine", "network"]);
    expect(report.reason).toContain("network");
    expect(report.mend).toContain("refused");
  });
});

/** What a runtime may do with its own things when nothing but the layer holds it: none of it is the host's. */
const INSIDE_THE_LAYER = /^(?:library got loaded|permission got granted)/;
