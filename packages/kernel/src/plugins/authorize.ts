import { Actor, type Refusal } from "@prunella/contract";
import { covers, heldBy, SCOPES, type PluginManifest } from "@prunella/contract/plugins";
import { endAttempt, endWatch } from "../attempts/end.ts";
import type { Core } from "../core.ts";
import type { Gate } from "../gate/gate.ts";
import type { Redeemer } from "../gate/permit.ts";
import { lockHead } from "../ledger/append.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { PATIENCE_MS, type Asking } from "./asking.ts";
import type { Authorize, BrokerCall, BrokerDenial, BrokerVerdict, Waiting } from "./call.ts";
import type { CallArgs } from "./remedy.ts";
import type { Known, Manifests } from "./row.ts";
import { noteUse, park, unpark, type Running } from "./running.ts";
import { grantCommand, grantIdOf, PLUGIN_CALL, resourcesOf, targetOfPlugin } from "./trust.ts";

export interface AuthorizeDeps extends Core {
  readonly gate: Gate;
  readonly redeemer: Redeemer;
  readonly asking: Asking;
  readonly manifests: Manifests;
  readonly running: ReadonlyMap<string, Running>;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
}

/** What stands now about one call; each read anew, so that off beats on with the next call. */
interface Standing {
  readonly plugin_id: string;
  readonly name: string;
  readonly origin: string;
  readonly state: string;
  readonly command: string;
  readonly digest: string;
  readonly current: string;
  readonly deadline: number;
  readonly confirmed: number;
  readonly by_actor: string;
  readonly disabled: number | null;
  readonly scope: string | null;
  readonly resources: string | null;
  readonly expires_at: number | null;
}

/**
 * Declared, used by this command, granted, within this invocation and its budget; and of an effect on the outside
 * what the gate says. The one way from a call to its verdict: the broker asks nobody else.
 */
export function createAuthorize(deps: AuthorizeDeps): Authorize {
  /** Permits of one plugin are redeemed in their order: a newer one outruns those before it. */
  const lanes = new Map<string, Promise<unknown>>();

  return async (call, waiting) => {
    const running = deps.running.get(call.invocation);
    const verdict = running
      ? await decide(deps, lanes, running, call, waiting)
      : over("There is no such invocation here.");
    if (running) noteUse(running, call.scope, verdict.kind === "allowed", call.resource);
    return verdict;
  };
}

async function decide(
  deps: AuthorizeDeps,
  lanes: Map<string, Promise<unknown>>,
  running: Running,
  call: BrokerCall,
  waiting: Waiting | undefined,
): Promise<BrokerVerdict> {
  const now = deps.clock.now();
  const scopes = heldBy(call.scope);
  const found = await rows<Standing>(deps.db)`
    select p.plugin_id, p.name, p.origin, i.state, i.command, i.digest, p.digest as current, i.deadline, i.confirmed, i.by_actor,
      d.since as disabled, t.scope, t.resources, t.expires_at
    from plugin_invocation i join plugin p on p.plugin_id = i.plugin_id
      left join plugin_disabled d on d.name = p.name and d.origin = p.origin
      left join plugin_trust t on t.project_id = i.project_id and t.plugin_id = i.plugin_id and t.digest = i.digest and t.scope in (${scopes[0]}, ${scopes[1]})
    where i.invocation_id = ${call.invocation}`;
  const [standing] = found;
  if (!standing) return over("The plugin is not installed any more.");
  if (!["running", "admitted", "parked"].includes(standing.state)) return over("The invocation has ended.");
  if (now >= standing.deadline) return over("Its time is over.");
  const known = await deps.manifests(deps.db, standing.plugin_id, standing.digest);
  if (!known) return over("The plugin is not installed any more.");
  if (standing.disabled !== null)
    return denied("plugin_disabled", `${standing.name} is disabled.`, `prunella plugin enable ${standing.name}`);
  if (call.digest !== standing.digest)
    return denied("artifact_changed", "The bundle that runs is not the one that was invoked.", null);
  const { calls } = known.manifest.limits;
  running.calls += 1;
  if (running.calls > calls)
    return { kind: "budget", detail: `An invocation of ${standing.name} makes at most ${calls} calls.` };
  const declared = declaredOf(known, running, scopes, call.resource);
  if (declared === null) return undeclared(standing.name, known, scopes, call);
  if (!usesOf(known.manifest, standing.command).includes(declared.scope))
    return denied("not_used", `${standing.command} does not list ${declared.scope} in its uses.`, null);
  const row = found.find((one) => one.scope === declared.scope);
  const isOver = row?.expires_at != null && row.expires_at <= now;
  const granted = row?.resources == null || isOver ? [] : resourcesOf({ resources: row.resources });
  const covering = granted.find((one) => covers(declared.scope, [bound(one, running)], call.resource));
  if (covering === undefined)
    return denied(
      "not_granted",
      `${standing.name} is not trusted with ${declared.scope} of ${shown(deps, call.resource)}${isOver ? " any more" : ""}.`,
      grantCommand(standing.name, call.projectId, declared.scope, declared.resource),
    );
  const rule = SCOPES[declared.scope];
  if (rule?.risk === "destructive" && (standing.confirmed === 0 || call.isUnseen === true))
    return askPerson(deps, standing, call, { scope: declared.scope, coveredBy: covering }, { running, waiting });
  if (rule?.isEffect !== true) return { kind: "allowed", permit: null };
  const before = lanes.get(standing.plugin_id) ?? Promise.resolve();
  const turn = before.then(() => askGate(deps, standing, call, { scope: declared.scope, coveredBy: covering }));
  const settled = turn.catch(() => undefined);
  lanes.set(standing.plugin_id, settled);
  void settled.then(() => lanes.get(standing.plugin_id) === settled && lanes.delete(standing.plugin_id));
  return turn;
}

