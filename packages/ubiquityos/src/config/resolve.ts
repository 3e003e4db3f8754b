import type { ConfigMistake, ConfiguredPlugin, UbiquityConfig } from "./read.ts";
import { readConfig } from "./read.ts";

/** Where an organisation keeps what holds for all its repositories. */
export const ORGANISATION_REPO = ".ubiquity-os";

/** Imports of imports, and so on; the file that names the first ones is at depth 0. */
export const MOST_DEEP = 6;

const MOST_FILES = 200;

/** `production` reads the file without a name in it. */
export const configPath = (environment: string) =>
  environment === "production" || environment === "prod"
    ? ".github/.ubiquity-os.config.yml"
    : `.github/.ubiquity-os.config.${environment === "development" ? "dev" : environment}.yml`;

export interface ConfigFile {
  readonly owner: string;
  readonly repo: string;
  readonly path: string;
}

export interface LoadedFile {
  readonly text: string;
  /** The blob that was read, so that whoever gets an error can see which configuration it was. */
  readonly sha: string;
}

/** A file that a host has; null where it has none. */
export type LoadConfig = (file: ConfigFile) => Promise<LoadedFile | null>;

export interface ConfigSource extends ConfigFile {
  readonly sha: string;
}

export interface ResolvedConfig {
  readonly plugins: ReadonlyMap<string, ConfiguredPlugin>;
  /** Every file that was read, the one that decides last. */
  readonly sources: readonly ConfigSource[];
  /** What could not be read, and from which file. The rest holds all the same. */
  readonly mistakes: readonly (ConfigMistake & { readonly file: ConfigFile })[];
}

/**
 * The configuration that holds for a repository: its organisation's, then its own, whose word on a plugin replaces
 * the organisation's. Before each file come its imports, in their order; a file is read once, so a circle ends.
 */
export async function resolveConfig(
  at: { readonly owner: string; readonly repo: string; readonly environment: string },
  load: LoadConfig,
): Promise<ResolvedConfig> {
  const path = configPath(at.environment);
  const plugins = new Map<string, ConfiguredPlugin>();
  const sources: ConfigSource[] = [];
  const mistakes: (ConfigMistake & { file: ConfigFile })[] = [];

  async function take(file: ConfigFile, depth: number, above: ReadonlySet<string>): Promise<void> {
    const name = `${file.owner}/${file.repo}`.toLowerCase();
    if (above.has(name)) return;
    const found = await load(file);
    if (found === null) {
      if (depth > 0) mistakes.push({ ...NOWHERE, file, message: `${name} is imported and has no ${path}.` });
      return;
    }
    const read = readConfig(found.text);
    if (!read.ok) {
      mistakes.push(...read.mistakes.map((mistake) => ({ ...mistake, file })));
      return;
    }
    await takeImports(read.config, depth, new Set([...above, name]), file);
    sources.push({ ...file, sha: found.sha });
    for (const [id, plugin] of read.config.plugins) plugins.set(id, plugin);
  }

  async function takeImports(config: UbiquityConfig, depth: number, above: ReadonlySet<string>, from: ConfigFile) {
    for (const name of config.imports) {
      const [owner = "", repo = ""] = name.split("/");
      if (depth >= MOST_DEEP || sources.length >= MOST_FILES) {
        mistakes.push({
          ...NOWHERE,
          file: from,
          message: `${name} is imported too deep: ${MOST_DEEP} levels are read.`,
        });
      } else await take({ owner, repo, path }, depth + 1, above);
    }
  }

  await take({ owner: at.owner, repo: ORGANISATION_REPO, path }, 0, new Set());
  if (at.repo !== ORGANISATION_REPO) await take({ owner: at.owner, repo: at.repo, path }, 0, new Set());
  return { plugins, sources, mistakes };
}

const NOWHERE = { line: 1, column: 1, path: [] } as const;
