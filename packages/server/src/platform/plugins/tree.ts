import { createHash } from "node:crypto";
import {
  constants,
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { join } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { artifactDigest } from "@prunella/ouroboros";

/** One file of a plugin, read once: what is digested is what is bundled. */
export interface TreeFile {
  readonly kind: "file";
  /** Below the plugin's folder, with `/`. */
  readonly path: string;
  readonly mode: "0644" | "0755";
  readonly bytes: Buffer;
}

/** A link of a tree that is kept as it lies; where it leads is looked at by whoever digests it. */
export interface TreeLink {
  readonly kind: "link";
  readonly path: string;
  readonly target: string;
}
export type TreeEntry = TreeFile | TreeLink;

/** No plugin is larger; one that is was not meant to be one. */
const MOST_BYTES = 32 * 1_048_576;
const MOST_FILES = 5_000;
const MOST_DEPTH = 40;
/** What tools of the author leave there, and nothing of the plugin. */
const LEFT_OUT: ReadonlySet<string> = new Set([".git", ".bin", ".DS_Store", ".package-lock.json"]);

/**
 * Reads all that lies in a folder, following nothing. Refuses what would let a plugin hold something that is not its
 * own, or that is another thing by the time it is used: hard links, devices, sockets, what grows beyond the bounds.
 * `isWhole`: also what tools of the author left there.
 */
export function readTree(folder: string, isWhole = false): TreeEntry[] {
  let root: string;
  try {
    root = realpathSync(folder);
    if (!lstatSync(root).isDirectory()) throw new Error("no folder");
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
      detail: `${folder} is no folder that this server can read.`,
      hint: "Give the path of the folder that holds the plugin's manifest, as the server's machine sees it.",
      cause,
    });
  }
  const found: TreeEntry[] = [];
  let total = 0;
  const walk = (below: string, depth: number): void => {
    if (depth > MOST_DEPTH) throw refuse(below, `folders at most ${MOST_DEPTH} deep`);
    const entries = readdirSync(join(root, below), { withFileTypes: true });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!isWhole && LEFT_OUT.has(entry.name)) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        walk(path, depth + 1);
        continue;
      }
      if (path.includes("\uFFFD")) throw refuse(path, "a name in UTF-8");
      if (found.length >= MOST_FILES) throw refuse(path, `at most ${MOST_FILES} files`);
      if (entry.isSymbolicLink()) {
        found.push({ kind: "link", path, target: readlinkSync(join(root, path)) });
        continue;
      }
      if (!entry.isFile()) throw refuse(path, "a file, and no device, socket or pipe");
      const file = readOwn(join(root, path), path, MOST_BYTES - total);
      total += file.bytes.length;
      found.push(file);
    }
  };
  walk("", 0);
  return found;
}

/** What is bundled: a link would let it hold something that is not its own. */
export const filesOf = (entries: readonly TreeEntry[]): TreeFile[] =>
  entries.map((entry) => {
    if (entry.kind === "link") throw refuse(entry.path, "a file and not a symbolic link");
    return entry;
  });

/** Opened without following anything, then asked what it is: nothing can be put in its place in between. */
function readOwn(absolute: string, path: string, room: number): TreeFile {
  let handle: number;
  try {
    handle = openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw refuse(path, "a file that can be read", cause);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw refuse(path, "a file, and no device, socket or pipe");
    if (stat.nlink > 1) throw refuse(path, "a file of its own and not a hard link");
    if (stat.size > room) throw refuse(path, `at most ${MOST_BYTES / 1_048_576} MiB in all`);
    const bytes = readFileSync(handle);
    if (bytes.length > room) throw refuse(path, `at most ${MOST_BYTES / 1_048_576} MiB in all`);
    return { kind: "file", path, mode: (stat.mode & 0o100) === 0 ? "0644" : "0755", bytes };
  } finally {
    closeSync(handle);
  }
}

/** Names are an outsider's: enough of one to find it, on one line. */
function refuse(path: string, expected: string, cause?: unknown): PrunellaError {
  return new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
    detail: `${path.replaceAll(/[^ -~]/g, "?").slice(0, 200) || "."}: expected ${expected}.`,
    cause,
  });
}

export const sha256 = (bytes: Uint8Array | string): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Of all that a program can run, links with it: none of them leads out. */
export function programDigest(entries: readonly TreeEntry[]): string {
  const read = artifactDigest(
    entries.map((entry) =>
      entry.kind === "link"
        ? entry
        : { kind: "file", path: entry.path, isExecutable: entry.mode === "0755", content: entry.bytes },
    ),
  );
  if (!read.ok) throw refuse(read.path, `nothing that leads out of the plugin's folder. ${read.why}`);
  return read.digest;
}

/** Over the sorted records `mode NUL path NUL sha256 of content NUL`. */
export function treeDigest(files: readonly TreeFile[]): string {
  const hash = createHash("sha256");
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  for (const { mode, path, bytes } of sorted)
    hash.update(`${mode}\0${path}\0${createHash("sha256").update(bytes).digest("hex")}\0`);
  return `sha256:${hash.digest("hex")}`;
}
