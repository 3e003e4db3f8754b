import type { PluginTableRow } from "@prunella/kernel";
import { describe, expect, it } from "vitest";
import { hears, createDelivery, type PluginEvent } from "./deliver.ts";

const event = (fields: Record<string, unknown>, causedBy: string | null = null): PluginEvent => ({
  type: "kernel.plugin_error",
  projectId: "default",
  fields,
  causedBy,
});

describe("what a plugin listens to", () => {
  it.each([
    [{}, {}, true],
    [{ category: ["dispatch", "http"] }, { category: "http" }, true],
    [{ category: ["dispatch"] }, { category: "http" }, false],
    [{ "error.status": ["502"] }, { error: { status: 502 } }, true],
    [{ "error.status": ["502"] }, { error: null }, false],
    [{ category: ["dispatch"], env: ["prod"] }, { category: "dispatch", env: "dev" }, false],
    [{ constructor: ["x"] }, {}, false],
    [{ "category.length": ["4"] }, { category: "http" }, false],
  ])("by %j, of %j: %s", (filter, fields, expected) => {
    expect(hears({ filter, skipSelf: true }, "p1", event(fields))).toBe(expected);
  });

  it("is not what it did itself, unless it asks for that", () => {
    expect(hears({ filter: {}, skipSelf: true }, "p1", event({}, "p1"))).toBe(false);
    expect(hears({ filter: {}, skipSelf: false }, "p1", event({}, "p1"))).toBe(true);
    expect(hears({ filter: {}, skipSelf: true }, "p1", event({}, "p2"))).toBe(true);
  });
});

/** After everything that waits now: a promise that nobody looks at by then ends the process. */
const later = <Result>(work: () => Promise<Result>): Promise<Result> =>
  new Promise((resolve) => setTimeout(resolve, 5)).then(work);

describe("a delivery", () => {
  function house(standings: Record<string, string>) {
    const told: { plugin: string; events: number; bindings: object }[] = [];
    const row = (id: string): PluginTableRow => ({
      plugin_id: id,
      name: id,
      origin: "path /",
      namespace: id,
      digest: "d",
      installed_at: 0,
      updated_at: 0,
      by_actor: "{}",
    });
    const plugins = {
      list: () => Promise.resolve(Object.entries(standings).map(([id, standing]) => ({ id, name: id, standing }))),
      find: (id: string) =>
        id === "lost" ? later(() => Promise.reject(new Error("the store is away"))) : Promise.resolve(row(id)),
      manifest: (id: string) =>
        Promise.resolve({
          manifest: {
            // One of a dialect is told by what speaks it.
            ...(id === "worker" ? { dialect: "ubiquityos" as const } : {}),
            listens: [{ event: "kernel.plugin_error", filter: {}, skipSelf: true, uses: [], reason: "It hears." }],
          },
        }),
    };
    const deliver = createDelivery({
      plugins,
      log: { info() {}, warn() {} },
      invokePlugin: ({ plugin, args, bindings }) => {
        if (plugin.name === "broken") return Promise.reject(new Error("it broke"));
        told.push({ plugin: plugin.name, events: Array.isArray(args["events"]) ? args["events"].length : 0, bindings });
        return Promise.resolve({
          status: "success",
          invocation: null,
          output: null,
          detail: null,
          refusal: null,
          escalation: null,
          mend: null,
          calls: [],
        });
      },
    });
    return { told, deliver };
  }

  it("comes in batches of a hundred, one after the other, to each that may hear it, whatever another does", async () => {
    const { told, deliver } = house({ broken: "ready", first: "ready", waits: "waiting", off: "disabled" });
    const results = await deliver(
      "kernel.plugin_error",
      "default",
      Array.from({ length: 250 }, () => event({ repo: "octo/shop" })),
    );
    expect(told.map(({ plugin, events }) => [plugin, events])).toEqual([
      ["first", 100],
      ["first", 100],
      ["first", 50],
    ]);
    expect(told[0]?.bindings).toEqual({ "event.repo": "octo/shop" });
    expect(
      results.filter(({ plugin }) => plugin === "broken").map(({ status, detail }) => [status, detail]),
    ).toContainEqual(["failed", "it broke"]);
  });

  it("reaches the others when what is known of one cannot be read, before and after", async () => {
    const { told, deliver } = house({ broken: "ready", first: "ready", lost: "ready", last: "ready" });
    const results = await deliver("kernel.plugin_error", "default", [event({})]);
    expect(told.map(({ plugin }) => plugin)).toEqual(["first", "last"]);
    expect(results.map(({ plugin, status, detail }) => [plugin, status, detail])).toEqual([
      ["broken", "failed", "it broke"],
      ["first", "success", null],
      ["lost", "failed", "the store is away"],
      ["last", "success", null],
    ]);
  });

  it("goes to none that runs elsewhere, who is told by its own dialect, and is no failure of it", async () => {
    const { told, deliver } = house({ worker: "ready", first: "ready" });
    const results = await deliver("kernel.plugin_error", "default", [event({})]);
    expect(told.map(({ plugin }) => plugin)).toEqual(["first"]);
    expect(results.map(({ plugin }) => plugin)).toEqual(["first"]);
  });

  it("names no repository where its events are of several, and tells nothing of another project", async () => {
    const { told, deliver } = house({ first: "ready" });
    await deliver("kernel.plugin_error", "default", [
      event({ repo: "a/b" }),
      event({ repo: "c/d" }),
      { ...event({ repo: "a/b" }), projectId: "other" },
    ]);
    expect(told).toEqual([{ plugin: "first", events: 2, bindings: {} }]);
  });
});
