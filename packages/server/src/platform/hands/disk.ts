import { statfs } from "node:fs/promises";
import { resolve } from "node:path";
import type { ProbeHands } from "@prunella/contract";
import { z } from "zod";
import { failed } from "./failure.ts";
import type { PathLooks } from "./path-looks.ts";

const Counted = z.object({
  bsize: z.number(),
  blocks: z.number(),
  bavail: z.number(),
  files: z.number(),
  ffree: z.number(),
});

/** The same question in a process of its own, which hangs alone. */
const ELSEWHERE = `require("node:fs").statfs(process.argv[1], (error, found) => {
  process.stdout.write(JSON.stringify(error ? { code: error.code } : found));
});`;

/** What is free on the disk of a path. Where several disks hang, the others are looked at in processes of their own. */
export function createDisk(
  base: string,
  paths: PathLooks,
  /** Answers when nothing of the process is left, however long that takes. */
  spawn: ProbeHands["spawn"],
  count: (path: string) => Promise<z.infer<typeof Counted>> = statfs,
): ProbeHands["disk"] {
  async function elsewhere(path: string, signal: AbortSignal): ReturnType<ProbeHands["disk"]> {
    const done = await spawn({ command: [process.execPath, "-e", ELSEWHERE, path], maxBytes: 4_096 }, signal);
    if (!done.ok) return done;
    const said = z.union([Counted, z.object({ code: z.string() })]).safeParse(parse(done.stdout));
    if (!said.success) return failed(path, null);
    return "code" in said.data ? failed(path, Object.assign(new Error("statfs"), said.data)) : spaceOf(said.data);
  }

  async function here(path: string): ReturnType<ProbeHands["disk"]> {
    try {
      return spaceOf(await count(path));
    } catch (error) {
      return failed(path, error);
    }
  }

  return ({ path: written }, signal) => {
    const path = resolve(base, written);
    return paths.look(path, signal, (where) => (where === "here" ? here(path) : elsewhere(path, signal)));
  };
}

const spaceOf = ({ bsize, blocks, bavail, files, ffree }: z.infer<typeof Counted>) => ({
  ok: true as const,
  totalBytes: blocks * bsize,
  freeBytes: bavail * bsize,
  totalFiles: files,
  freeFiles: ffree,
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
