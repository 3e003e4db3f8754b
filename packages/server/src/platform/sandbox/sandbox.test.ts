import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf } from "./artifact.ts";
import { denoBinary } from "./binaries.ts";
import { allRules, type EngineName, type EngineReport, type SandboxEngine } from "./engine.ts";
import { createEngine } from "./engines.ts";
import { createSandbox, whyRefused } from "./sandbox.ts";
import { seccompFilter } from "./seccomp.ts";
import { needs } from "../../../../../test/needs.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "prunella-sandbox-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const time = (): AbortSignal => AbortSignal.timeout(20_000);

const absent = (name: EngineName): SandboxEngine => ({
  name,
  probe: () => Promise.resolve({ ok: false, reason: `${name} is not here`, mend: `Install ${name}.` }),
  launch: () => Promise.reject(new Error("nobody may ask")),
});

describe("the choice of an engine", () => {
  it("is none, with reason and mend, where the second layer is required and is not there", async () => {
    const sandbox = createSandbox({ folder, setting: { engine: "deno", os_layer: "required" }, engineOf: absent });
    expect(await sandbox.standing(time())).toEqual({
      kind: "none",
      reason: "deno+bwrap is not here",
      mend: "Install deno+bwrap.",
    });
  });

  it("is none for node without the layer around it", async () => {
    const sandbox = createSandbox({ folder, setting: { engine: "node", os_layer: "off" }, engineOf: absent });
    expect(await sandbox.standing(time())).toMatchObject({
      kind: "none",
      reason: expect.stringContaining("no boundary"),
    });
  });

  it("tries an engine anew while there is none, and falls to deno alone never in silence", async () => {
    const asked: EngineName[] = [];
    const engineOf = (name: EngineName): SandboxEngine => (asked.push(name), absent(name));
    const sandbox = createSandbox({ folder, setting: { engine: "deno", os_layer: "preferred" }, engineOf });
    for (const _round of [1, 2])
      expect(await sandbox.standing(time())).toMatchObject({ kind: "none", reason: "deno+bwrap is not here" });
    expect(asked).toEqual(["deno+bwrap", "deno", "deno+bwrap", "deno"]);
  });

  it("is none where a trial breaks off, and says so", async () => {
    const engineOf = (name: EngineName): SandboxEngine => ({
      name,
      probe: () => Promise.resolve({ ok: true }),
      launch: () => Promise.reject(new Error("it fell over")),
    });
    const sandbox = createSandbox({ folder, setting: { engine: "deno", os_layer: "off" }, engineOf });
    expect(await sandbox.standing(time())).toMatchObject({
      kind: "none",
      reason: "its trial broke off: it fell over",
      mend: expect.stringContaining("prunella doctor --sandbox"),
    });
  });

  it("refuses an engine that leaks, and names what another does not keep", () => {
    const report = (rule: keyof EngineReport["enforced"]): EngineReport => ({
      engine: "deno",
      isAvailable: true,
      enforced: {
        ...allRules("enforced"),
        [rule]: "unenforced",
      },
      reason: "it got it",
      mend: null,
    });
    expect(whyRefused(report("network"))?.reason).toMatch(/deno is refused: .*opens no connection/);
    expect(whyRefused(report("memory"))).toBeNull();
  });
});

describe("an artifact", () => {
  const launch = (bundle: string, digest: string) =>
    createEngine("deno").launch(
      { bundle, digest, limits: { memoryMb: 64, cpuSeconds: 5, wallMs: 5_000 }, workDir: join(folder, "work") },
      time(),
    );

  it.runIf(needs("deno", denoBinary() !== null))(
    "with one other byte does not start, and neither does a link to the right one",
    async () => {
      const { linkSync, symlinkSync } = await import("node:fs");
      const bundle = join(folder, "bundle.js");
      writeFileSync(bundle, "export default {}");
      const digest = digestOf(Buffer.from("export default {}"));
      writeFileSync(bundle, "export default []");
      await expect(launch(bundle, digest)).rejects.toMatchObject({ reason: "artifact_changed" });
      writeFileSync(bundle, "export default {}");
      symlinkSync(bundle, join(folder, "link.js"));
      await expect(launch(join(folder, "link.js"), digest)).rejects.toMatchObject({ reason: "artifact_changed" });
      linkSync(bundle, join(folder, "twin.js"));
      await expect(launch(bundle, digest)).rejects.toMatchObject({ reason: "artifact_changed" });
      await expect(launch(join(folder, "none.js"), digest)).rejects.toMatchObject({ reason: "artifact_missing" });
    },
  );
});

describe("the filter of system calls", () => {
  it("is whole instructions that jump nowhere outside, and ends by letting the rest through", () => {
    for (const architecture of ["x64", "arm64"]) {
      const bytes = seccompFilter(architecture) ?? Buffer.alloc(0);
      const count = bytes.length / 8;
      expect(count).toBeGreaterThan(60);
      for (let at = 0; at < count; at += 1) {
        expect(at + 1 + Math.max(bytes.readUInt8(at * 8 + 2), bytes.readUInt8(at * 8 + 3))).toBeLessThan(count + 1);
        if (bytes.readUInt16LE(at * 8) === 0x15) expect(at + 1).toBeLessThan(count);
      }
      expect(bytes.readUInt32LE((count - 1) * 8 + 4)).toBe(0x7fff_0000);
    }
    expect(seccompFilter("mips")).toBeNull();
  });
});
