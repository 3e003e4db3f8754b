import { expect, test } from "vitest";
import { helpText, readSlashCommand } from "./commands.ts";
import { commentKeyOf, errorComment, isBotEcho } from "./comments.ts";
import { readIdentifier } from "./identifier.ts";
import { UbiquityManifest } from "./manifest.ts";
import { route, type Happening, type ReadyPlugin, type WorkflowAllowlist } from "./route.ts";

function plugin(id: string, manifest: object, settings: Partial<ReadyPlugin["settings"]> = {}): ReadyPlugin {
  const read = readIdentifier(id);
  if (!read.ok) throw new Error(id);
  return {
    id,
    plugin: read.plugin,
    settings: { with: {}, runsOn: [], skipBotEvents: undefined, ...settings },
    manifest: UbiquityManifest.parse({ name: id, ...manifest }),
  };
}
const command = { description: "Says | `hello` to @team <b>.", "ubiquity:example": "/hello Ada" };
const greeter = plugin("acme/greeter", {
  commands: { hello: command },
  "ubiquity:listeners": ["issue_comment.created"],
});
const labels = plugin("acme/labels", { "ubiquity:listeners": ["issues", "issue_comment.created"] });
const chatty = plugin("acme/chatty", { "ubiquity:listeners": ["issues"], skipBotEvents: false });
const builds = plugin("acme/builds", {
  "ubiquity:listeners": ["workflow_run.completed", "check_run", "deployment_status"],
});
const narrowed = plugin("acme/narrow", { "ubiquity:listeners": ["issues"] }, { runsOn: ["issues.closed"] });
const all = [greeter, labels, chatty, builds, narrowed];

const none: WorkflowAllowlist = { plugins: [], repos: [] };
const happening = (event: string, more: Partial<Happening> = {}): Happening => ({
  event,
  repo: "acme/shop",
  isByBot: false,
  comment: null,
  ...more,
});
const comment = (body: string, authorType = "User") => ({
  event: "issue_comment.created",
  comment: { id: 1, body, authorType },
});
const ids = (of: Happening, allow = none) => route(of, all, allow).plugins.map(({ id }) => id);

test("whoever listens to an event gets each of its actions, unless its settings are narrower", () => {
  expect(ids(happening("issues.opened"))).toEqual(["acme/labels", "acme/chatty"]);
  expect(ids(happening("issues.closed"))).toEqual(["acme/labels", "acme/chatty", "acme/narrow"]);
  expect(ids(happening("issuesx.opened"))).toEqual([]);
});

test("what a bot did reaches those alone that want to hear of bots", () => {
  expect(ids(happening("issues.opened", { isByBot: true }))).toEqual(["acme/chatty"]);
});

test("a slash command reaches its owner and nobody else; an unknown one reaches nobody", () => {
  expect(ids({ ...happening(""), ...comment("  /hello Ada") })).toEqual(["acme/greeter"]);
  expect(ids({ ...happening(""), ...comment("/unknown") })).toEqual([]);
  expect(ids({ ...happening(""), ...comment("hello /hello") })).toEqual(["acme/greeter", "acme/labels"]);
});

test("/help is the kernel's own, and lists every command without letting its words out of their cells", () => {
  expect(route({ ...happening(""), ...comment("/help") }, all, none)).toEqual({ plugins: [], isHelp: true });
  const text = helpText(all);
  expect(text).toContain("| `/hello` |");
  expect(text).not.toMatch(/@team|<b>|[^\\]\| `hello/);
  expect(helpText([])).toBe("No plugin here has a command.");
});

test.each(["workflow_run.completed", "check_run.created", "deployment_status.created"])(
  "%s reaches a plugin only where plugin and repository are both listed",
  (event) => {
    expect(ids(happening(event))).toEqual([]);
    expect(ids(happening(event), { plugins: ["acme/builds"], repos: [] })).toEqual([]);
    expect(ids(happening(event), { plugins: [], repos: ["acme/shop"] })).toEqual([]);
    expect(ids(happening(event), { plugins: ["acme/builds"], repos: ["acme/other"] })).toEqual([]);
    expect(ids(happening(event), { plugins: ["acme/builds"], repos: ["acme/shop"] })).toEqual(["acme/builds"]);
  },
);

test("a bot's invocation and a bot's answer to a command are handed to nobody", () => {
  for (const body of ["/hello", 'x <!-- {"commentKind": "command-response"} -->', "a <!-- UbiquityOS - f"]) {
    expect(isBotEcho({ id: 1, body, authorType: "Bot" })).toBe(true);
    expect(isBotEcho({ id: 1, body, authorType: "User" })).toBe(false);
    expect(route({ ...happening(""), ...comment(body, "Bot") }, all, none)).toEqual({ plugins: [], isHelp: false });
  }
});

test.each([
  ["/hello", { name: "hello", rest: "" }],
  ["\n /hello@bot  a\nb ", { name: "hello", rest: "a\nb" }],
  ["/", null],
  ["/ hello", null],
  ["/a.b", null],
  ["say /hello", null],
])("reads %j as a command or not", (text, expected) => {
  expect(readSlashCommand(text)).toEqual(expected);
});

test("one comment event is one, whatever the case of its repository", () => {
  expect(commentKeyOf({ owner: "Acme", repo: "Shop", event: "issue_comment.created", comment: { id: 7 } })).toBe(
    "comment acme/shop/issue_comment.created/7",
  );
});

test("an error comment carries its metadata where programs find it, and nothing in it ends it early", () => {
  const metadata = { status: 502, raw: "--> <script> ``` --" };
  const text = errorComment({
    message: "no ``` way",
    caller: "greet",
    version: "abc123",
    instigator: "ada",
    runUrl: "https://example.com/run/1",
    metadata,
  });
  expect(text).toContain("<!-- UbiquityOS - greet - abc123 - @ada - https://example.com/run/1\n");
  const hidden = /<!-- UbiquityOS[^\n]*\n(?<json>[^]*)\n-->$/.exec(text)?.groups?.["json"] ?? "";
  expect(JSON.parse(hidden)).toEqual(metadata);
  expect(text.match(/-->/g)).toHaveLength(1);
  expect(text.match(/```/g)).toHaveLength(2);
});

test.each([
  ["acme/x", { workflowId: "compute.yml", ref: null }],
  ["acme/x:run.yml", { workflowId: "run.yml", ref: null }],
  ["acme/x@feat/a", { workflowId: "compute.yml", ref: "feat/a" }],
  ["https://worker.example.com/a", { type: "http", url: "https://worker.example.com/a" }],
])("%s is a plugin", (text, plugin) => {
  expect(readIdentifier(text)).toMatchObject({ ok: true, plugin: { id: text, ...plugin } });
});

test.each([
  ["acme", null],
  [" acme / x ", "acme/x"],
  ["https://github.com", null],
  ["worker.example.com", "https://worker.example.com"],
  ["https://user:word@worker.example.com", null],
])("%j is none", (text, nearest) => {
  const read = readIdentifier(text);
  if (text === "https://github.com") expect(read.ok).toBe(true);
  else expect(read).toMatchObject({ ok: false, nearest });
});
