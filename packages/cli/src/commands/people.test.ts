import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prunella, startPrunella, text, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-people-"));
const data = join(root, "data");
let up: Started;
let url = "";

beforeAll(async () => {
  up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data], { cwd: root });
  await up.until(/Prunella is up/);
  url = text(JSON.parse(readFileSync(join(data, "server.json"), "utf8")), "url");
});
afterAll(async () => {
  up.signal("SIGTERM");
  await up.ended;
  rmSync(root, { recursive: true, force: true });
});
const say = (...args: string[]) => prunella([...args, "--data", data], { cwd: root });
/** As somebody, by their token, from a place that has no data folder. */
function as(secret: string, ...args: string[]) {
  const file = join(root, "token");
  writeFileSync(file, `${secret}\n`);
  return prunella([...args, "--url", url, "--token-file", file], { cwd: root });
}

describe("people at the command line", () => {
  test("are added with an invitation, listed, given roles and removed", async () => {
    expect((await say("people")).stdout).toContain("There are no people yet");
    const added = await say("people", "add", "Ada", "--role", "owner", "--email", "ada@example.org");
    expect(added.stdout).toMatch(/ada is added: owner\.\n[\s\S]*\/invitation#code=[\w-]{43}\n/);
    await say("people", "add", "bob", "--role", "viewer", "--project", "default");
    expect((await say("people", "list")).stdout).toMatch(
      /ada +invited +owner +ada@example\.org\nbob +invited +viewer in default\n/,
    );
    expect((await say("people", "role", "bob", "operator", "--project", "default")).stdout).toContain(
      "bob now has: operator in default.",
    );
    expect((await say("invitations")).stdout.split("\n")).toHaveLength(4);
    const listed: unknown = JSON.parse((await say("invitations", "list", "--json")).stdout);
    expect(listed).toMatchObject({
      invitations: [{ person: { name: "bob" } }, { person: { name: "ada" } }],
      next: null,
    });
    expect((await say("people", "remove", "bob")).code).toBe(1);
    expect((await say("people", "remove", "bob", "--yes")).stdout).toContain("bob is removed");
    const refused = await say("people", "add", "Ada L", "--role", "owner");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("A person's name is 1 to 40") });
    expect((await say("people", "add", "cy", "--role", "king")).stderr).toContain(
      "Roles are viewer, operator and owner",
    );
  });

  test("with a personal token are that person, in the ledger too, and no more than it may", async () => {
    expect((await say("tokens", "create", "--title", "CI")).stderr).toContain("--for");
    const made = await say("tokens", "create", "--for", "ada", "--title", "CI", "--may", "read,decide", "--days", "1");
    const secret = made.stdout.trim();
    expect(secret).toMatch(/^prunella_token_[\w-]{43}$/);
    // What takes secrets out of texts knows it.
    const scrubbed = await prunella(["scrub"], { cwd: root, input: `token was ${secret} here\n` });
    expect(scrubbed.stdout).toContain("token was [REDACTED:PRUNELLA_TOKEN] here");
    expect((await as(secret, "kill")).code).toBe(0);
    expect((await as(secret, "unkill")).code).toBe(0);
    expect((await as(secret, "tokens", "list")).stdout).toMatch(/ada +CI +read,decide +all/);
    const ada = text(JSON.parse((await say("people", "--json")).stdout)?.people?.[0], "id");
    expect((await say("ledger", "show", "--json")).stdout).toMatch(
      new RegExp(`"by": \\{\\s+"id": "${ada}",\\s+"kind": "person"`),
    );
    const narrow = await as(secret, "tokens", "create", "--may", "act", "--json");
    expect(narrow).toMatchObject({ code: 1, stderr: expect.stringContaining("PRUNELLA_TOKEN_LIMITED") });
    const [id = ""] = /\n([0-9a-f]{8}) /.exec((await say("tokens")).stdout)?.slice(1) ?? [];
    expect((await say("tokens", "revoke", id)).stdout).toContain("worth nothing any more");
    expect(await as(secret, "faults")).toMatchObject({ code: 1, stderr: expect.stringContaining("Sign in first") });
  });

  test("see which browsers are signed in, and sign them out", async () => {
    const open = async () => {
      const link = (await say("sign-in")).stdout.split("\n")[0] ?? "";
      const body = JSON.stringify({ code: new URL(link).hash.replace("#code=", "") });
      await fetch(`${url}/v1/session`, {
        method: "POST",
        body,
        headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" },
      });
    };
    await open();
    await open();
    const listed = (await say("sessions")).stdout;
    expect(listed).toMatch(/by a link +link +Firefox on Linux +127\.0\.0\.1/);
    const [id = ""] = /\n([0-9a-f]{8}) /.exec(listed)?.slice(1) ?? [];
    expect((await say("sessions", "end", id)).stdout).toContain("signed out of Firefox on Linux");
    expect((await say("sessions", "end", "--all")).stdout).toContain("1 browser is signed out");
    expect((await say("sessions")).stdout).toContain("No browser is signed in.");
  });
});
