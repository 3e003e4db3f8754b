import type { Tool } from "@modelcontextprotocol/client";
import { PluginManifest } from "@prunella/contract/plugins";
import { describe, expect, it } from "vitest";
import { fieldsOf, SchemaError } from "./schema.ts";
import { manifestOf } from "./server-fixture.ts";
import { commandNameOf, withTools } from "./tools.ts";

const manifest = (more: object = {}) => PluginManifest.parse(manifestOf(more));
const tool = (
  name: string,
  properties: NonNullable<Tool["inputSchema"]["properties"]> = {},
  more: object = {},
): Tool => ({
  name,
  inputSchema: { type: "object", properties },
  ...more,
});
const commands = (tools: Tool[], more: object = {}) => withTools(manifest(more), tools).commands;

describe("a tool as a command", () => {
  it.each([
    ["readFile", "read-file"],
    ["read_file", "read-file"],
    ["fs.read/All", "fs-read-all"],
    ["get-HTTPStatus", "get-httpstatus"],
    ["_private_", "private"],
  ])("is called as people type it: %s", (name, typed) => expect(commandNameOf(name)).toBe(typed));

  it("is refused where two would have one name, or one none, until the manifest names them", () => {
    const two = [tool("read_file"), tool("readFile")];
    expect(() => commands(two)).toThrow("its tools read_file and readFile would both be the command read-file");
    expect(() => commands([tool("读取")])).toThrow("makes no command");
    const named = [
      { name: "read", tool: "readFile", summary: "Reads", risk: "write" },
      { name: "read-old", tool: "read_file", summary: "Reads", risk: "write" },
    ];
    expect(commands(two, { commands: named }).map(({ name, tool: of }) => [name, of])).toEqual([
      ["read", "readFile"],
      ["read-old", "read_file"],
    ]);
  });

  it("has what the manifest says of it, and never less risk than it says itself", () => {
    const wipe = tool("wipe", { path: { type: "string" } }, { annotations: { destructiveHint: true } });
    const own = { name: "wipe", summary: "Wipes it", risk: "read_only", timeoutMs: 500, phrase: "wipe {path}" };
    expect(commands([wipe, tool("other")], { commands: [own] })).toMatchObject([
      { name: "wipe", summary: "Wipes it", risk: "destructive", timeoutMs: 500, input: { properties: { path: {} } } },
    ]);
    const reads = tool("look", {}, { annotations: { readOnlyHint: true } });
    expect(commands([reads])).toMatchObject([
      { risk: "write", uses: ["capability:mcp:attach", "capability:progress:write"] },
    ]);
  });

  it("says nothing to a terminal but words", () => {
    expect(commands([tool("say", {}, { description: "a\u001b[2Jb\u202e\n c" })])[0]?.summary).toBe("a [2Jb c");
  });

  it("is refused where it takes what cannot be typed, with where that stands and what to do", () => {
    expect(() => commands([tool("find", { by: { anyOf: [{ type: "string" }, { type: "number" }] } })])).toThrow(
      expect.objectContaining({
        code: "PRUNELLA_PLUGIN_INVALID",
        message: expect.stringContaining("its tool find: input.by: expected one type and not several"),
        hint: expect.stringContaining("List in the manifest's commands"),
      }),
    );
    expect(() => commands([tool("find", { "by-name": { type: "string" } })])).toThrow(/commands\.0\.input/);
  });
});

describe("the schema of a tool", () => {
  const of = (one: object, more: object = {}) =>
    fieldsOf({ type: "object", properties: { one }, ...more }).properties?.["one"];

  it.each([
    [{ type: ["string", "null"] }, { type: "string" }],
    [
      { anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }], default: null, title: "One" },
      { type: "integer", minimum: 1 },
    ],
    [
      { type: "string", enum: ["a", "b"], format: "x", pattern: "(a+)+$" },
      { type: "string", enum: ["a", "b"] },
    ],
    [
      { type: "array", items: { type: "number" }, minItems: 1 },
      { type: "array", items: { type: "number" } },
    ],
    [
      { type: "object", properties: { a: { type: "boolean" } } },
      { type: "object", properties: { a: { type: "boolean" } }, required: [] },
    ],
    [
      { type: "string", description: "x\n y" },
      { type: "string", description: "x y" },
    ],
  ])("keeps what can be typed: %j", (given, kept) => expect(of(given)).toEqual(kept));

  it("finds a part that is named elsewhere, and gives up on one that names itself", () => {
    const $defs = { Word: { type: "string" }, Round: { anyOf: [{ $ref: "#/$defs/Round" }] } };
    expect(of({ $ref: "#/$defs/Word", description: "W" }, { $defs })).toEqual({ type: "string", description: "W" });
    expect(() => of({ $ref: "#/$defs/Round" }, { $defs })).toThrow("does not name itself");
    expect(() => of({ $ref: "https://example.com/x" }, { $defs })).toThrow("a part of the same schema");
    expect(() => of({ $ref: "#/$defs/toString" }, { $defs })).toThrow("a part of the same schema");
  });

  it.each([[{}], [{ type: "object" }], [{ type: "array" }], [{ type: "tuple" }], [true]])(
    "gives up on what has no type that an option could have: %j",
    (given) => expect(() => fieldsOf({ type: "object", properties: { one: given } })).toThrow(SchemaError),
  );
});
