import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BIN } from "../../packages/cli/src/cli-fixture.ts";
import { openServer } from "../end-to-end/server-fixture.ts";

/** What a supervised program is handed, and what it can make of a browser that visits it too. */
const root = mkdtempSync(join(tmpdir(), "prunella-program-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Writes down what it was given, and ends well. */
const LOOK = join(root, "look.js");
writeFileSync(
  LOOK,
  `const fs = require("node:fs");
   const files = fs.existsSync("/proc/self/fd") ? fs.readdirSync("/proc/self/fd").map((fd) => { try { return fs.readlinkSync("/proc/self/fd/" + fd) } catch { return "" } }) : [];
   fs.writeFileSync(process.argv[2] + ".new", JSON.stringify({ env: process.env, files, args: process.argv }));
   fs.renameSync(process.argv[2] + ".new", process.argv[2]);`,
);

const SECRET = ["s", "3cr", "3t"].join("");
/** As an operator's shell or unit may have it; spelt in ways that systems without case take for ours. */
const OURS = {
  PRUNELLA_TOKEN: SECRET,
  Prunella_Token: SECRET,
  PRUNELLA_DATABASE_URL: `postgres://me:${SECRET}@127.0.0.1/x`,
  AWS_SECRET_ACCESS_KEY: SECRET,
  NODE_OPTIONS: "--no-deprecation",
  PGPASSWORD: SECRET,
};

async function lookOf(
  args: readonly string[],
  cwd: string,
  found: string,
): Promise<{ env: Record<string, string>; files: string[] }> {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: { ...process.env, ...OURS }, stdio: "ignore" });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  for (let tries = 0; tries < 1_200 && !existsSync(found); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 25));
  child.kill("SIGTERM");
  await gone;
  return JSON.parse(readFileSync(found, "utf8"));
}

let folders = 0;
async function lookUnderUp(more: string): Promise<{ env: Record<string, string>; files: string[] }> {
  const folder = join(root, `up-${(folders += 1)}`);
  mkdirSync(folder);
  const found = join(folder, "found.json");
  writeFileSync(
    join(folder, "prunella.yaml"),
    `supervise:\n  - name: shop\n    command: ${JSON.stringify([process.execPath, LOOK, found])}\n${more}`,
  );
  return lookOf(["up", "--port", "0", "--data", join(folder, "data")], folder, found);
}

describe("a program that up starts", () => {
  it("gets of the server's environment what is on the list, and what its configuration names", async () => {
    const { env, files } = await lookUnderUp("    env: { SHOP: open }\n");
    const allowed =
      /^(?:PATH|HOME|LANG|LC_ALL|LC_CTYPE|TZ|USER|LOGNAME|TMPDIR|SHOP|PRUNELLA_(?:DSN|PROGRAM|RUN_ATTEMPT))$/;
    expect(Object.keys(env).filter((name) => !allowed.test(name))).toEqual([]);
    expect(env["SHOP"]).toBe("open");
    expect(JSON.stringify(env)).not.toContain(SECRET);
    // No socket that is listened on, no database, no key: pipes of its own alone.
    expect(files.filter((file) => /prunella\.db|ledger|owner\.lock|server\.json/.test(file))).toEqual([]);
    expect(files.filter((file) => file.startsWith("socket:")).length).toBeLessThanOrEqual(3);
  });

  it("gets all but what is ours with env_inherit: all", async () => {
    const { env } = await lookUnderUp("    env_inherit: all\n");
    expect(env["AWS_SECRET_ACCESS_KEY"]).toBe(SECRET);
    expect(
      Object.keys(env)
        .filter((name) => /^prunella_/i.test(name))
        .toSorted(),
    ).toEqual(["PRUNELLA_DSN", "PRUNELLA_PROGRAM", "PRUNELLA_RUN_ATTEMPT"]);
  });
});

describe("a program that run starts", () => {
  it("gets its caller's environment without what is ours", async () => {
    const folder = join(root, "run");
    mkdirSync(folder);
    const found = join(folder, "found.json");
    const { env } = await lookOf(
      ["run", "--data", join(folder, "data"), "--", process.execPath, LOOK, found],
      folder,
      found,
    );
    expect(env["AWS_SECRET_ACCESS_KEY"]).toBe(SECRET);
    expect(env["Prunella_Token"]).toBeUndefined();
    expect(env["PRUNELLA_TOKEN"]).toBeUndefined();
    expect(env["PRUNELLA_DATABASE_URL"]).toBeUndefined();
  });
});

describe("a page on another port of the same host", () => {
  it("is sent the cookie by the browser, and can do nothing with it", async () => {
    await using fixture = await openServer();
    const { server } = fixture;
    const stolen: string[] = [];
    const foreign = createServer((request, response) => {
      stolen.push(request.headers.cookie ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    const address = foreign.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const code = new URL(await server.signInLink()).hash.replace("#code=", "");
    const signedIn = await fetch(`${server.url}/v1/session`, { method: "POST", body: JSON.stringify({ code }) });
    const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    // As browsers do: cookies know hosts and no ports.
    await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie } });
    foreign.close();
    expect(stolen).toEqual([cookie]);
    for (const [method, path] of [
      ["POST", "/v1/kill"],
      ["GET", "/v1/me"],
      ["GET", "/v1/faults"],
      ["GET", "/v1/stream"],
      ["GET", "/ledger/checkpoint"],
      ["DELETE", "/v1/session"],
    ] as const)
      // Behind the browser's back it may claim any origin.
      for (const origin of [server.url, `http://127.0.0.1:${port}`])
        expect([
          path,
          (
            await fetch(`${server.url}${path}`, {
              method,
              headers: { cookie, origin, "sec-fetch-site": "same-origin" },
            })
          ).status,
        ]).toEqual([path, 401]);
    expect((await server.kernel.switches.read()).on).toBe(false);
  });
});
