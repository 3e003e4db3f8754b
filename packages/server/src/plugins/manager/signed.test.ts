import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { Actor } from "@prunella/contract";
import { SIGNATURE_FILE } from "@prunella/contract/plugins";
import type { Kernel } from "@prunella/kernel";
import { ENGINES } from "../../../../../test/engines.ts";
import { openKernel } from "../../../../../test/kernel-fixture.ts";
import { openSigstore, SIGNER } from "../../platform/plugins/sigstore-fixture.ts";
import { clearFolders, fresh, plugin, repository, write } from "./manager-fixture.ts";
import { createPluginManager } from "./manager.ts";

const BY: Actor = { kind: "person", id: "operator" };

let sigstore: Awaited<ReturnType<typeof openSigstore>>;
beforeAll(async () => void (sigstore = await openSigstore()));
afterAll(() => sigstore.close());

for (const { name, open } of ENGINES) {
  let store: Awaited<ReturnType<typeof open>>;
  let kernel: Kernel;
  let manager: ReturnType<typeof createPluginManager>;
  beforeEach(async () => {
    store = await open();
    kernel = await openKernel(store.engine);
    manager = createPluginManager({ kernel, dataFolder: fresh(), ours: null, root: sigstore.root });
  });
  afterEach(async () => {
    await kernel.close();
    await store[Symbol.asyncDispose]();
    clearFolders();
  });
  const add = (path: string) => manager.add({ kind: "path", path }, undefined, "default", BY);
  /** With a signature over the digest that an inspection names. */
  async function sign(path: string): Promise<void> {
    const [found] = await manager.inspect({ kind: "path", path });
    write(path, { [SIGNATURE_FILE]: await sigstore.signText(`${found?.treeDigest}\n`) });
  }

  it(`says who signed exactly these files, grants nothing for it, and is the same plugin without (${name})`, async () => {
    const path = plugin();
    const before = await add(path);
    expect(before.detail.plugin.signature).toEqual({
      state: "unsigned",
      by: null,
      issuer: null,
      root: null,
      problem: null,
    });
    await sign(path);
    const signed = { state: "signed", by: SIGNER, issuer: "https://token.example.org", root: "2026-01-01" };
    expect((await manager.inspect({ kind: "path", path }))[0]?.signature).toMatchObject(signed);
    const { change, detail } = await add(path);
    expect([change, detail.plugin.digest]).toEqual(["unchanged", before.detail.plugin.digest]);
    expect(detail.plugin.signature).toMatchObject(signed);
    expect(detail.asked.every(({ granted }) => granted === null)).toBe(true);
    expect(await manager.verify()).toMatchObject([{ state: "whole", signature: signed }]);
    rmSync(join(path, SIGNATURE_FILE));
    expect((await add(path)).detail.plugin.signature.state).toBe("unsigned");
  });

  it(`installs what its signature does not fit, and says that it does not count (${name})`, async () => {
    const path = plugin();
    await sign(path);
    write(path, { "src/word.ts": 'export const word: string = "ho";' });
    expect((await add(path)).detail.plugin.signature).toMatchObject({
      state: "unsigned",
      by: null,
      problem: "it is a signature of something else",
    });
    write(path, { [SIGNATURE_FILE]: "{}" });
    expect((await add(path)).detail.plugin.signature).toMatchObject({ problem: "it is no Sigstore bundle" });
  });

  it(`is pinned where it comes from a commit (${name})`, async () => {
    const { url, commit } = repository();
    const { detail } = await manager.add({ kind: "git", url, commit, folder: "" }, undefined, "default", BY);
    expect(detail.plugin.signature).toMatchObject({ state: "pinned", by: null, problem: null });
  });

  it(`keeps of whose it is what the scrubber leaves (${name})`, async () => {
    const token = ["gh", "p_"].join("") + "0123456789abcdefghijABCDEFGHIJ012345";
    const path = plugin();
    const other = await openSigstore(`https://example.org/${token}`);
    const second = createPluginManager({ kernel, dataFolder: fresh(), ours: null, root: other.root });
    const [found] = await second.inspect({ kind: "path", path });
    write(path, { [SIGNATURE_FILE]: await other.signText(`${found?.treeDigest}\n`) });
    const { detail } = await second.add({ kind: "path", path }, undefined, "default", BY);
    expect(detail.plugin.signature.state).toBe("signed");
    expect(detail.plugin.signature.by).not.toContain(token);
    await other.close();
  });
}
