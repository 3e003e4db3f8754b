import type { Kernel } from "@prunella/kernel";
import { LISTENABLE, UbiquityManifest } from "@prunella/ubiquityos";

/** A plugin of ours as this dialect sees it: it listens to what its own manifest says; null: there is none of that name. */
export async function manifestOfOurs(
  plugins: Pick<Kernel["plugins"], "find" | "manifest">,
  name: string,
): Promise<UbiquityManifest | null> {
  const row = await plugins.find(name).catch(() => null);
  const known = row === null ? null : await plugins.manifest(row.plugin_id, row.digest);
  if (known === null) return null;
  // What it hears of beside that is none of this dialect's events, and reaches it in its own way.
  const listeners = known.manifest.listens.map(({ event }) => event).filter((event) => LISTENABLE.has(event));
  return UbiquityManifest.parse({ name, "ubiquity:listeners": listeners });
}
