import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import type { TileReader, TileWriter } from "@prunella/kernel";

/** The ledger's files in a folder: `checkpoint`, `vkey`, `tile/…`. */
export function openTileFolder(folder: string): TileReader & TileWriter {
  const folders = new Set<string>();
  return {
    async read(path) {
      try {
        return await readFile(join(folder, path));
      } catch (error) {
        if (
          error instanceof Error &&
          "code" in error &&
          (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EISDIR")
        )
          return null;
        throw error;
      }
    },
    async write(path, bytes) {
      const final = join(folder, path);
      // Whatever the umask: nobody else writes in there, or a link of theirs could stand where a draft goes.
      await mkdir(dirname(final), { recursive: true, mode: 0o755 });
      const draft = `${final}.tmp`;
      const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
      const file = await open(draft, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW, 0o644);
      try {
        await file.writeFile(bytes);
        await file.datasync();
      } finally {
        await file.close();
      }
      // Tiles first, checkpoint last also holds across a power cut: what it names is on disk before it is.
      if (path === "checkpoint") for (const touched of folders) await syncFolder(touched);
      if (path === "checkpoint") folders.clear();
      await rename(draft, final);
      folders.add(dirname(final));
    },
    async remove(path) {
      await rm(join(folder, path), { force: true });
    },
    async *list() {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) yield relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
      }
    },
  };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
