/** A server with something of everything that pages show, made through its own doors. */
import { randomUUID } from "node:crypto";
import { RestartPolicy } from "@prunella/contract";
import { OPERATOR } from "@prunella/kernel";
import { createEnvelopeMaker } from "../../../bench/envelope.ts";
import { aCrash } from "../../../test/kernel-fixture.ts";
import { openServer, type ServerFixture } from "../../../test/end-to-end/server-fixture.ts";
import { installPlugins } from "./real-plugins.ts";

export interface World {
  readonly fixture: ServerFixture;
  readonly fault: string;
  readonly question: string;
  readonly release: string;
  /** Of an autofix that was refused. */
  readonly story: string;
  readonly sprint: string;
}

const FAULTS = 12;

/** Twelve faults, a program that is down and asks, one that runs, a rule, a view, and people with roles. */
export async function fill(fixture: ServerFixture): Promise<World> {
  const { server, key, api } = fixture;
  const say = async (path: string, body: object): Promise<void> => {
    const answer = await api(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
  };
  for (let at = 0; at < FAULTS; at += 1) {
    const envelope = createEnvelopeMaker(at).make(randomUUID().replaceAll("-", ""), Date.now() - at * 60_000);
    const answer = await fetch(`${server.url}/api/1/envelope/?sentry_key=${key}`, {
      method: "POST",
      body: Uint8Array.from(envelope),
    });
    if (!answer.ok) throw new Error(`an event was answered ${answer.status}`);
  }
  await say("/projects", { id: "billing", title: "Billing" });
  await say("/grouping-rules", { project: "default", when: { message: "timeout after *" }, group_as: "slow upstream" });
  await say("/views", { name: "what is fatal", filter: { level: "fatal" } });
  const port = server.supervisorPort;
  const once = RestartPolicy.parse({ budget: { max: 0, window_ms: 600_000 } });
  await port.announce({ name: "api", project: "default", pid: 9, policy: once });
  const { runId } = await port.announce({ name: "shop", project: "default", pid: 7, policy: once });
  await port.crash(runId, {
    event_id: randomUUID().replaceAll("-", ""),
    at: Date.now(),
    exit_code: 3,
    signal: null,
    stderr_tail: "FATAL: no cache",
    uptime_ms: 12,
    platform: "linux",
  });
  const held = await port.next(runId, null);
  if (held.kind !== "hold" || held.escalation_id === null) throw new Error(`${held.kind} instead of a question`);
  await exhaust(fixture);
  await installPlugins(fixture);
  const { faults } = await server.kernel.faults.list({ status: "all", limit: 50 });
  const fault = faults.find(({ title }) => title.includes("cart"))?.id ?? faults[0]?.id ?? "";
  await say("/faults/triage", { ids: [fault], triage: { action: "note", text: "seen before, after the last update" } });
  const { sprints } = await server.kernel.sprints.list({ all: false });
  const sprint = sprints.find(({ target }) => target === "program:batch")?.id ?? "";
  return { fixture, fault, question: held.escalation_id, release: "default/shop-api@4.18.2", story: STORY, sprint };
}

const STORY = "agent:one-story";

/** What was tried and did not help, and whatever a person can say beside the policy. */
async function exhaust({ server }: ServerFixture): Promise<void> {
  const { kernel } = server;
  const policy = RestartPolicy.parse({ budget: { max: 1, window_ms: 3_600_000 } });
  const { runId } = await kernel.supervised.announce({ projectId: "default", name: "batch", pid: 11, policy });
  await kernel.supervised.crash(runId, (target) => aCrash(target, { at: Date.now() }));
  const given = await kernel.supervised.next(runId, null);
  if (given.kind !== "restart") throw new Error(`no restart of batch: ${given.kind}`);
  await kernel.redeemTicket(given.permit_id, given.fence);
  await kernel.supervised.outcome(given.attempt_id, given.fence, "failed", null);
  await kernel.settle();
  const [projectId, triggerId, reason] = ["default", "restart-api", "the new disk is put in"];
  await kernel.pauses.add({ projectId, triggerId, reason, until: Date.now() + 7_200_000 }, OPERATOR);
  await kernel.pauses.override({ projectId, triggerId: "restart-batch", extra: 2, forMs: 3_600_000, reason }, OPERATOR);
  const window = { from: "22:00", to: "04:00", zone: "UTC" };
  await kernel.maintenance.add({ projectId, target: "program:api", window, reason }, OPERATOR);
  const yes = { id: null, projectId, triggerId: null, action: "restart", target: "program:api", forMs: null };
  await kernel.approvals.give({ ...yes, reason }, OPERATOR);
  await kernel.envelopes.autofix({
    projectId,
    probe: "cache",
    action: "command",
    target: "shop",
    reason: "The cache holds answers of yesterday.",
    subject: { kind: "person", id: "operator" },
    source: "operator",
    callerSessionId: STORY,
  });
}

/** Someone who came in by an invitation; its address signs a browser in. */
export async function invite(
  { server }: ServerFixture,
  name: string,
  role: "viewer" | "operator" | "owner",
  project: string | null = null,
): Promise<string> {
  const { code } = await server.kernel.access.addPerson({ name, email: null, role, project, by: OPERATOR });
  return `/invitation#code=${code}`;
}

/** What is watched, what may be fixed, and two ways to people, of which one leads nowhere. */
const WATCHED = {
  // Once is enough, so that a sprint is there.
  sprints: { count: 1 },
  envelopes: [
    {
      probe: "cache",
      actions: [{ do: "command", as: "clear_cache", targets: ["service:shop"], command: ["true"], check: ["true"] }],
    },
    { probe: "vercel", actions: [] },
  ],
  // Nobody is there, and nothing of the project fails by itself.
  forge: {
    kind: "gitea",
    base_url: "http://127.0.0.1:1",
    token: { env: "PATH" },
    webhook_secret: { env: "PATH" },
    triage: { repo: "acme/triage", public_repo: "acme/shop", projects: ["billing"] },
  },
  probes: [{ name: "disk", kind: "disk", every: "1h", settings: { path: "/" } }],
  heartbeats: [{ name: "nightly", every: "1d" }],
  notify: {
    channels: [
      { name: "desk", kind: "command", command: ["cat"] },
      { name: "nowhere", kind: "command", command: ["/no/such/program"] },
    ],
  },
};

export const openFilled = async (): Promise<World> => fill(await openServer(WATCHED));