interface Covered {
  readonly scope: string;
  readonly coveredBy: string;
}

const pinned = (deps: AuthorizeDeps, standing: Standing, call: BrokerCall, by: Covered): CallArgs => ({
  invocation: call.invocation,
  plugin: standing.plugin_id,
  artifact: standing.digest,
  method: call.method,
  scope: by.scope,
  resource: shown(deps, call.resource),
  covered_by: by.coveredBy,
  arguments_sha256: call.argumentsDigest,
  preview: previewOf(deps, call.preview ?? ""),
});

/** Parks the invocation until a person has answered exactly this, or its patience is over. */
async function askPerson(
  deps: AuthorizeDeps,
  standing: Standing,
  call: BrokerCall,
  by: Covered,
  { running, waiting }: { readonly running: Running; readonly waiting: Waiting | undefined },
): Promise<BrokerVerdict> {
  const args = pinned(deps, standing, call, by);
  const needs = (escalationId: string | null, detail: string): BrokerVerdict => ({
    kind: "needs_approval",
    escalationId,
    detail,
  });
  const why = `${by.scope} is destructive, and nobody confirmed ${call.isUnseen === true ? "exactly this" : "this invocation"}.`;
  if (waiting === undefined) return needs(null, why);
  const escalationId = await deps.writer.run(async (tx) => {
    const asked = await deps.asking.open(tx, {
      projectId: call.projectId,
      plugin: standing,
      args,
      invocationId: call.invocation,
      requestedBy: Actor.parse(JSON.parse(standing.by_actor)),
    });
    if (asked !== null) await park(tx, call.invocation, PATIENCE_MS);
    return asked;
  });
  if (escalationId === null) return needs(null, `Too much of ${standing.name} waits for a person already.`);
  deps.asking.told(escalationId);
  running.parked += 1;
  waiting.begins();
  try {
    const answer = await deps.asking.answer(escalationId, waiting.signal);
    if (answer.kind === "left") return over("Its server ends.");
    if (answer.kind === "yes")
      return { kind: "allowed", permit: answer.permit, done: (succeeded) => record(deps, answer.attemptId, succeeded) };
    if (answer.kind === "refused")
      return denied(answer.refusal, answer.detail, MENDS[answer.refusal]?.(standing.name) ?? null);
    return needs(escalationId, `${why} ${answer.detail}`);
  } finally {
    running.parked -= 1;
    waiting.ends();
    if (running.parked === 0) await deps.writer.run((tx) => unpark(tx, call.invocation));
  }
}

