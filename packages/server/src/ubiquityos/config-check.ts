import type { Forge } from "@prunella/forge";
import {
  configPath,
  mistakesComment,
  readConfig,
  type ConfigMistake,
  type Delivery,
  type UbiquityManifest,
} from "@prunella/ubiquityos";
import { z } from "zod";

const Pushed = z.object({
  after: z.string().regex(/^[0-9a-f]{40,64}$/),
  commits: z
    .array(z.object({ added: z.array(z.string()).default([]), modified: z.array(z.string()).default([]) }))
    .default([]),
});

export interface CheckDeps {
  readonly forge: Pick<Forge, "file">;
  readonly environment: string;
  readonly pages: string;
  readonly manifest: (id: string, requestId: string) => Promise<UbiquityManifest | null>;
}

export interface Checked {
  readonly sha: string;
  /** Null: there is nothing wrong with it. */
  readonly text: string | null;
}

/** What a push says of the configuration, where it changed it; null where it did not. */
export async function checkPush(of: Delivery, deps: CheckDeps): Promise<Checked | null> {
  const path = configPath(deps.environment);
  const pushed = Pushed.safeParse(of.payload);
  if (of.event !== "push" || !pushed.success || of.owner === null || of.repo === null) return null;
  const { after: sha, commits } = pushed.data;
  if (!commits.some(({ added, modified }) => added.includes(path) || modified.includes(path))) return null;
  const file = { owner: of.owner, repo: of.repo.split("/")[1] ?? "", path };
  const asked = await deps.forge.file(file, path, sha, AbortSignal.timeout(READING_MS));
  if (!asked.ok || asked.value === null) return null;
  const mistakes = await mistakesOf(asked.value.text, of.id, deps);
  return {
    sha,
    text: mistakes.length === 0 ? null : mistakesComment({ ...file, host: deps.pages, commit: sha }, mistakes),
  };
}

const READING_MS = 30_000;

async function mistakesOf(text: string, requestId: string, deps: CheckDeps): Promise<readonly ConfigMistake[]> {
  const read = readConfig(text);
  if (!read.ok) return read.mistakes;
  const found = await Promise.all(
    [...read.config.plugins].map(async ([id, { settings }]): Promise<ConfigMistake[]> => {
      const at = (path: (string | number)[], message: string): ConfigMistake => ({
        ...read.document.at(path),
        path,
        message,
      });
      const manifest = await deps.manifest(id, requestId);
      if (manifest === null) return [at(["plugins", id], `${id} has no manifest that can be read.`)];
      return settingsMistakes(manifest.configuration, settings.with).map(({ path, message }) => {
        const whole = ["plugins", id, "with", ...path];
        return at(whole, `${whole.slice(2).join(".")}: ${message}`);
      });
    }),
  );
  return found.flat();
}

/** By the plugin's own schema; one that this reader does not understand judges nothing. */
function settingsMistakes(
  schema: Readonly<Record<string, unknown>>,
  value: unknown,
): { path: (string | number)[]; message: string }[] {
  if (Object.keys(schema).length === 0) return [];
  let judged;
  try {
    judged = z.fromJSONSchema(JSON.parse(JSON.stringify(schema))).safeParse(value);
  } catch {
    return [];
  }
  return judged.success
    ? []
    : judged.error.issues.map(({ path, message }) => ({
        path: path.map((part) => (typeof part === "symbol" ? String(part) : part)),
        message,
      }));
}
