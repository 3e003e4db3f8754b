import { createHash } from "node:crypto";
import { lstatSync, readFileSync } from "node:fs";
import { LaunchError } from "./engine.ts";

/** Refuses a bundle that is not the one that was trusted, byte for byte, and anything that is no plain file. */
export function assertArtifact(bundle: string, digest: string): void {
  const stat = lstatSync(bundle, { throwIfNoEntry: false });
  if (stat === undefined) throw new LaunchError("artifact_missing", `there is no ${bundle}`);
  if (!stat.isFile() || stat.nlink > 1)
    throw new LaunchError("artifact_changed", `${bundle} is no plain file of its own`);
  const found = digestOf(readFileSync(bundle));
  if (found !== digest) throw new LaunchError("artifact_changed", `${bundle} is ${found}, and ${digest} was trusted`);
}

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