async function askGate(deps: AuthorizeDeps, standing: Standing, call: BrokerCall, by: Covered): Promise<BrokerVerdict> {
  const args = pinned(deps, standing, call, by);
  const verdict = await deps.gate.ask({
    projectId: call.projectId,
    subject: { kind: "grant", id: grantIdOf(standing.plugin_id) },
    triggerId: null,
    action: PLUGIN_CALL,
    target: targetOfPlugin(standing),
    args,
    because: { kind: "call", id: call.invocation },
    faultId: null,
    cause: null,
    isAwaited: true,
  });
  if (verdict.kind === "refused") {
    const { refusal, detail } = verdict.refused;
    if (refusal === "budget_exhausted") return { kind: "budget", detail };
    if (refusal === "awaiting_approval") return { kind: "needs_approval", escalationId: verdict.escalationId, detail };
    return denied(refusal, detail, MENDS[refusal]?.(standing.name) ?? null);
  }
  const permit = await deps.db
    .selectFrom("permit")
    .select(["permit_id", "fence"])
    .where("project_id", "=", call.projectId)
    .where("attempt_id", "=", verdict.attemptId)
    .executeTakeFirstOrThrow();
  return {
    kind: "allowed",
    permit: await deps.redeemer(permit.permit_id, permit.fence),
    done: (succeeded) => record(deps, verdict.attemptId, succeeded),
  };
}

/** What came of it. The plugin hears it and no person is asked; its quiet watch is over as it begins. */
export async function record(
  { writer, clock, publish }: Pick<AuthorizeDeps, "writer" | "clock" | "publish">,
  attemptId: string,
  succeeded: boolean,
): Promise<void> {
  await writer.run(async (tx) => {
    await lockHead(tx);
    const now = clock.now();
    const [attempt] = await rows<Tables["self_heal_attempts"]>(
      tx.db,
    )`select * from self_heal_attempts where attempt_id = ${attemptId}`;
    // Given up meanwhile: then that stands.
    if (attempt?.state !== "running") return;
    const isEnded = await endAttempt(tx, now, attempt, succeeded ? "succeeded" : "failed", succeeded ? now : null);
    if (isEnded && succeeded) await endWatch(tx, now, attempt, "held");
  });
  publish("attempts", attemptId);
}

function declaredOf({ requests }: Known, running: Running, scopes: readonly string[], resource: string) {
  for (const { scope, resources } of requests) {
    if (!scopes.includes(scope)) continue;
    const held = resources.find((one) => covers(scope, [bound(one, running)], resource));
    if (held !== undefined) return { scope, resource: held };
  }
  return null;
}

/** What this invocation is about stands in the place of `$event.repo`; where it is about none, nothing fits. */
const bound = (resource: string, { bindings }: Running): string =>
  resource.startsWith("$") ? (bindings[resource.slice(1)] ?? resource) : resource;

/** What a command lists; hooks run within it, and what they list counts with it. */
function usesOf(manifest: PluginManifest, command: string): string[] {
  const own = command.startsWith("event:")
    ? manifest.listens.filter(({ event }) => event === command.slice("event:".length))
    : manifest.commands.filter(({ name }) => name === command);
  return [...own, ...manifest.hooks].flatMap(({ uses }) => uses);
}

function undeclared(name: string, { requests }: Known, scopes: readonly string[], call: BrokerCall): BrokerVerdict {
  const same = requests.find(({ scope }) => scopes.includes(scope));
  return denied(
    "not_declared",
    same
      ? `${name} declares ${same.scope} of ${same.resources.join(", ")} and of nothing else.`
      : `${name} does not declare ${call.scope}; its manifest would have to ask for it.`,
    null,
  );
}

/** A resource as people may see it: without a query, after the scrubber. */
const shown = ({ scrubText }: AuthorizeDeps, resource: string): string =>
  scrubText((resource.split(/[?#]/, 1)[0] ?? "").slice(0, 300)).text.value;

/** Empty where it would not stay what it is: what is pinned is compared. */
function previewOf({ scrubText }: AuthorizeDeps, said: string): string {
  const clean = (text: string): string => scrubText(text).text.value;
  const cut = clean(said).slice(0, 500);
  return clean(cut) === cut ? cut : "";
}

const MENDS: Readonly<Partial<Record<string, (name: string) => string>>> = {
  killed: () => "prunella unkill",
  paused: () => "prunella pause --list",
  plugin_disabled: (name) => `prunella plugin enable ${name}`,
};

const denied = (
  refusal: Refusal | "not_declared" | "not_used",
  detail: string,
  mend: string | null,
): BrokerVerdict & BrokerDenial => ({
  kind: "denied",
  refusal,
  detail,
  mend,
});
const over = (detail: string): BrokerVerdict => ({ kind: "expired", detail });
