import { expect, test } from "vitest";
import type { Delivery, PluginEvent } from "./deliver.ts";
import { createEvents } from "./events.ts";

const event = (at: number, type = "fault.new"): PluginEvent => ({
  type,
  projectId: "default",
  fields: { at },
  causedBy: null,
});
const until = <T>(found: () => T) => expect.poll(found, { timeout: 10_000, interval: 20 });
const log = { info() {}, warn() {} };

test("what comes together is handed over together, at most a hundred at a time, and all of it", async () => {
  const handed: unknown[][] = [];
  const deliver = (_type: string, _project: string, batch: readonly PluginEvent[]) => {
    handed.push(batch.map(({ fields }) => fields["at"]));
    return Promise.resolve([]);
  };
  const events = createEvents({ deliver, log, onFailed() {} });
  for (let at = 0; at < 230; at += 1) void events.tell(event(at));
  await until(() => handed.flat().length).toBe(230);
  expect(handed.map(({ length }) => length)).toEqual([100, 100, 30]);
  expect(handed.flat()).toEqual(Array.from({ length: 230 }, (_, at) => at));
  await events.close();
});

test("a plugin that takes for ever holds up what comes after it no longer than others do", async () => {
  const handed: unknown[] = [];
  const hung = Promise.withResolvers<Delivery[]>();
  const deliver = (_type: string, _project: string, batch: readonly PluginEvent[]) => {
    handed.push(...batch.map(({ fields }) => fields["at"]));
    return handed.length === 1 ? hung.promise : Promise.resolve([]);
  };
  const events = createEvents({ deliver, log, onFailed() {} });
  void events.tell(event(1));
  await until(() => handed).toEqual([1]);
  void events.tell(event(2));
  await until(() => handed).toEqual([1, 2]);
  hung.resolve([]);
  await events.close();
});

test("whoever told of it hears whether it was taken, could not be told, or was given back at the end", async () => {
  let fails = true;
  const { promise: hung } = Promise.withResolvers<Delivery[]>();
  const deliver = (type: string) =>
    type === "fault.new" ? (fails ? Promise.reject(new Error("no database")) : Promise.resolve([])) : hung;
  const events = createEvents({ deliver, log, onFailed() {} });
  expect(await events.tell(event(1))).toBe("not_taken");
  fails = false;
  expect(await events.tell(event(2))).toBe("taken");
  const late = events.tell(event(3));
  void events.close();
  expect(await late).toBe("given_back");
  expect(await events.tell(event(4))).toBe("given_back");
});

test("a plugin that fails is heard of, and one that was told of a failure is not", async () => {
  const failed: string[] = [];
  const deliver = (type: string) =>
    Promise.resolve([
      { plugin: `of ${type}`, events: 1, status: "failed" as const, invocation: null, detail: "broken" },
    ]);
  const events = createEvents({ deliver, log, onFailed: (_project, type) => void failed.push(type) });
  void events.tell(event(1, "kernel.plugin_error"));
  void events.tell(event(1, "fault.new"));
  await until(() => failed).toEqual(["fault.new"]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(failed).toEqual(["fault.new"]);
  await events.close();
});
