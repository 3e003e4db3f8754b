import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@prunella/plugin/testing";
import { expect, it } from "vitest";
import plugin from "./src/index.ts";

const manifest = readFileSync(join(import.meta.dirname, "prunella.plugin.json"), "utf8");

it("greets, and knows whom it greeted before", async () => {
  const greeter = testPlugin({ plugin, manifest });
  expect((await greeter.run("hi", { name: "Ada" })).output).toEqual({ text: "hi Ada", times: 1 });
  expect((await greeter.run("hi", { name: "Ada" })).output).toEqual({ text: "hi again, Ada", times: 2 });
  expect((await greeter.run("hi")).output).toEqual({ text: "hi you", times: 1 });
});

it("is what every host expects", async () => {
  expect(await testPlugin({ plugin, manifest }).conformance()).toEqual([]);
});
