/**
 * From failures to issues, against the demo of `npm start`: types what a person would type, and shows it. The host of
 * repositories is the demo's own double of GitHub; nothing leaves this machine.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = join(root, "packages/cli/bin/prunella.js");
/** Such as `--data <folder>`, for every command. */
const where = process.argv.slice(2);
const PATIENCE_MS = 60_000;
const TOUR = Math.random()
  .toString(36)
  .replaceAll(/[^a-z]/g, "");

if (where.includes("--help") || where.includes("-h")) {
  say(
    "npm run tour -- [--data <folder>]\n\nShows how failures become issues, in the server that `npm start` runs.\nExample: npm run tour",
  );
} else {
  await tour();
}

async function tour() {
  heading("Two plugins are installed, and may do nothing by that");
  await prunella("plugin", "add", join(root, "plugins/daemon-hotfix"));
  await prunella("plugin", "add", join(root, "examples/tour/fragile"));

  heading("You let one of them file issues; this is what it asks for, and you are its person");
  await prunella("plugin", "trust", "daemon-hotfix", "--required", "--reason", "The tour shows what it files.");

  heading("A plugin fails five times, each time with another port: one issue");
  for (let times = 0; times < 5; times += 1) await prunella("fragile", "count");
  const first = await until(async () => (await filings()).find(({ url }) => url !== null));
  const shop = new URL(first.url);
  const [, owner = "", repo = ""] = shop.pathname.split("/");
  await prunella("issues");

  heading("The workflow of the shop fails at its host, which tells us: another issue");
  say(`$ curl -X POST ${shop.origin}/fail     (the button on that page)`);
  const before = (await filings()).length;
  await press(`${shop.origin}/fail`);
  await until(async () => (await filings()).filter(({ url }) => url !== null).length > before);
  await prunella("issues");

  heading("Strangers report a crash: it stays in the private repository until you say otherwise");
  const { url: server } = await asJson("status");
  for (const sender of ["a", "b", "c"]) await report(server, sender);
  const triaged = await until(async () => {
    const { faults } = await asJson("promote");
    return faults.find(({ private_issue: issue, status }) => issue !== null && status === "new");
  });
  await prunella("promote");
  await prunella("promote", triaged.fault_id, "--yes");

  heading("A pull request is looked at; nothing is written");
  await prunella("plugin", "add", join(root, "plugins/github-pr-ops"));
  await prunella("plugin", "trust", "github-pr-ops", "--required", "--reason", "The tour reads one pull request.");
  await prunella("github-pr", "review", `${shop.origin}/${owner}/${repo}/pull/1`);

  heading(`All of it stands at ${shop.origin}/ and in the ledger`);
  await prunella("issues");
  await prunella("ledger", "verify");
}

/** @param {...string} words */
async function prunella(...words) {
  say(`$ prunella ${words.map((word) => (/\s/.test(word) ? JSON.stringify(word) : word)).join(" ")}`);
  const { stdout, stderr, code } = await run(words);
  say(`${stdout}${stderr}`.trimEnd());
  if (code !== 0 && words[0] !== "fragile")
    throw new Error(`that ended with ${code}; is the demo running (npm start)?`);
}

/** @param {...string} words */
async function asJson(...words) {
  const { stdout, stderr, code } = await run([...words, "--json"]);
  if (code !== 0) throw new Error(stderr.trim());
  return JSON.parse(stdout);
}

/** What was filed. */
async function filings() {
  return (await asJson("issues")).filings;
}

/** @param {readonly string[]} words */
function run(words) {
  const child = spawn(process.execPath, [bin, ...words, ...where], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ stdout, stderr, code }));
  });
}

/** As a browser presses a button of the page itself. @param {string} url */
function press(url) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: "POST", headers: { "sec-fetch-site": "same-origin" } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.once("error", reject);
    asked.end();
  });
}

/** An anonymous report, as `@prunella/client` sends it. @param {string} server @param {string} sender */
async function report(server, sender) {
  // Another one with each tour: what is public already cannot be promoted again.
  const signature = ["loadCart", `open${TOUR}`];
  const error = "CartMissing";
  const body = {
    os: "linux",
    arch: "x64",
    app_version: "2.0.0",
    node_version: "v24.12.0",
    bun_version: null,
    error_class: error,
    stack_signature: signature,
    phase: "ACT",
    exit_code: 1,
    friction_kind: null,
    project_id_hash: createHash("sha256").update(sender).digest("hex"),
    fingerprint: createHash("sha256")
      .update([error, ...signature].join("\n"))
      .digest("hex"),
    rules_version: 1,
    redactions_count: 0,
    captured_at: new Date().toISOString(),
  };
  await fetch(`${server}/v1/crash`, { method: "POST", body: JSON.stringify(body) });
}

/** @template T @param {() => Promise<T>} look @returns {Promise<NonNullable<T>>} */
async function until(look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error("nothing came of that within a minute; what the server says, says why");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** @param {string} text */
function heading(text) {
  say(`\n── ${text}\n`);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}
