import { createHash } from "node:crypto";
import { PluginManifest, type InvocationResult } from "@prunella/contract/plugins";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel } from "../../../../test/kernel-fixture.ts";
import { systemClock } from "../platform/clock.ts";
import { createEvents, type PluginEvent } from "./events.ts";
import type { InvokeAsk } from "./host.ts";

/** A real kernel with what is installed in it; what runs a plugin is a double that notes what it was handed. */
let close: () => Promise<void>;
let kernel: Awaited<ReturnType<typeof openKernel>>;
let handed: { plugin: string; count: number; kinds: unknown[] }[];
let failed: string[];
let status: InvocationResult["status"];
let events: ReturnType<typeof createEvents>;

beforeEach(async () => {
  const [embedded] = ENGINES;
  const store = await embedded?.open();
  if (store === undefined) throw new Error("There is no engine.");
  kernel = await openKernel(store.engine, systemClock);
  handed = [];
  failed = [];
  status = "success";
  const invokePlugin = ({ plugin, args }: InvokeAsk): Promise<InvocationResult> => {
    const batch = JSON.parse(JSON.stringify(args["events"]));
    handed.push({
      plugin: plugin.name,
      count: batch.length,
      kinds: batch.map(({ payload }: PluginEvent) => payload["kind"]),
    });
    return Promise.resolve({
      status,
      invocation: null,
      output: null,
      detail: "broken",
      refusal: null,
      mend: null,
      calls: [],
    });
  };
  events = createEvents({
    kernel,
    invokePlugin,
    log: { info() {}, warn() {} },
    onFailed: (plugin) => void failed.push(plugin),
  });
  close = async () => {
    await events.close();
    await kernel.close();
    await store[Symbol.asyncDispose]();
  };
});
afterEach(() => close());

async function install(name: string, listens: object[]): Promise<void> {
  const manifest = PluginManifest.parse({
    manifestVersion: 1,
    name,
    version: "0.1.0",
    description: name,
    license: "Apache-2.0",
    kind: "local",
    entry: "index.ts",
    engines: { prunella: ">=0.1.0" },
    namespace: name,
    listens: listens.map((one) => ({ reason: "It listens.", ...one })),
  });
  const digest = `sha256:${createHash("sha256").update(name).digest("hex")}`;
  const artifact = {
    plugin: name,
    version: "0.1.0",
    digest,
    treeDigest: digest,
    manifestDigest: digest,
    source: { kind: "path" as const, path: `/srv/${name}` },
  };
  await kernel.plugins.install({ artifact, manifest, bundler: "none", bytes: 1 }, "default", {
    kind: "person",
    id: "operator",
  });
}

const failure = (payload: Record<string, unknown> = {}, causedBy: string | null = null): PluginEvent => ({
  projectId: "default",
  type: "kernel.plugin_error",
  payload,
  causedBy,
});
const until = <T>(found: () => T) => expect.poll(found, { timeout: 10_000, interval: 20 });

test("what comes together is handed over together, at most a hundred at a time, and all of it", async () => {
  await install("hotfix", [{ event: "kernel.plugin_error" }]);
  await install("deaf", [{ event: "fault.new" }]);
  for (let at = 0; at < 230; at += 1) await events.tell(failure({ kind: at }));
  await until(() => handed.reduce((sum, { count }) => sum + count, 0)).toBe(230);
  expect(handed.every(({ plugin, count }) => plugin === "hotfix" && count <= 100)).toBe(true);
  expect(handed.flatMap(({ kinds }) => kinds)).toEqual(Array.from({ length: 230 }, (_, at) => at));
});

test("a filter lets through what has each of its fields, and nothing else", async () => {
  await install("hotfix", [
    { event: "kernel.plugin_error", filter: { "error.category": ["http", "timeout"], kind: ["a"] } },
  ]);
  await events.tell(failure({ kind: "a", error: { category: "workflow" } }));
  await events.tell(failure({ kind: "b", error: { category: "http" } }));
  await events.tell(failure({ kind: "a" }));
  await events.tell(failure({ kind: "a", error: { category: "timeout" } }));
  await until(() => handed).toEqual([{ plugin: "hotfix", count: 1, kinds: ["a"] }]);
});

test("nobody is told of its own doing, unless it wants to be", async () => {
  await install("hotfix", [{ event: "kernel.plugin_error" }]);
  await install("watcher", [{ event: "kernel.plugin_error", skipSelf: false }]);
  await events.tell(failure({ kind: "x" }, "hotfix"));
  await events.tell(failure({ kind: "y" }, "watcher"));
  await until(() => handed.map(({ plugin, kinds }) => [plugin, kinds]).toSorted()).toEqual([
    ["hotfix", ["y"]],
    ["watcher", ["x", "y"]],
  ]);
});

test("a handler that fails is heard of, and one that was told of a failure is not", async () => {
  status = "failed";
  await install("hotfix", [{ event: "kernel.plugin_error" }, { event: "fault.new" }]);
  await events.tell(failure());
  await events.tell({ ...failure(), type: "fault.new" });
  await until(() => handed.length).toBe(2);
  expect(failed).toEqual(["hotfix"]);
});

test("a disabled plugin is told nothing", async () => {
  await install("hotfix", [{ event: "kernel.plugin_error" }]);
  await kernel.plugins.switch("hotfix", false, "Too loud.", "default", { kind: "person", id: "operator" });
  await events.tell(failure());
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(handed).toEqual([]);
});
