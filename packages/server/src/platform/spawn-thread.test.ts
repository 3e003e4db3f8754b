import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { isRunning, processOf } from "./processes.ts";
import type { SpawnRequest } from "./spawn.ts";
import { createSpawnThread, type SpawnThread } from "./spawn-thread.ts";

let thread: SpawnThread = createSpawnThread();
afterEach(async () => {
  await thread.close();
  thread = createSpawnThread();
});

const node = (script: string): SpawnRequest => ({
  command: [process.execPath, "-e", script],
  cwd: ".",
  inherits: "listed",
  env: { WORD: "said" },
  stdio: "pipe",
  sharesTerminal: false,
});

async function textOf(output: Readable | null): Promise<string> {
  let text = "";
  for await (const chunk of output ?? []) text += String(chunk);
  return text;
}

it("hands on what a program writes and how it ends, with the environment that was asked for and no more", async () => {
  const { stdout, stderr, exit } = await thread.spawn(
    node(`console.error(process.env.WORD); console.log(Object.keys(process.env).sort().join()); process.exitCode = 3`),
  );
  const [out, err] = await Promise.all([textOf(stdout), textOf(stderr)]);
  expect(err).toBe("said\n");
  expect(out.split(",")).not.toContain("NODE_COMPILE_CACHE");
  expect(out).toContain("WORD");
  expect(await exit).toEqual({ code: 3, signal: null });
});

it("starts several at once, each the leader of a session, and ends one by its signal", async () => {
  const all = await Promise.all([1, 2, 3].map(() => thread.spawn(node("setInterval(() => {}, 1000)"))));
  for (const { pid } of all) expect(processOf(pid)).toMatchObject({ session: pid, parent: process.pid });
  for (const each of all) each.kill("SIGKILL");
  for (const each of all) expect(await each.exit).toEqual({ code: null, signal: "SIGKILL" });
});

it("says why a program cannot be started", async () => {
  const request = node("");
  await expect(thread.spawn({ ...request, command: ["no-such-program-here"] })).rejects.toMatchObject({
    name: "SpawnFailure",
    reason: "not_found",
  });
  await expect(thread.spawn({ ...request, cwd: "/no/such/folder" })).rejects.toMatchObject({
    reason: "no_such_folder",
  });
});

it("lets a program wait that writes more than anybody reads, and loses nothing of it", async () => {
  const MB = 1_048_576;
  const { stdout, stderr, exit } = await thread.spawn(
    node(`let n = 0; const more = () => n++ < 16
      ? process.stdout.write(Buffer.alloc(${MB}, 97), more) : process.stderr.write("all");
      more();`),
  );
  stderr.once("data", () => (hasWritten = true));
  let hasWritten = false;
  await wait(1_000);
  expect(hasWritten).toBe(false);
  let length = 0;
  for await (const chunk of stdout ?? []) length += Buffer.from(chunk).length;
  expect(length).toBe(16 * MB);
  expect(await exit).toEqual({ code: 0, signal: null });
  expect(hasWritten).toBe(true);
});

it("hears of the end of a program that outlives the thread", async () => {
  const { pid, exit, kill } = await thread.spawn(node("setInterval(() => {}, 1000)"));
  const running = processOf(pid);
  await thread.close();
  expect(running !== null && isRunning(running)).toBe(true);
  kill("SIGKILL");
  expect(await exit).toEqual({ code: null, signal: null });
});
