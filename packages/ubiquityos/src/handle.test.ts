import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import type { ConfiguredPlugin } from "./config/read.ts";
import { readIdentifier } from "./identifier.ts";
import type { DispatchHands } from "./dispatch/dispatch.ts";
import { createLogTrails } from "./failure/log-trail.ts";
import { failLater, handleDelivery, type Delivery, type HandleDeps, type Outcome } from "./handle.ts";
import { UbiquityManifest } from "./manifest.ts";
import type { ReadyPlugin } from "./route.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });

type Worker = (body: { stateId: string; eventName: string }) => { status: number; text: string } | Error;

const answers: Worker = ({ stateId }) => ({ status: 200, text: JSON.stringify({ stateId, output: {} }) });
const breaks: Worker = () => ({ status: 502, text: "secret-word broke" });
const unreachable: Worker = () => new Error("unreachable");

/** Workers by host name, each with the events it listens to. */
function setting(
  workers: Record<string, { listens: string[]; does: Worker; commands?: string[] }>,
  more: Partial<HandleDeps> = {},
) {
  const calls: [string, string][] = [];
  const noted: Outcome[] = [];
  const comments: string[] = [];
  const seen = new Set<string>();
  const url = (name: string) => `https://${name}.example.com`;
  const hands: DispatchHands = {
    post(to, body) {
      const name = new URL(to).hostname.split(".")[0] ?? "";
      const inputs = JSON.parse(body);
      calls.push([name, inputs.eventName]);
      const answer = workers[name]?.does(inputs) ?? new Error("no such host");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    startWorkflow: () => Promise.reject(new Error("none")),
    sleep: () => Promise.resolve(),
  };
  const clean = (text: string) => text.replaceAll("secret-word", "[removed]");
  const plugins = new Map(
    Object.keys(workers).map((name): [string, ConfiguredPlugin] => {
      const read = readIdentifier(url(name));
      if (!read.ok) throw new Error(name);
      return [url(name), { plugin: read.plugin, settings: { with: {}, runsOn: [], skipBotEvents: undefined } }];
    }),
  );
  let states = 0;
  const deps: HandleDeps = {
    clock: { now: () => 0 },
    environment: "dev",
    kernel: { repo: "acme/kernel", commit: null },
    privateKey: keys.privateKey,
    allow: { plugins: [], repos: [] },
    trails: createLogTrails({ now: () => 0 }, clean),
    clean,
    hands,
    config: () =>
      Promise.resolve({ plugins, sources: [{ owner: "acme", repo: "shop", path: "p", sha: "abc" }], mistakes: [] }),
    manifest: (id) => {
      const worker = workers[new URL(id).hostname.split(".")[0] ?? ""];
      const commands = Object.fromEntries(
        (worker?.commands ?? []).map((name) => [name, { description: name, "ubiquity:example": `/${name}` }]),
      );
      return Promise.resolve(
        UbiquityManifest.parse({ name: id, commands, "ubiquity:listeners": worker?.listens ?? [] }),
      );
    },
    local: () => Promise.resolve(null),
    admit: () => {
      states += 1;
      return Promise.resolve({
        ok: true,
        admitted: {
          stateId: `s-${states}`,
          authToken: "t",
          kernelToken: undefined,
          ref: "main",
          signal: AbortSignal.timeout(5_000),
        },
      });
    },
    isFirst: (key) => {
      const isNew = !seen.has(key);
      seen.add(key);
      return Promise.resolve(isNew);
    },
    noted: (outcome) => {
      noted.push(outcome);
      return Promise.resolve();
    },
    comment: (_of, text) => {
      comments.push(text);
      return Promise.resolve();
    },
    ...more,
  };
  return { deps, calls, noted, comments };
}

const opened: Delivery = {
  id: "d-1",
  event: "issues.opened",
  payload: { action: "opened" },
  owner: "acme",
  repo: "acme/shop",
  issueOrPr: 3,
  actor: "ada",
  isByBot: false,
  comment: null,
};

test("one plugin that fails stops none of the others of the same event", async () => {
  const { deps, calls, noted } = setting({
    first: { listens: ["issues"], does: breaks },
    second: { listens: ["issues"], does: unreachable },
    third: { listens: ["issues"], does: answers },
  });
  const outcomes = await handleDelivery(opened, deps);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "failed", "sent"]);
  expect(calls.map(([name]) => name)).toEqual(["first", "second", "third"]);
  expect(noted).toHaveLength(3);
});

