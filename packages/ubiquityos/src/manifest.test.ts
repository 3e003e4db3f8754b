import { existsSync, readFileSync } from "node:fs";
import { emitterEventNames } from "@octokit/webhooks";
import { manifestSchema } from "@ubiquity-os/plugin-sdk/manifest";
import { expect, test } from "vitest";
import { z } from "zod";
import { malformed, unclear, type Path } from "../../contract/src/plugins/malformed-fixture.ts";
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

const whole = {
  ...good,
  short_name: "greet",
  description: "Greets.",
  commands: {
    hello: {
      ...good.commands.hello,
      parameters: { type: "object" },
      examples: [{ commandInvocation: "/hello", expectedToolCallResult: { function: "hello", parameters: {} } }],
    },
    bye: good.commands.hello,
  },
  "ubiquity:listeners": ["issues.opened", "push"],
  configuration: { type: "object" },
  skipBotEvents: false,
  homepage_url: "https://example.org",
};
/** With what is said of keys that are accepted and mean nothing; of one that is missing, the other that stands there. */
const told = (value: unknown) => {
  const read = readManifest(JSON.stringify(value));
  return (read.ok ? read.ignored : read.problems).map(({ reason, path, expected, nearest }) => {
    const parts = path.split("/").slice(1);
    const meant = parts.at(-1) ?? "";
    return reason === "missing" && nearest !== null
      ? { file: "manifest.json", path: [...parts.slice(0, -1), nearest].join("."), expected, nearest: meant }
      : { file: "manifest.json", path: parts.join("."), expected, nearest };
  });
};
const isFree = (path: Path) =>
  /^(?:commands\.[^.]+|commands\.[^.]+\.(?:parameters|examples)(?:\..*)?|configuration\..*)$/.test(path.join("."));

test("each mistake of a document is answered with its place, what was expected and what was meant", () => {
  expect(told(whole)).toEqual([]);
  const isAnything = (path: Path, value: unknown) =>
    (isFree(path) && /parameters\.|configuration\.|examples\.0\..*parameters/.test(path.join("."))) ||
    (value === "\u0000" && !path.includes("ubiquity:listeners"));
  const all = malformed(whole, isFree, isAnything);
  expect(all.length).toBeGreaterThan(100);
  expect(unclear(all, "manifest.json", told)).toEqual([]);
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
