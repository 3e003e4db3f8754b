import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createLogTrails, cut } from "./log-trail.ts";
import { PluginError, pluginError, type FailedDispatch } from "./plugin-error.ts";

const clean = (text: string) => text.replaceAll(/secret-\w+/g, "[removed]");
const failed: FailedDispatch = {
  stateId: "s-1",
  at: Date.UTC(2026, 10, 30),
  environment: "prod",
  kernel: { repo: "acme/kernel", commit: "abc" },
  trigger: { githubEvent: "issue_comment.created", deliveryId: "d-1", repo: "acme/shop", issueOrPr: 3, actor: "ada" },
  plugin: { type: "workflow", id: "acme/x", owner: "acme", repo: "x", workflowId: "compute.yml", ref: null },
  manifest: { name: "x", version: null },
  failure: {
    category: "http",
    message: `HTTP 502: ${"a".repeat(995)} secret-word`,
    status: 502,
    stack: "Error: secret-stack\n at f",
    raw: "secret-raw",
    responseSnippet: "secret-snippet",
    retryCount: 2,
  },
  requestId: "d-1",
  config: { path: ".github/.ubiquity-os.config.yml", sources: [{ repo: "acme/shop", sha: "def" }] },
  trail: null,
};

test("keeps status and count of tries, cleans every text before it is cut, and is what its schema says", () => {
  const made = pluginError(failed, clean);
  expect(PluginError.parse(made)).toEqual(made);
  expect(made).toMatchObject({
    timestamp: "2026-11-30T00:00:00.000Z",
    error: { status: 502, category: "http", stack: "Error: [removed]\n at f", raw: "[removed]" },
    context: { retryCount: 2, responseSnippet: "[removed]", pluginInputs: { redacted: true } },
  });
  expect(made.error.message.length).toBeLessThanOrEqual(1_000);
  expect(JSON.stringify(made)).not.toMatch(/secret/);
});

test("a failure of our own handling names the kernel", () => {
  const made = pluginError({ ...failed, plugin: null, failure: { ...failed.failure, category: "kernel" } }, clean);
  expect(made.plugin).toMatchObject({ type: "kernel", id: "kernel", owner: null });
});

const draft = new URL("../../../../../shared/data/originals/plugin-error-draft.json", import.meta.url);

test.runIf(existsSync(draft))("has every field of the payload as it was proposed", () => {
  const made = pluginError(failed, clean);
  const missing: string[] = [];
  const compare = (theirs: object, ours: object, path: string) => {
    for (const [key, value] of Object.entries(theirs)) {
      const found: unknown = Reflect.get(ours, key);
      if (found === undefined) missing.push(`${path}${key}`);
      if (typeof value === "object" && value !== null && typeof found === "object" && found !== null)
        compare(value, found, `${path}${key}.`);
    }
  };
  compare(JSON.parse(readFileSync(draft, "utf8")), made, "");
  expect(missing).toEqual([]);
});

test("keeps the last 200 lines of the last 120 requests, and carries 40 of 240 characters", () => {
  let now = 0;
  const trails = createLogTrails({ now: () => now }, clean);
  trails.note("first", "gone");
  for (let request = 0; request < 120; request += 1) {
    for (let line = 0; line < 3; line += 1) trails.note(`r${request}`, `line ${line}`);
  }
  expect(trails.of("first")).toBeNull();
  expect(trails.of("r0")?.lines).toEqual(["line 0", "line 1", "line 2"]);
  now = 500;
  for (let line = 0; line < 300; line += 1) trails.note("r0", `line ${line} ${"x".repeat(300)} secret-word`);
  const trail = trails.of("r0");
  expect(trail).toMatchObject({ requestId: "r0", startedAt: 0, durationMs: 500 });
  expect(trail?.lines).toHaveLength(40);
  expect(trail?.lines.at(-1)).toMatch(/^line 299 x+…$/);
  expect(trail?.lines.every((line) => line.length <= 240)).toBe(true);
});

test("a cut leaves no half of a character", () => {
  expect(cut("ab👋cd", 4)).toBe("ab…");
  expect(cut("abcd", 4)).toBe("abcd");
});