test("what somebody had before is handed on again, also where its comment was noted: whom it was told of decides", async () => {
  const comment = { id: 5, body: "hello", authorType: "User" };
  const said: Delivery = { ...opened, event: "issue_comment.created", comment };
  const { deps, calls } = setting({ first: { listens: ["issue_comment"], does: answers } });
  await handleDelivery(said, deps);
  await handleDelivery({ ...said, id: "d-2" }, deps);
  expect(calls).toHaveLength(1);
  await handleDelivery(said, deps, true);
  expect(calls).toHaveLength(2);
});

test("each failure is told once to whoever listens to errors, with the dispatch's own state", async () => {
  const told: unknown[] = [];
  const { deps, calls } = setting({
    shop: { listens: ["issues"], does: breaks },
    hotfix: { listens: ["kernel.plugin_error"], does: (body) => (told.push(body), answers(body)) },
  });
  const [outcome] = await handleDelivery(opened, deps);
  expect(calls).toEqual([
    ["shop", "issues.opened"],
    ["hotfix", "kernel.plugin_error"],
  ]);
  expect(told).toHaveLength(1);
  expect(outcome).toMatchObject({
    kind: "failed",
    error: {
      stateId: "s-1",
      source: { environment: "dev" },
      plugin: { type: "http", id: "https://shop.example.com" },
      error: { category: "http", status: 502, message: "HTTP 502: [removed] broke" },
      context: { responseSnippet: "[removed] broke", retryCount: 0 },
      config: { sources: [{ repo: "acme/shop", sha: "abc" }] },
      logTrail: { requestId: "d-1", lines: expect.arrayContaining(["issues.opened in acme/shop"]) },
    },
  });
});

test("a failure while an error is told is noted in the trail and told to nobody", async () => {
  const { deps, calls, noted } = setting({
    shop: { listens: ["issues", "kernel.plugin_error"], does: breaks },
    hotfix: { listens: ["kernel.plugin_error"], does: breaks },
    watcher: { listens: ["kernel.plugin_error"], does: unreachable },
  });
  await handleDelivery(opened, deps);
  expect(calls.filter(([, event]) => event === "kernel.plugin_error").map(([name]) => name)).toEqual([
    "hotfix",
    "watcher",
  ]);
  // Kept, each with its own state, so that what was admitted for it ends.
  expect(noted.filter(({ kind }) => kind === "failed")).toHaveLength(3);
  expect(deps.trails.of("d-1")?.lines.join("\n")).toMatch(
    /kernel\.plugin_error to https:\/\/hotfix\.example\.com: failed, http/,
  );
  const asEvent = await handleDelivery({ ...opened, event: "kernel.plugin_error" }, deps);
  expect(asEvent.length).toBeGreaterThan(0);
  expect(calls.filter(([, event]) => event === "kernel.plugin_error")).toHaveLength(5);
});

test("our own handling that breaks is an error of the kernel", async () => {
  const { deps } = setting({}, { config: () => Promise.reject(new Error("secret-word of ours")) });
  expect(await handleDelivery(opened, deps)).toMatchObject([
    {
      kind: "failed",
      error: {
        plugin: { type: "kernel" },
        error: { category: "kernel", message: "[removed] of ours", stack: expect.any(String) },
      },
    },
  ]);
});

test("what nobody granted is refused, and is no failure", async () => {
  const { deps, calls } = setting(
    { shop: { listens: ["issues"], does: answers }, hotfix: { listens: ["kernel.plugin_error"], does: answers } },
    { admit: () => Promise.resolve({ ok: false, refusal: "not_granted" }) },
  );
  expect(await handleDelivery(opened, deps)).toEqual([
    { plugin: "https://shop.example.com", kind: "refused", refusal: "not_granted" },
  ]);
  expect(calls).toEqual([]);
});

const commented: Delivery = {
  ...opened,
  event: "issue_comment.created",
  comment: { id: 9, body: "/help", authorType: "User" },
};

test("the same comment event comes once, however often it is delivered", async () => {
  const { deps, calls } = setting({ shop: { listens: ["issue_comment"], does: answers, commands: ["hello"] } });
  const hello = { ...commented, comment: { id: 9, body: "/hello", authorType: "User" } };
  await handleDelivery(hello, deps);
  expect(await handleDelivery({ ...hello, id: "d-2" }, deps)).toEqual([]);
  await handleDelivery({ ...hello, id: "d-3", event: "issue_comment.edited" }, deps);
  expect(calls.map(([, event]) => event)).toEqual(["issue_comment.created", "issue_comment.edited"]);
});

test("/help is answered with the commands of all, and dispatched to nobody", async () => {
  const { deps, calls, comments } = setting({
    shop: { listens: ["issue_comment"], does: answers, commands: ["hello"] },
  });
  expect(await handleDelivery(commented, deps)).toEqual([]);
  expect(calls).toEqual([]);
  expect(comments).toEqual([expect.stringContaining("`/hello`")]);
});

