import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { ancestry, descendants, isRunning, processes, processOf, withVariable } from "./processes.ts";

const hasProc = needs("/proc", existsSync("/proc/self/stat"));

test("a process is told by its number and the moment of its start", async () => {
  const self = processOf(process.pid);
  expect(self).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(isRunning({ pid: process.pid, startedAt: self?.startedAt ?? "" })).toBe(true);
  expect(isRunning({ pid: process.pid, startedAt: "then" })).toBe(false);
  expect(processOf(2 ** 22 + 1)).toBeNull();
  expect((await processes()).find(({ pid }) => pid === process.pid)).toEqual(self);
  expect([...ancestry()].slice(0, 2)).toEqual([process.pid, process.ppid]);
});

test("what a process started is found, also what that started", async () => {
  const child = spawn("sh", ["-c", "sh -c 'sleep 294; :'; :"], { detached: true, stdio: "ignore" });
  const find = () => descendants(process.pid).filter(({ session }) => session === child.pid);
  for (let tries = 0; find().length < 3 && tries < 500; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(find().map(({ name }) => name)).toEqual(["sh", "sh", "sleep"]);
  process.kill(-(child.pid ?? 0), "SIGKILL");
});

test.skipIf(!hasProc)("a variable of another process is found whole, at whatever place", async () => {
  const child = spawn("sleep", ["294"], { env: { FIND_ME: "a:b c", FIND_ME_NOT: "a:" }, stdio: "ignore" });
  await new Promise((resolve) => child.once("spawn", resolve));
  const found = async (name: string, beginning: string) =>
    (await withVariable(name, beginning)).map(({ row, value }) => [row.pid, value]);
  expect(await found("FIND_ME", "a:")).toEqual([[child.pid, "a:b c"]]);
  expect(await found("FIND_ME", "a:b d")).toEqual([]);
  expect(await found("IND_ME", "a")).toEqual([]);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  expect(await found("FIND_ME", "a")).toEqual([]);
});

test.skipIf(!hasProc)("a process whose name looks like more columns is read right", () => {
  const child = spawn(process.execPath, ["-e", "process.title = ') S 1 1 1 ('; setInterval(() => {}, 1000)"]);
  const row = processOf(child.pid ?? -1);
  expect(row?.parent).toBe(process.pid);
  child.kill("SIGKILL");
});
