/**
 * What the console does to a real server: nobody is offered what they would be refused, and whatever it sends can
 * be sent again by the curl that it shows.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATOR, parseVkey } from "@prunella/kernel";
import { verifyProof } from "../../kernel/src/ledger/proof.ts";
import { requestOf } from "@prunella/contract/request";
import { anEvent } from "../../../test/kernel-fixture.ts";
import { needs } from "../../../test/needs.ts";
import { curlOf } from "../src/parts/command-words.ts";
import { CHROMIUM, openBrowser, openBuiltConsole, type BuiltConsole } from "./built-console.ts";
import { invite, openFilled, type World } from "./real-world.ts";

const SETTLED_MS = 30_000;
const src = join(import.meta.dirname, "../src");
/** A browser's own, with secrets that are typed into it: the console keeps no curl of these. */
const BROWSERS_OWN = /\/v1\/(?:session|account|invitation)(?:\/|$)/;
const ROUTES = new Set(
  globSync("**/*.{ts,tsx}", { cwd: src })
    .filter((name) => !name.includes(".test."))
    .flatMap((name) => [...readFileSync(join(src, name), "utf8").matchAll(/"((?:POST|DELETE) \/v1\/[^"]+)"/g)])
    .map(([, route = ""]) => route)
    .filter((route) => !BROWSERS_OWN.test(route)),
);

/** Runs a command of a page in a shell, as somebody would who pasted it; gives what it printed and the status. */
async function paste(command: string, token: string): Promise<{ status: number; body: unknown }> {
  const told = `curl() { command curl -sS -w '\\n%{http_code}' "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)("bash", ["-c", told], {
    env: { ...process.env, PRUNELLA_TOKEN: token },
  });
  const at = stdout.lastIndexOf("\n");
  const text = stdout.slice(0, at);
  return { status: Number(stdout.slice(at + 1)), body: text === "" ? null : JSON.parse(text) };
}

describe.skipIf(!needs("curl", existsSync("/usr/bin/curl")))("the curl of an action", { timeout: 120_000 }, () => {
  it("runs as it stands, for everything that the console changes", async () => {
    const { fixture, question, sprint } = await openFilled();
    await using _closed = fixture;
    const { server } = fixture;
    const page = await server.kernel.faults.list({ status: "all", limit: 50 });
    const [a = "", b = "", c = ""] = page.faults.filter(({ title }) => title.includes("cannot")).map(({ id }) => id);
    await server.kernel.report("billing", [anEvent({ at: Date.now() })]);
    await server.kernel.settle();
    const [promotion] = await server.kernel.promotions.list({ projects: ["billing"], limit: 1 });
    const triaged = promotion?.fault_id ?? "";
    // Tokens are a person's: they are asked for with one of theirs, as the page says.
    const { person, code } = await server.kernel.access.addPerson({
      name: "olive",
      email: null,
      role: "owner",
      project: null,
      by: OPERATOR,
    });
    const accepted = await fetch(`${server.url}/v1/invitation`, { method: "POST", body: JSON.stringify({ code }) });
    expect(accepted.status).toBe(200);
    const session = (await server.kernel.access.listSessions(person.id, null))[0]?.id ?? "";
    const { secret } = await server.kernel.access.createToken({
      personId: person.id,
      title: "shell",
      effects: ["read", "propose", "decide", "act"],
      project: null,
      expiresAt: null,
    });
    const done = new Map<string, unknown>();
    const of = (route: string, ...path: string[]) =>
      String(path.reduce<unknown>((value, name) => Object(value)[name], done.get(route)));
    const steps: [route: string, input: () => object][] = [
      ["POST /v1/faults/:id/resolve", () => ({ id: a, in_next_release: true })],
      ["POST /v1/faults/:id/mute", () => ({ id: a })],
      ["POST /v1/faults/:id/snooze", () => ({ id: a, events: 100 })],
      ["POST /v1/faults/:id/reopen", () => ({ id: a })],
      ["POST /v1/faults/:id/assign", () => ({ id: a, assignee: "o'hara" })],
      ["POST /v1/faults/:id/note", () => ({ id: a, text: 'it\'s "$HOME" `again`' })],
      ["POST /v1/faults/triage", () => ({ ids: [a], triage: { action: "mute" } })],
      ["POST /v1/faults/undo", () => ({ changes: [of("POST /v1/faults/triage", "results", "0", "change")] })],
      ["POST /v1/faults/:id/merge", () => ({ id: a, fault: b })],
      ["POST /v1/faults/:id/unmerge", () => ({ id: b })],
      ["POST /v1/faults/:id/erase", () => ({ id: c })],
      ["POST /v1/views", () => ({ name: "mine", filter: { q: "level:error" } })],
      ["DELETE /v1/views/:id", () => ({ id: of("POST /v1/views", "view", "id") })],
      ["POST /v1/crash/promote", () => ({ id: triaged, do: "confirm" })],
      ["POST /v1/escalations/:id/hold", () => ({ id: question, hold: "acked" })],
      ["POST /v1/escalations/:id/decide", () => ({ id: question, decision: "leave_stopped" })],
      ["POST /v1/programs/:name/restart", () => ({ name: "api", project: "default" })],
      ["POST /v1/programs/:name/stop", () => ({ name: "api", project: "default" })],
      ["POST /v1/programs/:name/start", () => ({ name: "shop", project: "default" })],
      ["POST /v1/projects/:project/probes/:name/check", () => ({ project: "default", name: "disk" })],
      ["POST /v1/channels/:channel/test", () => ({ channel: "nowhere" })],
      [
        "POST /v1/messages/retry",
        () => ({ message_id: of("POST /v1/channels/:channel/test", "message_id"), channel: "nowhere" }),
      ],
      ["POST /v1/pauses", () => ({ project: "default", trigger: null, reason: "deploy", until: null })],
      ["POST /v1/pauses/:id/lift", () => ({ id: of("POST /v1/pauses", "pause", "id") })],
      [
        "POST /v1/overrides",
        () => ({ project: "default", trigger: "restart-batch", extra: 1, for_ms: 3_600_000, reason: "it is Friday" }),
      ],
      [
        "POST /v1/maintenance",
        () => ({
          target: "program:shop",
          window: { cron: "0 3 * * 0", lasts_ms: 3_600_000, zone: "UTC" },
          reason: "new disk",
        }),
      ],
      ["POST /v1/maintenance/:id/end", () => ({ id: of("POST /v1/maintenance", "window", "id") })],
      [
        "POST /v1/approvals",
        () => ({
          project: "default",
          trigger: null,
          action: "restart",
          target: "program:shop",
          for_ms: 3_600_000,
          reason: "it's known",
        }),
      ],
      ["POST /v1/approvals/:id/withdraw", () => ({ id: of("POST /v1/approvals", "approval", "id") })],
      ["POST /v1/envelopes/:probe/switch", () => ({ probe: "cache", on: true })],
      [
        "POST /v1/envelopes/:probe/stage",
        () => ({ probe: "cache", project: "default", move: "promote", reason: "it held ten times" }),
      ],
      ["POST /v1/drills", () => ({ project: "default", trigger: "restart-api" })],
      ["POST /v1/rehearsals", () => ({ project: "default", policy: [], since: Date.now() - 86_400_000 })],
      ["POST /v1/away/reviewed", () => ({})],
      ["POST /v1/sprints/:id/close", () => ({ id: sprint, reason: "it was the disk" })],
      [
        "POST /v1/plugins/:name/trust",
        () => ({
          name: "greeter",
          project: "default",
          scopes: [{ scope: "capability:state:write", resources: ["*"] }],
          reason: "it's polite",
        }),
      ],
      ["POST /v1/plugins/:name/revoke", () => ({ name: "greeter", project: "default", scopes: ["net:read"] })],
      ["POST /v1/plugins/:name/switch", () => ({ name: "greeter", on: false, reason: "enough" })],
      ["POST /v1/kill", () => ({})],
      ["POST /v1/unkill", () => ({})],
      ["POST /v1/people", () => ({ name: "pat", role: "viewer" })],
      ["POST /v1/people/:id/role", () => ({ id: of("POST /v1/people", "person", "id"), role: "operator" })],
      ["POST /v1/people/:id/invitation", () => ({ id: of("POST /v1/people", "person", "id") })],
      ["DELETE /v1/people/:id", () => ({ id: of("POST /v1/people", "person", "id") })],
      ["POST /v1/projects", () => ({ id: "more" })],
      ["POST /v1/projects/:project/rename", () => ({ project: "more", title: "More" })],
      ["POST /v1/projects/:project/keys", () => ({ project: "more" })],
      [
        "POST /v1/projects/:project/keys/revoke",
        () => ({ project: "more", key: of("POST /v1/projects/:project/keys", "project", "keys", "1", "public_key") }),
      ],
      ["POST /v1/projects/:project/keys/rotate", () => ({ project: "more", overlap_ms: 0 })],
      ["POST /v1/projects/:project/retention", () => ({ project: "more", change: { bodies_ms: 864_000_000 } })],
      ["POST /v1/projects/:project/delete", () => ({ project: "more", confirm: "more" })],
      ["POST /v1/projects/:project/keep", () => ({ project: "more" })],
      ["POST /v1/test-event", () => ({ project: "default" })],
      ["POST /v1/grouping-rules", () => ({ project: "default", when: { message: "late *" }, group_as: "late" })],
      ["DELETE /v1/grouping-rules/:id", () => ({ id: of("POST /v1/grouping-rules", "rule", "id") })],
      ["POST /v1/tokens", () => ({ title: "CI", effects: ["read"], days: 7 })],
      ["DELETE /v1/tokens/:id", () => ({ id: of("POST /v1/tokens", "token", "id") })],
      ["DELETE /v1/sessions/:id", () => ({ id: session })],
      ["POST /v1/sessions/end", () => ({})],
    ];
    // What the console sends and nobody wrote down here fails.
    expect([...ROUTES].toSorted()).toEqual(steps.map(([route]) => route).toSorted());
    for (const [route, input] of steps) {
      const { status, body } = await paste(curlOf(requestOf(route, input()), server.url), secret);
      done.set(route, body);
      expect.soft([route, status < 300, status < 300 ? null : body]).toEqual([route, true, null]);
    }
  });
});

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("acting in Chromium", { timeout: 180_000 }, () => {
  let built: BuiltConsole;
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    built = await openBuiltConsole();
    world = await openFilled();
    built.behind(world.fixture.server.url);
    browser = await openBrowser();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await built?.[Symbol.asyncDispose]();
    await world?.fixture[Symbol.asyncDispose]();
  });

  it("shows the curl of what was just done, and it does the same", async () => {
    const { server } = world.fixture;
    const context = await browser.newContext({ reducedMotion: "reduce" });
    await using page = await context.newPage();
    const link = new URL(await server.signInLink());
    await page.goto(built.url + link.pathname + link.hash);
    await page.getByRole("navigation", { name: "Pages" }).waitFor({ timeout: SETTLED_MS });
    await page.goto(`${built.url}/faults/${world.fault}`);
    await page.getByRole("button", { name: "Mute" }).click();
    await page.getByRole("button", { name: "curl" }).click();
    const dialog = page.getByRole("dialog", { name: "What this tab has sent, as curl" });
    const shown = (await dialog.locator("pre, code").filter({ hasText: "curl -X" }).first().textContent()) ?? "";
    expect(shown).toContain("/v1/faults/triage");
    await server.kernel.faults.triage(world.fault, { action: "reopen" });
    expect(await paste(shown, server.token)).toMatchObject({ status: 200, body: { results: [{ error: null }] } });
    expect((await server.kernel.faults.detail(world.fault)).fault.status).toBe("muted");
    await context.close();
  });

  it("verifies the ledger in the tab, since a kept checkpoint too, finds entries, and saves a proof", async () => {
    const { server } = world.fixture;
    const headers = { authorization: `Bearer ${server.token}` };
    const read = async (path: string) => (await fetch(server.url + path, { headers })).text();
    await expect.poll(() => read("/ledger/checkpoint"), { timeout: SETTLED_MS }).toContain("\n\n");
    const [kept, vkey] = [await read("/ledger/checkpoint"), await read("/ledger/vkey")];
    const context = await browser.newContext({ reducedMotion: "reduce", acceptDownloads: true });
    await using page = await context.newPage();
    const link = new URL(await server.signInLink());
    await page.goto(built.url + link.pathname + link.hash);
    await page.getByRole("navigation", { name: "Pages" }).waitFor({ timeout: SETTLED_MS });
    await page.goto(`${built.url}/entries`);
    await page.getByText("Since a checkpoint that you kept").click();
    await page.getByRole("textbox", { name: /^One line of/ }).fill(kept);
    await page.getByRole("button", { name: "Verify in this tab" }).click();
    await page.getByText("Verified in this tab.").waitFor({ timeout: SETTLED_MS });
    await page.getByText(/^.*are what the kept checkpoint speaks of/).waitFor();
    const changed = page.getByText("verify once more");
    expect(await changed.count()).toBe(0);
    await page.getByRole("textbox", { name: /^One line of/ }).fill(kept.replace(/\n\d+\n/, "\n1\n"));
    // What stands there is about the other one, and says so; the text that was pasted stays.
    await changed.waitFor();
    await page.getByRole("button", { name: "Verify in this tab" }).click();
    await page.getByText("does not carry this key’s signature").waitFor({ timeout: SETTLED_MS });
    await page.getByRole("combobox", { name: "Type" }).selectOption("genesis");
    await expect.poll(() => page.locator("ol details").count()).toBe(1);
    expect(page.url()).toContain("type=genesis");
    await page.locator("ol summary").click();
    const [saved] = await Promise.all([
      page.waitForEvent("download", (each) => each.suggestedFilename() === "entry-0.tlog-proof"),
      page.getByRole("button", { name: "Save its proof" }).click(),
    ]);
    const [genesis] = await server.kernel.ledger.entries(0, 1);
    const proof = readFileSync(await saved.path());
    expect(verifyProof(proof, Buffer.from(genesis?.entry ?? ""), parseVkey(vkey)).index).toBe(0);
    await context.close();
  });

  it("says yes beforehand and takes it back, drills a trigger, and trusts an envelope one stage further", async () => {
    const { server } = world.fixture;
    const context = await browser.newContext({ reducedMotion: "reduce" });
    await using page = await context.newPage();
    const link = new URL(await server.signInLink());
    await page.goto(built.url + link.pathname + link.hash);
    await page.getByRole("navigation", { name: "Pages" }).waitFor({ timeout: SETTLED_MS });
    await page.goto(`${built.url}/triggers/approvals`);
    const before = page.getByRole("listitem").filter({ hasText: "for whichever trigger asks in default" });
    await before.getByRole("button", { name: "Take back…" }).click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await before.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Approve beforehand…" }).click();
    const dialog = page.getByRole("dialog", { name: "Approve beforehand" });
    await dialog.getByLabel("Who may ask").selectOption("default/restart-api");
    // What it would do is filled in, and may be said otherwise.
    await expect.poll(() => dialog.getByLabel("Target").inputValue()).toBe("program:api");
    await dialog.getByLabel("Target").fill("program:nobody");
    await dialog.getByLabel("Why").fill("the new disk is in");
    await dialog.getByRole("button", { name: "Approve it once" }).click();
    await dialog.getByText(/Nothing was approved\..*nobody/).waitFor();
    await dialog.getByLabel("Target").fill("program:api");
    await dialog.getByRole("button", { name: "Approve it once" }).click();
    await page.getByRole("listitem").filter({ hasText: "for restart-api in default" }).waitFor();
    await page.getByLabel("Which").selectOption("all");
    await before.getByText("taken back").waitFor();
    const stageOf = async () =>
      (await server.kernel.envelopes.list()).find(({ probe }) => probe === "cache")?.stage ?? null;
    expect(await stageOf()).toBe("propose");
    await page.goto(`${built.url}/triggers`);
    await page.getByRole("button", { name: "Drill… restart-api" }).click();
    await page.getByRole("button", { name: "Drill it" }).click();
    // It is paused, so what it does is not proven.
    await page.getByText(/Nothing is proven.*the project or its trigger is paused/).waitFor();
    await page.goto(`${built.url}/triggers/envelopes`);
    await page.getByRole("button", { name: "Trust it more… cache" }).click();
    await page.getByLabel("Why").fill("it held ten times");
    await page.getByRole("button", { name: "From propose to approve" }).click();
    await page.getByText(/it began at propose and is at approve since .*: it held ten times/).waitFor();
    expect(await stageOf()).toBe("approve");
    await context.close();
  });

  it("lets an operator of one project pause and plan there, and offers no other project", async () => {
    const { kernel } = world.fixture.server;
    const context = await browser.newContext({ reducedMotion: "reduce" });
    await using page = await context.newPage();
    await page.goto(built.url + (await invite(world.fixture, "bill", "operator", "billing")));
    await page.getByRole("button", { name: "Accept the invitation" }).click();
    await page.getByRole("heading", { name: "Where you are signed in" }).waitFor({ timeout: SETTLED_MS });
    await page.goto(`${built.url}/triggers/pauses`);
    const offered = async () => page.getByRole("combobox", { name: "Project" }).locator("option").allTextContents();
    await page.getByRole("button", { name: "Pause a project…" }).click();
    expect(await offered()).toEqual(["billing"]);
    await page.getByRole("textbox", { name: "Why" }).fill("books are closed");
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByText("books are closed").first().waitFor({ timeout: SETTLED_MS });
    await page.getByRole("button", { name: "Plan maintenance…" }).click();
    expect(await offered()).toEqual(["billing"]);
    await page.getByRole("textbox", { name: "Why" }).fill("a new disk for the books");
    await page.getByRole("button", { name: "Plan it" }).click();
    await page.getByText("a new disk for the books").first().waitFor({ timeout: SETTLED_MS });
    expect((await kernel.pauses.list()).filter(({ project_id: project }) => project === "billing")).toHaveLength(1);
    await page.goto(`${built.url}/escalations/away`);
    await page.getByRole("button", { name: "All reviewed…" }).click();
    await page.getByRole("button", { name: "All reviewed", exact: true }).click();
    await page.getByText("Reviewed last").waitFor({ timeout: SETTLED_MS });
    const { reviewed_at: reviewed } = await kernel.away.look({ since: null, project: "billing", sees: null });
    expect(reviewed).not.toBeNull();
    expect((await kernel.away.look({ since: null, project: null, sees: null })).reviewed_at).toBeNull();
    await context.close();
  });

  it("offers a viewer nothing that would be refused, and says why not", async () => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    await using page = await context.newPage();
    const refused: string[] = [];
    page.on("response", (answer) => {
      if (answer.status() === 403) refused.push(`${answer.request().method()} ${new URL(answer.url()).pathname}`);
    });
    await page.goto(built.url + (await invite(world.fixture, "vera", "viewer")));
    await page.getByRole("button", { name: "Accept the invitation" }).click();
    await page.getByRole("heading", { name: "Where you are signed in" }).waitFor({ timeout: SETTLED_MS });
    const said = async () => (await world.fixture.server.kernel.faults.detail(world.fault)).changes.length;
    const before = await said();
    const grey: string[] = [];
    const paths = [
      "/",
      `/faults/${world.fault}`,
      "/escalations",
      `/escalations/${world.question}`,
      "/programs",
      "/escalations/away",
      `/escalations/sprints/${world.sprint}`,
      "/triggers",
      "/triggers/envelopes",
      "/triggers/pauses",
      "/triggers/approvals",
      "/triggers/rehearsal",
      "/triggers/plugins",
      `/timeline/${world.story}`,
      "/probes",
      "/settings/messages",
      `/releases/${world.release}`,
      "/entries",
      "/settings",
    ];
    for (const path of paths) {
      await page.goto(built.url + path);
      await page.locator("h1").first().waitFor({ state: "attached", timeout: SETTLED_MS });
      // A page that has not begun to ask for anything looks as one that has all of it.
      for (const look of [1, 2]) {
        await page.waitForFunction(() => document.querySelector(".progress-line, main.invisible") === null);
        if (look === 1) await page.waitForTimeout(250);
      }
      if (path === "/") await page.locator("[data-select='0']").check();
      grey.push(...(await pressAll(page)));
    }
    expect(refused).toEqual([]);
    for (const name of [
      "Resolve",
      "Assign…",
      "Take back",
      "Restart once",
      "Stop…",
      "Stop all remedies…",
      "Pause…",
      "Allow more…",
      "Pause a project…",
      "Plan maintenance…",
      "Resume",
      "End it",
      "Drill…",
      "Turn it on…",
      "Trust it more…",
      "Trust it less…",
      "Approve beforehand…",
      "Take back…",
      "Rehearse",
      "All reviewed…",
      "Look now",
      "Send a test",
      "Seen",
      "Write a rule…",
    ])
      expect([name, grey.some((each) => each.startsWith(name))]).toEqual([name, true]);
    expect(await said()).toBe(before);
    await context.close();
  });
});

/** Presses every button of a page's main part, and those of what each opens; gives the texts of the grey ones. */
async function pressAll(page: import("playwright-core").Page): Promise<string[]> {
  return page.evaluate(async () => {
    const grey: string[] = [];
    const drawn = () => new Promise((resolve) => setTimeout(resolve, 60));
    const buttons = (root: ParentNode) => [...root.querySelectorAll<HTMLElement>("button, [role=menuitem]")];
    const isSafe = (each: HTMLElement) => !/sign out|sign in|^\s*(?:back|clear|close)/i.test(each.textContent ?? "");
    const count = buttons(document.querySelector("main") ?? document).length;
    for (let at = 0; at < count; at += 1) {
      const button = buttons(document.querySelector("main") ?? document)[at];
      if (button === undefined || !isSafe(button)) continue;
      if (button.ariaDisabled === "true") {
        if (button.title.includes("takes the role")) grey.push(button.textContent ?? "");
        continue;
      }
      button.click();
      await drawn();
      for (const inner of document.querySelectorAll("[role=dialog], [role=alertdialog], [role=menu]"))
        for (const each of buttons(inner).filter(isSafe)) {
          if (each.ariaDisabled !== "true" && each.isConnected) each.click();
          await drawn();
        }
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
      await drawn();
    }
    return grey;
  });
}
