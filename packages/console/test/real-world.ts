/** A server with something of everything that pages show, made through its own doors. */
import { randomUUID } from "node:crypto";
import { RestartPolicy } from "@prunella/contract";
import { OPERATOR } from "@prunella/kernel";
import { createEnvelopeMaker } from "../../../bench/envelope.ts";
import { openServer, type ServerFixture } from "../../../test/end-to-end/server-fixture.ts";

export interface World {
  readonly fixture: ServerFixture;
  readonly fault: string;
  readonly question: string;
  readonly release: string;
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
  const { faults } = await server.kernel.faults.list({ status: "all", limit: 50 });
  const fault = faults.find(({ title }) => title.includes("cart"))?.id ?? faults[0]?.id ?? "";
  await say("/faults/triage", { ids: [fault], triage: { action: "note", text: "seen before, after the last update" } });
  return { fixture, fault, question: held.escalation_id, release: "default/shop-api@4.18.2" };
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

/** What is watched, and two ways to people, of which one leads nowhere. */
const WATCHED = {
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
