import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseJson } from "@prunella/contract/json";
import { Digest } from "@prunella/contract/plugins";
import { z } from "zod";
import { LaunchError } from "../sandbox/engine.ts";
import { readTree, sha256, treeDigest, type TreeFile } from "./tree.ts";

/** Where a program's own files lie in its folder of the store, and what says which they are. */
export const TREE = "tree";
export const PIN_FILE = "program.json";

/** What the digest of a program stands for: its files, its manifest, and what was found out when it was installed. */
export const Pin = z.strictObject({
  plugin: z.string(),
  version: z.string(),
  manifest: Digest,
  tree: Digest,
  /** Of what it speaks, the version that it was installed with. */
  protocol: z.string(),
  commands: Digest,
});
export type Pin = z.infer<typeof Pin>;

/** Keys in this order: equal programs have equal bytes. */
export const pinBytes = (pin: Pin): Buffer => Buffer.from(`${JSON.stringify(Pin.parse(pin))}\n`);

/**
 * What a folder of the store holds, every byte of it looked at.
 * @throws LaunchError when that is another thing than was trusted
 */
export function readProgram(folder: string, digest: string): { readonly pin: Pin; readonly tree: string } {
  const file = join(folder, PIN_FILE);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new LaunchError("artifact_missing", `there is no ${file}`);
  if (!stat.isFile() || stat.nlink > 1)
    throw new LaunchError("artifact_changed", `${file} is no plain file of its own`);
  const bytes = readFileSync(file);
  const pin = sha256(bytes) === digest ? Pin.safeParse(parseJson(bytes.toString("utf8"))) : null;
  if (pin?.success !== true) throw new LaunchError("artifact_changed", `${file} is not what was trusted`);
  const tree = join(folder, TREE);
  const found = treeOf(tree);
  if (found !== pin.data.tree)
    throw new LaunchError(
      "artifact_changed",
      `${tree} is ${found ?? "no folder of files"}, and ${pin.data.tree} was trusted`,
    );
  return { pin: pin.data, tree };
}

/** null: there is something in it that no program may have. */
function treeOf(folder: string): string | null {
  try {
    return treeDigest(readTree(folder));
  } catch {
    return null;
  }
}

export function writeWhole(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, "wx", 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The files of a program where nothing of them is yet, for nobody to change. */
export function writeTree(below: string, files: readonly TreeFile[]): void {
  mkdirSync(below, { recursive: true, mode: 0o700 });
  for (const { path, mode, bytes } of files) {
    const whole = join(below, path);
    mkdirSync(dirname(whole), { recursive: true, mode: 0o700 });
    writeWhole(whole, bytes);
    chmodSync(whole, mode === "0755" ? 0o555 : 0o444);
  }
}

/** While they are looked at, before anybody knows whether they will be kept. */
export async function withFiles<Result>(
  files: readonly TreeFile[],
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-look-"));
  try {
    writeTree(join(folder, TREE), files);
    return await use(join(folder, TREE));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
