import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@prunella/plugin/testing";
import { expect, it } from "vitest";
import plugin from "./src/index.ts";

const manifest = readFileSync(join(import.meta.dirname, "prunella.plugin.json"), "utf8");
const FAULT = {
  id: "0123456789abcdef",
  title: "TypeError: a | b\n[link](https://evil.example)",
  status: "open",
  count: 3,
  last_seen: 0,
};

it("writes one line for each fault, and lets no title out of its cell", async () => {
  const written: unknown[] = [];
  const report = testPlugin({
    plugin,
    manifest,
    answers: { "faults.list": { faults: [FAULT] }, "fs.write": (params: unknown) => (written.push(params), {}) },
  });
  expect((await report.run("write")).output).toEqual({ file: "faults.md", faults: 1 });
  const [{ body }]: [{ body: string }] = JSON.parse(JSON.stringify(written));
  const text = Buffer.from(body, "base64").toString();
  expect(text.split("\n").filter((line) => line.startsWith("| 01234567"))).toEqual([
    "| 0123456789abcdef | TypeError: a \\| b \\[link\\](https://evil.example) | 3 | 1970-01-01T00:00:00.000Z |",
  ]);
});

it("is what every host expects", async () => {
  expect(await testPlugin({ plugin, manifest }).conformance()).toEqual([]);
});
