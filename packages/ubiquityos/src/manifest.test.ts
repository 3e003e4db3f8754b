import { existsSync, readFileSync } from "node:fs";
import { emitterEventNames } from "@octokit/webhooks";
import { manifestSchema } from "@ubiquity-os/plugin-sdk/manifest";
import { expect, test } from "vitest";
import { z } from "zod";
import { LISTENABLE, PLUGIN_ERROR } from "./events.ts";
import { readManifest } from "./manifest.ts";

const good = {
  name: "greeter",
  commands: { hello: { description: "Says hello.", "ubiquity:example": "/hello" } },
  "ubiquity:listeners": ["issues.opened"],
};

test("a manifest of before short names is taken, with the defaults that its readers know", () => {
  expect(readManifest(JSON.stringify(good))).toMatchObject({
    ok: true,
    ignored: [],
    manifest: {
      name: "greeter",
      description: "",
      skipBotEvents: true,
      configuration: {},
      "ubiquity:listeners": ["issues.opened"],
    },
  });
});

test.each([
  ["{", { reason: "not_json", path: "", expected: "a JSON document" }],
  ["[]", { reason: "wrong_type", path: "", expected: "an object" }],
  [
    { ...good, name: undefined, nam: "x" },
    { reason: "missing", path: "/name", expected: "a text", nearest: "nam" },
  ],
  [
    { ...good, name: "" },
    { reason: "empty", path: "/name" },
  ],
  [
    { ...good, skipBotEvents: "yes" },
    { reason: "wrong_type", path: "/skipBotEvents", expected: "true or false" },
  ],
  [
    { ...good, commands: [] },
    { reason: "wrong_type", path: "/commands", expected: "an object" },
  ],
  [
    { ...good, commands: { hello: { description: "x" } } },
    { reason: "missing", path: "/commands/hello/ubiquity:example" },
  ],
  [
    { ...good, commands: { "a b": { description: "x", "ubiquity:example": "/a" } } },
    { reason: "bad_name", path: "/commands/a b" },
  ],
  [
    { ...good, "ubiquity:listeners": ["issue.opened"] },
    { reason: "unknown_listener", path: "/ubiquity:listeners/0", nearest: "issues.opened" },
  ],
])("%j is refused with its place and what was expected", (document, problem) => {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  expect(readManifest(text)).toMatchObject({ ok: false, problems: [problem] });
});

test("a misspelt key is no reason to refuse, and is said", () => {
  const read = readManifest(JSON.stringify({ ...good, "ubiquibot:listeners": [] }));
  expect(read).toMatchObject({ ok: true, ignored: [{ path: "/ubiquibot:listeners", nearest: "ubiquity:listeners" }] });
});

test("knows every event that the kit knows, and the kernel's own", () => {
  expect([...LISTENABLE].toSorted()).toEqual([...emitterEventNames, PLUGIN_ERROR].toSorted());
});

const real = new URL("../../../../shared/data/manifests/uos-dev.jsonl", import.meta.url);

test.runIf(existsSync(real))("agrees with the kit on manifests of real plugins, but for short names", () => {
  const differing: unknown[] = [];
  for (const line of readFileSync(real, "utf8")
    .split("\n")
    .filter((text) => text !== "")) {
    const { text, blob } = JSON.parse(line);
    const ours = readManifest(text);
    const theirs = judge(text);
    // The kit leaves commands with digits in their names and lists of commands unread.
    if (ours.ok !== theirs && !/"commands": \[|"command\d"/.test(text)) differing.push([blob, ours]);
  }
  expect(differing).toEqual([]);
});

/** The kit's own schema, as JSON Schema. */
const theirSchema = z.fromJSONSchema(JSON.parse(JSON.stringify(manifestSchema)));

function judge(text: string): boolean {
  try {
    return theirSchema.safeParse({ short_name: "acme/x@main", ...JSON.parse(text) }).success;
  } catch {
    return false;
  }
}
