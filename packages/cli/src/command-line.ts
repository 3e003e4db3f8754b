import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_DATA, type ServerOptions } from "./address.ts";
import { environment } from "./environment.ts";

/**
 * A command of ours as it can be typed where this process was started, with the server that it spoke to:
 * `npx --no-install prunella --data ./b faults`. Every command that is printed is made here.
 */
export const commandLine = (options: ServerOptions, words: string): string =>
  `${startedAs()}${flagsOf(options)} ${words}`;

/** The same for texts that name commands as `prunella …` because they cannot know: hints, and what a server answers. */
export const asStarted = (options: ServerOptions, text: string): string =>
  text.replace(BARE, () => `${startedAs()}${flagsOf(options)}`);

/** Whether a line ends in a command that was made here. */
export const isCommandLine = (text: string): boolean => text.startsWith(`${startedAs()} `);

/** Not what stands in a path or was made here already. */
const BARE = /(?<![\w./'-]|--no-install )prunella(?= [a-z])/g;

/** Never a token: what is printed may be kept. */
function flagsOf({ data, url, tokenFile }: ServerOptions): string {
  const token = tokenFile === undefined ? "" : ` --token-file ${quoted(tokenFile)}`;
  if (url !== undefined) return ` --url ${quoted(url)}${token}`;
  return `${data === DEFAULT_DATA ? "" : ` --data ${quoted(data)}`}${token}`;
}

/** A path with spaces stays one word. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/**
 * `prunella` when that is what the shell finds, `npx --no-install prunella` in a folder that has it as a
 * package, else the file itself. Never a bare `npx`: outside of such a folder it would ask a registry, and
 * run whatever has that name there.
 */
function startedAs(): string {
  const given = environment.command();
  if (given !== null) return given;
  const own = realpath(ownFile());
  if (foundInPath() === own) return "prunella";
  return foundByNpx() === own ? "npx --no-install prunella" : ownCommand();
}

/** With this very Node: works from everywhere, and needs nothing to be found. */
export const ownCommand = (): string => `${quoted(process.execPath)} ${quoted(ownFile())}`;

/** The same place from the sources and from the bundle. */
const ownFile = (): string => fileURLToPath(new URL("../bin/prunella.js", import.meta.url));

function foundInPath(): string | null {
  for (const folder of environment.path().split(delimiter)) {
    // npm puts these there for what it starts; the person's own shell does not have them.
    if (folder === "" || folder.includes("node_modules")) continue;
    const found = join(folder, "prunella");
    if (existsSync(found)) return realpath(found);
  }
  return null;
}

function foundByNpx(): string | null {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules/.bin/prunella");
    if (existsSync(found)) return realpath(found);
    if (folder === dirname(folder)) return null;
  }
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
