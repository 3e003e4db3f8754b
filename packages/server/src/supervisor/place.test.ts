import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { processOf } from "../platform/processes.ts";
import { endEarlier } from "./earlier.ts";
import { takePlace, type Place } from "./place.ts";
import { testClock } from "./supervisor-fixture.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-place-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

let count = 0;
function newFolder(): string {
  count += 1;
  return join(root, String(count));
}
const take = (dataFolder: string) => takePlace({ dataFolder, project: "default", name: "shop", sharesTerminal: false });

/** A process that leads a session of its own, as supervised programs do. */
function begin(env: Readonly<Record<string, string>> = {}): number {
  const child = spawn("sleep", ["295"], { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
  children.push(child);
  return child.pid ?? -1;
}

function writeRecord(dataFolder: string, over: Readonly<Record<string, unknown>>): void {
  mkdirSync(join(dataFolder, "programs"), { recursive: true });
  const gone = { pid: 2 ** 22, started_at: "then" };
  const record = { started_at: "then", session: 0, mark: "", is_over: false, supervisor: gone, ...over };
  writeFileSync(join(dataFolder, "programs", "default.shop.json"), JSON.stringify(record));
}

async function clear(place: Place, graceMs = 5_000): Promise<SupervisorEvent[]> {
  const events: SupervisorEvent[] = [];
  const hurry = new AbortController().signal;
  const emit = (event: SupervisorEvent) => void events.push(event);
  await endEarlier({ place, name: "shop", clock: testClock, signal: "SIGTERM", graceMs, hurry, emit });
  return events;
}

test("a program that was written down, and that nobody supervises any more, is ended", async () => {
  const folder = newFolder();
  const pid = begin();
  writeRecord(folder, { pid, session: pid, started_at: processOf(pid)?.startedAt });
  const place = take(folder);
  expect((await clear(place)).map(({ kind }) => kind)).toEqual(["earlier_found", "earlier_ended"]);
  expect(processOf(pid)).toBeNull();
  place.leave();
});

test("a later process that has its number is left alone", async () => {
  const folder = newFolder();
  const pid = begin();
  writeRecord(folder, { pid, session: pid });
  const place = take(folder);
  expect(await clear(place)).toEqual([]);
  expect(processOf(pid)).not.toBeNull();
  place.leave();
});

test("what a program left when it ended for good is left by the next start too", async () => {
  const folder = newFolder();
  const first = take(folder);
  const pid = begin(first.mark());
  first.started(pid);
  first.leave();
  const second = take(folder);
  expect(await second.earlier()).toEqual({ own: [], strayed: [] });
  expect(await clear(second)).toEqual([]);
  expect(processOf(pid)).not.toBeNull();
  second.leave();
});

test("two have the place one after the other, and programs of other names and folders beside each other", () => {
  const folder = newFolder();
  const first = take(folder);
  expect(() => take(folder)).toThrow(/Another process is just starting shop/);
  const others = [
    takePlace({ dataFolder: folder, project: "other", name: "shop", sharesTerminal: false }),
    take(newFolder()),
  ];
  first.started(begin(first.mark()));
  expect(() => take(folder)).toThrow(new RegExp(`shop \\(pid \\d+\\) is supervised by process ${process.pid};`));
  first.leave();
  for (const each of [...others, take(folder)]) each.leave();
});

test("a folder that cannot be written keeps no program from running", async () => {
  const file = newFolder();
  writeFileSync(file, "");
  chmodSync(file, 0o400);
  const place = take(join(file, "data"));
  expect(await clear(place)).toEqual([]);
  expect(place.started(begin(place.mark()))).toBe(false);
  place.leave();
});

test("a file that is no record is none", async () => {
  const folder = newFolder();
  writeRecord(folder, { pid: "7" });
  const place = take(folder);
  expect(await clear(place)).toEqual([]);
  place.leave();
});
