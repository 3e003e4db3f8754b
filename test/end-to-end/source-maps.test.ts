import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

const ROOT = join(import.meta.dirname, "../..");
const TOKEN = "ghp_" + "aB3".repeat(12);
const SOURCES = {
  "package.json": `{"type":"module"}`,
  "src/main.ts": `import { checkout } from "./checkout.ts";\n\ncheckout([{ price: 3 }, { price: -1 }]);\n`,
  "src/checkout.ts": `import { chargeCard } from "./pay.ts";

export interface Item {
  readonly price: number;
}

/** Adds everything up. */
export function checkout(items: readonly Item[]): void {
  for (const item of items) {
    if (Math.random() > 2) console.log(item);
    chargeCard(item.price, items.length);
  }
}
`,
  "src/pay.ts": `import { toCents } from "money";

const apiToken = "${TOKEN}";

export function chargeCard(amount: number, count: number): void {
  if (count > 100) console.log("many", apiToken);
  const cents = toCents(amount);
  console.log(cents);
}
`,
  "node_modules/money/package.json": `{"name":"money","type":"module","main":"index.js"}`,
  "node_modules/money/index.js": `export function toCents(amount) {
  const whole = Math.round(amount * 100);
  if (whole < 0) {
    console.log("negative", whole);
    throw new RangeError("amount is negative: " + whole);
  }
  return whole;
}
`,
};

describe("a bundle that was minified and crashes", () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-bundle-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let built: Built;
  beforeAll(() => {
    for (const [path, text] of Object.entries(SOURCES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    built = build(folder);
  });

  it("is shown as it was written, found by debug id", async () => {
    await using fixture = await openServer();
    const uploaded = await prunella(["sourcemaps", "upload", built.out, "--data", fixture.folder, "--json"]);
    expect(uploaded).toMatchObject({ code: 0 });
    const event = await report(fixture, built.frames, {
      debug_meta: { images: [{ type: "sourcemap", code_file: built.frames[0]?.filename, debug_id: built.debugId }] },
    });
    const frames = event.errors[0]?.frames ?? [];
    expect(frames.map((frame) => [frame.function, frame.filename, frame.line, frame.in_app])).toEqual([
      [null, "src/main.ts", 3, true],
      ["checkout", "src/checkout.ts", 11, true],
      ["chargeCard", "src/pay.ts", 7, true],
      ["toCents", "node_modules/money/index.js", 5, false],
    ]);
    expect(frames[2]).toMatchObject({
      context_line: "  const cents = toCents(amount);",
      pre_context: [
        "",
        'const apiToken = "[REDACTED:GITHUB_TOKEN]";',
        "",
        "export function chargeCard(amount: number, count: number): void {",
        '  if (count > 100) console.log("many", apiToken);',
      ],
      post_context: ["  console.log(cents);", "}", ""],
    });
    expect(fixture.written().includes(TOKEN)).toBe(false);
  });

  it("is found by release and file, and by no other release", async () => {
    await using fixture = await openServer();
    const args = ["--data", fixture.folder, "--release", "shop@1.0.0", "--url-prefix", "~/static"];
    expect(await prunella(["sourcemaps", "upload", built.out, ...args])).toMatchObject({ code: 0 });
    const url = "https://shop.example.org/static/main.js?v=3";
    const served = built.frames.map((frame) => ({ ...frame, filename: url }));
    const event = await report(fixture, served, { release: "shop@1.0.0" });
    expect(event.errors[0]?.frames.at(-1)?.filename).toBe("node_modules/money/index.js");
    const other = await report(fixture, served, { release: "shop@2.0.0" });
    expect(other.errors[0]?.frames.at(-1)?.filename).toBe(url);
    const listed = await prunella(["sourcemaps", "list", "--data", fixture.folder]);
    expect(listed.stdout).toContain("~/static/main.js");
    const removed = await prunella(["sourcemaps", "remove", "--release", "shop@1.0.0", "--data", fixture.folder]);
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining("Removed 1 source map") });
    expect((await prunella(["sourcemaps", "list", "--data", fixture.folder])).stdout).toContain("no source maps");
  });
});

