import type { PluginManifest } from "@prunella/contract/plugins";
import { PrunellaError } from "@prunella/contract";
import { MANIFEST_FILE } from "@prunella/contract/plugins";
import { withTree } from "../../platform/plugins/store.ts";
import type { TreeFile } from "../../platform/plugins/tree.ts";
import { launchServer, type ServerRun } from "../../platform/sandbox/tool-server.ts";
import type { Sandbox } from "../../platform/sandbox/sandbox.ts";
import { howProcessEnded } from "../pool.ts";
import { whyNoServer } from "./run.ts";
import { openSession, type Era } from "./session.ts";
import { withTools } from "./tools.ts";

/** To say what it speaks and which tools it has, in one era. */
const LOOK_MS = 20_000;

/** A manifest with the commands that its server's tools make, and what the server speaks. */
export interface Looked {
  readonly manifest: PluginManifest;
  readonly protocol: string;
}

export interface LookDeps {
  readonly sandbox: Sandbox;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
  /** Of the host. */
  readonly signal: AbortSignal;
}

/**
 * Starts a server once in its sandbox, with nothing granted to it, and asks which tools it has. The newer era is tried
 * first; one that does not know it is started anew, because some end at the first word that they do not know.
 */
export const createLook =
  ({ sandbox, scrubText, signal }: LookDeps) =>
  async (manifest: PluginManifest, files: readonly TreeFile[]): Promise<Looked> => {
    const missing = whyNoServer(await sandbox.standing(signal));
    if (missing !== null)
      throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
        detail: `${manifest.name} cannot be installed here: ${missing.reason}.`,
        ...(missing.mend === null ? {} : { hint: missing.mend }),
      });
    return withTree(files, async (tree) => {
      const run = { tree, argv: manifest.command ?? [], roots: [], limits: { ...manifest.limits, wallMs: LOOK_MS } };
      const modern = await look(run, "modern", signal);
      const found = modern.kind === "tools" ? modern : await look(run, "legacy", signal);
      if (found.kind === "tools") return { manifest: withTools(manifest, found.tools), protocol: found.protocol };
      const said = scrubText(found.why).text.value.replaceAll(/\s+/g, " ").slice(0, 600);
      throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
        detail: `${MANIFEST_FILE}: command: expected a server of the Model Context Protocol: ${said}.`,
        hint: "In the sandbox it has its folder, node and the system's programs, and no network: try it with an empty environment.",
      });
    });
  };

type Seen =
  | { readonly kind: "tools"; readonly protocol: string; readonly tools: Parameters<typeof withTools>[1] }
  | { readonly kind: "none"; readonly why: string };

async function look(run: ServerRun, era: Era, outer: AbortSignal): Promise<Seen> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(LOOK_MS)]);
  const process = await launchServer(run, signal);
  try {
    const session = await openSession(process, era, { signal, onLog: () => undefined });
    return { kind: "tools", protocol: session.protocol, tools: await session.tools(signal) };
  } catch (error) {
    outer.throwIfAborted();
    const what = signal.aborted ? "it did not answer in time" : error instanceof Error ? error.message : "it broke";
    await process.kill();
    const ended = await howProcessEnded(process);
    const tail = process.stderr().trim().split("\n").slice(-3).join(" ");
    return { kind: "none", why: [what, /code \d/.test(ended) ? ended : "", tail].filter(Boolean).join("; ") };
  } finally {
    await process.kill();
  }
}
