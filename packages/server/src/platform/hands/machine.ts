import { constants, open, readFile as readAll } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import type { Readable } from "node:stream";
import type { ProbeHands } from "@prunella/contract";
import { processes } from "../processes.ts";
import { SpawnFailure, spawnProgram } from "../spawn.ts";
import { failed } from "./failure.ts";
import { BUSY, type PathLooks } from "./path-looks.ts";

/** A program that has ended may have left something that holds its output open; that is not waited for. */
const OUTPUT_MS = 200;

/**
 * Runs a program to its end, or ends it with all that it started when the check's time is over. `isAwaited`: answers
 * only when it is gone, which for one that waits for a disk may be never.
 */
export const spawnWith =
  (cwd: string, isAwaited = false): ProbeHands["spawn"] =>
  async ({ command, maxBytes }, signal) => {
    const startedAt = performance.now();
    try {
      const child = await spawnProgram({
        command,
        cwd,
        inherits: "listed",
        env: {},
        stdio: "pipe",
        sharesTerminal: false,
      });
      const stdout = gather(child.stdout, maxBytes);
      const stderr = gather(child.stderr, maxBytes);
      const { promise: aborted, resolve: abort } = Promise.withResolvers<null>();
      const onAbort = () => abort(null);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      const exit = await Promise.race([child.exit, aborted]);
      if (exit !== null)
        await Promise.race([
          Promise.all([stdout.ended, stderr.ended]),
          new Promise((resolve) => setTimeout(resolve, OUTPUT_MS).unref()),
        ]);
      signal.removeEventListener("abort", onAbort);
      // Whoever it left behind may hold the other ends for ever.
      stdout.leave();
      stderr.leave();
      if (exit === null) {
        child.kill("SIGKILL");
        if (isAwaited) await child.exit;
        return { ok: false, category: "timeout", detail: `${command[0] ?? ""} did not end in time.` };
      }
      const { code, signal: by } = exit;
      const tookMs = performance.now() - startedAt;
      return { ok: true, code, signal: by, stdout: stdout.text(), stderr: stderr.text(), tookMs };
    } catch (error) {
      if (error instanceof SpawnFailure) return { ok: false, category: error.reason, detail: error.message };
      return failed(command[0] ?? "The program", error);
    }
  };

/** The end of what a program says: what it said last tells most. */
function gather(stream: Readable | null, maxBytes: number) {
  let kept = Buffer.alloc(0);
  const ended =
    stream === null
      ? Promise.resolve()
      : new Promise<void>((resolve) => {
          stream.on("data", (chunk: Buffer) => {
            kept = Buffer.concat([kept, chunk]).subarray(-maxBytes);
          });
          stream.on("close", resolve);
          stream.on("error", () => resolve());
        });
  return { ended, text: () => kept.toString("utf8"), leave: () => void stream?.destroy() };
}

/** The beginning of a file. A pipe that nobody writes to has none, and is not waited for. */
export const createReadFile =
  (base: string, paths: PathLooks): ProbeHands["readFile"] =>
  async ({ path: written, maxBytes }, signal) => {
    const path = resolvePath(base, written);
    if (paths.isFull) return BUSY;
    return paths.look(path, signal, async (where) => {
      // So much came to hang while it waited for its turn.
      if (where === "elsewhere") return BUSY;
      try {
        await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
        const buffer = Buffer.alloc(maxBytes);
        const { bytesRead } = await file.read(buffer, 0, maxBytes, 0);
        return { ok: true, text: buffer.subarray(0, bytesRead).toString("utf8") };
      } catch (error) {
        return failed(path, error);
      }
    });
  };

/** A hundred probes of processes look at one list. */
const LIST_MS = 1_000;

/** Everything that runs here, listed anew at most once a second. */
export function createProcessList(now: () => number): ProbeHands["processes"] {
  let listed: { readonly at: number; readonly running: ReturnType<typeof list> } | null = null;
  return async () => {
    if (listed === null || Math.abs(now() - listed.at) > LIST_MS) listed = { at: now(), running: list() };
    return { ok: true, running: await listed.running };
  };
}

async function list() {
  const found = await processes();
  return Promise.all(found.map(async ({ pid, name }) => ({ pid, name, command: await commandOf(pid) })));
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await readAll(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ").trim();
  } catch {
    // It has ended, or there is no /proc here.
    return "";
  }
}
