import type { UbiquityosConfig } from "@prunella/contract";
import type { Github } from "@prunella/forge";
import type { Kernel } from "@prunella/kernel";
import { readIdentifier, readManifest, type LogTrails, type UbiquityManifest } from "@prunella/ubiquityos";
import type { Hands } from "./hands.ts";
import { isInward } from "./inward.ts";
import { manifestOfOurs } from "./manifest-of-ours.ts";

export interface ManifestsDeps {
  readonly kernel: Pick<Kernel, "plugins">;
  readonly forge: Pick<Github, "file">;
  readonly config: Pick<UbiquityosConfig, "aliases" | "allow_local_workers">;
  readonly hands: Pick<Hands, "read">;
  readonly trails: LogTrails;
  readonly now: () => number;
}

const KEPT_MS = 300_000;
const MOST = 1_000;
const ASKING_MS = 30_000;

interface Cached {
  readonly manifest: UbiquityManifest | null;
  readonly until: number;
}

/** What plugins say of themselves, where they are, kept for five minutes; null, and why stands in the trail. */
export function createManifests({ kernel, forge, config, hands, trails, now }: ManifestsDeps) {
  const known = new Map<string, Cached>();

  async function fetchText(id: string, requestId: string): Promise<string | null> {
    const read = readIdentifier(id);
    if (!read.ok) return null;
    const { plugin } = read;
    if (plugin.type === "http" && !config.allow_local_workers && isInward(plugin.url)) {
      trails.note(requestId, `${id}: a worker is at https:// and a name; allow_local_workers lets in others`);
      return null;
    }
    try {
      if (plugin.type === "http") return await hands.read(`${plugin.url.replace(/\/$/, "")}/manifest.json`);
      const asked = await forge.file(plugin, "manifest.json", plugin.ref, AbortSignal.timeout(ASKING_MS));
      if (asked.ok && asked.value !== null) return asked.value.text;
      trails.note(requestId, `${id}: ${asked.ok ? "it has no manifest.json" : asked.refusal.message}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      trails.note(requestId, `${id}: its manifest cannot be read: ${why}`);
    }
    return null;
  }

  return async function manifestOf(id: string, requestId: string): Promise<UbiquityManifest | null> {
    const cached = known.get(id);
    if (cached !== undefined && cached.until > now()) return cached.manifest;
    const alias = config.aliases[id];
    if (alias !== undefined) {
      const ours = await manifestOfOurs(kernel.plugins, alias);
      if (ours === null) trails.note(requestId, `${id}: there is no plugin ${alias} here`);
      return ours;
    }
    const text = await fetchText(id, requestId);
    const read = text === null ? null : readManifest(text);
    if (read !== null && !read.ok) {
      const [{ path, expected, nearest }] = read.problems;
      trails.note(
        requestId,
        `${id}: its manifest at ${path || "/"}: expected ${expected}${nearest === null ? "" : `, nearest is ${nearest}`}`,
      );
    }
    const manifest = read?.ok === true ? read.manifest : null;
    const [oldest] = known.keys();
    if (known.size >= MOST && oldest !== undefined) known.delete(oldest);
    known.set(id, { manifest, until: now() + KEPT_MS });
    return manifest;
  };
}
