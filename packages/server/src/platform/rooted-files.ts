import { randomBytes } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, open, readdir, readlink, realpath, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";

/** Of one file, either way. */
export const MAX_FILE_BYTES = 2_097_152;
const MAX_ENTRIES = 1_000;

/** What somebody else asked for below a root is not to be had. Said without naming what lies outside. */
export class RootedFileError extends Error {
  override readonly name = "RootedFileError";
}

const no = (message: string): RootedFileError => new RootedFileError(message);

/**
 * Files below one folder, for whoever may name a path in it and nothing else. What was opened is looked at again by
 * its descriptor: a folder may become a link between two looks. Links of any kind and special files are none.
 */
export async function readBelow(root: string, path: string): Promise<Buffer> {
  const base = await realpath(root);
  const handle = await openBelow(base, path, constants.O_RDONLY);
  try {
    const stat = await handle.stat();
    assertPlain(stat, path);
    if (stat.size > MAX_FILE_BYTES) throw no(`${shown(path)} has more than ${MAX_FILE_BYTES} bytes`);
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await handle.read(bytes, 0, stat.size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export async function listBelow(
  root: string,
  path: string,
): Promise<{ name: string; type: "file" | "folder" | "other" }[]> {
  const base = await realpath(root);
  const found = await within(base, path);
  const entries = await readdir(found, { withFileTypes: true }).catch(() => {
    throw no(`there is no folder ${shown(path)}`);
  });
  if ((await realpath(found)) !== found) throw outside(path);
  return entries
    .slice(0, MAX_ENTRIES)
    .map((entry) => ({
      name: entry.name,
      type: entry.isFile() ? ("file" as const) : entry.isDirectory() ? ("folder" as const) : ("other" as const),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Beside it first, then in its place: what was there stays until what comes is whole. */
export async function writeBelow(root: string, path: string, bytes: Uint8Array): Promise<void> {
  if (bytes.byteLength > MAX_FILE_BYTES) throw no(`more than ${MAX_FILE_BYTES} bytes are not written at once`);
  const base = await realpath(root);
  const target = join(base, relative(path));
  const folder = await within(base, dirname(relative(path)));
  const before = await lstat(target).catch(() => null);
  if (before !== null) assertPlain(before, path);
  const fresh = join(folder, `.${randomBytes(8).toString("hex")}.part`);
  const handle = await open(
    fresh,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o644,
  );
  try {
    await assertInside(base, handle, fresh, path);
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    await rename(fresh, target);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(fresh, { force: true });
    throw error;
  }
}

async function openBelow(base: string, path: string, flags: number): Promise<FileHandle> {
  const full = join(base, relative(path));
  // Not blocking: a pipe would hold the thread up until somebody writes.
  const handle = await open(full, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => {
    throw no(`there is no file ${shown(path)}`);
  });
  try {
    await assertInside(base, handle, full, path);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Where the descriptor really is; where the system does not say, whether its path still leads to it. */
async function assertInside(base: string, handle: FileHandle, full: string, path: string): Promise<void> {
  const found = process.platform === "linux" ? await readlink(`/proc/self/fd/${handle.fd}`).catch(() => null) : null;
  const real = found ?? (await realpath(full).catch(() => ""));
  if (real !== full || !isBelow(base, real)) throw outside(path);
  if (found !== null) return;
  const [own, now] = [await handle.stat(), await lstat(full)];
  if (own.dev !== now.dev || own.ino !== now.ino) throw outside(path);
}

async function within(base: string, path: string): Promise<string> {
  const full = join(base, relative(path));
  const real = await realpath(full).catch(() => {
    throw no(`there is no folder ${shown(path)}`);
  });
  if (real !== full.replace(/\/+$/, "") || !(real === base || isBelow(base, real))) throw outside(path);
  return real;
}

const isBelow = (base: string, path: string): boolean => path.startsWith(base.endsWith(sep) ? base : base + sep);

function relative(path: string): string {
  const plain = normalize(path);
  if (path.includes("\0") || path.startsWith("/") || plain === ".." || plain.startsWith(`..${sep}`))
    throw outside(path);
  return plain;
}

/** A second name of a file may be one outside. */
function assertPlain(stat: Stats, path: string): void {
  if (!stat.isFile() || stat.nlink > 1) throw no(`${shown(path)} is no plain file of its own`);
}

const outside = (path: string): RootedFileError => no(`${shown(path)} does not lie below the root`);
const shown = (path: string): string => path.replaceAll(/[^ -~]/g, "?").slice(0, 200);
