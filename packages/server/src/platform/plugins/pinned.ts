import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@prunella/contract/json";
import { Digest } from "@prunella/contract/plugins";
import { z } from "zod";
import { LaunchError } from "../sandbox/engine.ts";
import { filesOf, readTree, sha256, treeDigest } from "./tree.ts";

/** Where the files of a server of tools lie in its folder of the store, and what says which they are. */
export const TREE = "tree";
export const PIN_FILE = "program.json";

/** What the digest of a server stands for: its files, its manifest, and what was found out when it was installed. */
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

/** Keys in this order: equal servers have equal bytes. */
export const pinBytes = (pin: Pin): Buffer => Buffer.from(`${JSON.stringify(Pin.parse(pin))}\n`);

/**
 * What a folder of the store holds, every byte of it looked at.
 * @throws LaunchError when that is another thing than was trusted
 */
export function readPinned(folder: string, digest: string): { readonly pin: Pin; readonly tree: string } {
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

/** null: there is something in it that no server may have. */
function treeOf(folder: string): string | null {
  try {
    return treeDigest(filesOf(readTree(folder, true)));
  } catch {
    return null;
  }
}