test("a run that comes to nothing is told also where its configuration cannot be read any more", async () => {
  const { deps, noted } = setting({ shop: { listens: ["issues"], does: answers } });
  const [plugin] = await readyOf(deps);
  const failure = {
    category: "timeout",
    message: "late",
    status: null,
    stack: null,
    raw: null,
    responseSnippet: null,
    retryCount: 0,
  } as const;
  if (plugin === undefined) throw new Error("There is one.");
  await failLater({ plugin, stateId: "s-9", failure }, opened, {
    ...deps,
    config: () => Promise.reject(new Error("gone")),
  });
  expect(noted).toMatchObject([{ kind: "failed", error: { stateId: "s-9", error: { category: "timeout" } } }]);
});

test("of a configuration at most a hundred plugins are read", async () => {
  const workers = Object.fromEntries(
    Array.from({ length: 130 }, (_, at) => [`w${at}`, { listens: ["issues"], does: answers }]),
  );
  const { deps, calls } = setting(workers);
  await handleDelivery(opened, deps);
  expect(calls).toHaveLength(100);
});

async function readyOf(deps: HandleDeps): Promise<ReadyPlugin[]> {
  const { plugins } = await deps.config(opened);
  return Promise.all(
    [...plugins].map(async ([id, one]) => ({
      id,
      ...one,
      manifest: UbiquityManifest.parse(await deps.manifest(id, "d-1")),
    })),
  );
}

const saying = (body: string): Delivery => ({
  ...opened,
  event: "issue_comment.created",
  payload: { action: "created", comment: { body } },
  comment: { id: 9, body, authorType: "User" },
});

test("each way to fail is one error with its category, its own status and what came back", async () => {
  const ways: [string, Worker | null, Partial<HandleDeps>, object, object][] = [
    ["http", breaks, {}, { category: "http", status: 502 }, { responseSnippet: "[removed] broke" }],
    ["dispatch", unreachable, {}, { category: "dispatch", status: null, message: "unreachable" }, {}],
    ["validation", () => ({ status: 200, text: "no json" }), {}, { category: "validation", status: 200 }, {}],
    [
      "timeout",
      () => new Error("too late"),
      {
        admit: () =>
          Promise.resolve({
            ok: true,
            admitted: {
              stateId: "s-late",
              authToken: "t",
              kernelToken: undefined,
              ref: "main",
              signal: AbortSignal.abort(),
            },
          }),
      },
      { category: "timeout" },
      {},
    ],
    [
      "a handler of this server that throws",
      null,
      { local: () => Promise.resolve({ kind: "failed", stateId: "s-own", message: "secret-word threw" }) },
      { category: "dispatch", message: "[removed] threw", raw: null },
      {},
    ],
    [
      "a host that throws",
      null,
      { local: () => Promise.reject(new Error("gone")) },
      { category: "dispatch", message: "gone" },
      {},
    ],
  ];
  for (const [name, does, more, error, context] of ways) {
    const { deps, noted } = setting({ one: { listens: ["issues"], does: does ?? answers } }, more);
    const outcomes = await handleDelivery(opened, deps);
    expect(outcomes, name).toMatchObject([{ kind: "failed", error: { error, context } }]);
    expect(noted, name).toEqual(outcomes);
  }
});

test("a slash command that fails is told like any other dispatch, to its owner's account alone", async () => {
  const { deps, calls, noted } = setting({
    owner: { listens: [], does: breaks, commands: ["deploy"] },
    other: { listens: ["issues"], does: answers, commands: ["hello"] },
    hotfix: { listens: ["kernel.plugin_error"], does: answers },
  });
  const outcomes = await handleDelivery(saying("/deploy now"), deps);
  expect(outcomes).toMatchObject([
    {
      kind: "failed",
      error: { trigger: { githubEvent: "issue_comment.created" }, error: { category: "http", status: 502 } },
    },
  ]);
  expect(calls).toEqual([
    ["owner", "issue_comment.created"],
    ["hotfix", "kernel.plugin_error"],
  ]);
  expect(noted.filter(({ kind }) => kind === "failed")).toHaveLength(1);
});

test.each(["dev", "prod"] as const)("an error says in which environment it was: %s", async (environment) => {
  const { deps } = setting({ one: { listens: ["issues"], does: breaks } }, { environment });
  expect(await handleDelivery(opened, deps)).toMatchObject([
    {
      error: {
        source: { environment },
        config: { path: expect.stringContaining(environment === "dev" ? ".dev.yml" : "config.yml") },
      },
    },
  ]);
});