describe("POST /v1/source-maps", () => {
  it("takes what no other route takes, and refuses more than 33 MiB", async () => {
    await using fixture = await openServer();
    const post = (path: string, body: unknown) => fixture.api(path, { method: "POST", body: JSON.stringify(body) });
    const map = {
      version: 3,
      sources: ["a.ts"],
      names: [],
      mappings: "AAAA",
      sourcesContent: ["ab\n".repeat(200_000)],
    };
    const body = { release: "1", file: "a.js", map };
    expect((await post("/source-maps", body)).status).toBe(201);
    expect((await post("/grouping-rules", body)).status).toBe(413);
    const refused = await post("/source-maps", { ...body, map: "x".repeat(34_700_000) });
    expect([refused.status, await refused.text()]).toEqual([413, expect.stringContaining("at most 34603008 bytes")]);
  });
});

describe("prunella sourcemaps upload", () => {
  it("says what is missing when nothing could find a map, and what is no map", async () => {
    const folder = mkdtempSync(join(tmpdir(), "prunella-maps-"));
    await using fixture = await openServer();
    const upload = () => prunella(["sourcemaps", "upload", folder, "--data", fixture.folder]);
    expect(await upload()).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no .map file") });
    writeFileSync(join(folder, "a.js.map"), JSON.stringify({ version: 3, sources: [], names: [], mappings: "" }));
    expect(await upload()).toMatchObject({ code: 1, stderr: expect.stringContaining("--release") });
    writeFileSync(join(folder, "a.js"), "f();\n//# debugId=5f2c1b9a-8e6d-4c3b-a2f1-0d9e8c7b6a54\n");
    expect(await upload()).toMatchObject({ code: 0 });
    writeFileSync(join(folder, "a.js.map"), "not json");
    expect(await upload()).toMatchObject({ code: 1, stderr: expect.stringContaining("not JSON") });
    rmSync(folder, { recursive: true, force: true });
  });
});

interface Built {
  readonly out: string;
  readonly debugId: string;
  readonly frames: { function: string; filename: string; lineno: number; colno: number; in_app: boolean }[];
}

/** Bundles, minifies and runs it; the frames are those of the stack that it printed, as an SDK sends them. */
function build(folder: string): Built {
  const out = join(folder, "dist");
  const bundler = join(ROOT, "node_modules/rolldown/bin/cli.mjs");
  const args = ["src/main.ts", "--dir", "dist", "--format", "esm", "--minify", "--sourcemap", "--sourcemapDebugIds"];
  const bundled = spawnSync(process.execPath, [bundler, ...args], { cwd: folder, encoding: "utf8" });
  if (bundled.status !== 0) throw new Error(`${bundled.stdout}${bundled.stderr}`);
  const file = readdirSync(out).find((name) => name.endsWith(".js")) ?? "";
  const debugId = /debugId=([0-9a-f-]{36})/.exec(readFileSync(join(out, file), "utf8"))?.[1] ?? "";
  const run = spawnSync(process.execPath, [join(out, file)], { encoding: "utf8" });
  const places = [...run.stderr.matchAll(/^ +at (?:(\S+) \()?file:\/\/(\S+?):(\d+):(\d+)\)?$/gm)];
  const frames = places
    .map(([, name = "<anonymous>", filename = "", line, column]) => ({
      function: name,
      filename,
      lineno: Number(line),
      colno: Number(column),
      in_app: true,
    }))
    .toReversed();
  return { out, debugId, frames };
}

async function report(fixture: ServerFixture, frames: Built["frames"], given: object) {
  const event = {
    level: "error",
    platform: "javascript",
    exception: { values: [{ type: "RangeError", value: "amount is negative", stacktrace: { frames } }] },
    ...given,
  };
  const [, , dsnId] = [...(/\/\/([^@]+)@[^/]+\/(\d+)$/.exec(fixture.server.dsn) ?? [])];
  const answer = await fetch(`${fixture.server.url}/api/${dsnId}/store/`, {
    method: "POST",
    headers: { "x-sentry-auth": `Sentry sentry_version=7, sentry_key=${fixture.key}` },
    body: JSON.stringify(event),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  await fixture.server.kernel.settle();
  const { faults } = await fixture.server.kernel.faults.list({ status: "all", limit: 50 });
  const details = await Promise.all(faults.map((fault) => fixture.server.kernel.faults.detail(fault.id)));
  const latest = details.toSorted((a, b) => b.fault.last_seen - a.fault.last_seen)[0]?.latest?.event;
  if (!latest) throw new Error("the event is not there");
  return latest;
}
