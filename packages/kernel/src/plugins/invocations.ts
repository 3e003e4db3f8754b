import { Actor, PrunellaError, type HeldBy, type Refusal } from "@prunella/contract";
import type { Scrubbed } from "@prunella/scrub";
import { z } from "zod";
import type { Core } from "../core.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { HOUR_MS, tally } from "../ledger/tally.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Askers } from "../escalations/asker.ts";
import { adoptParked, canGoOn, parkedWith } from "./adopting.ts";
import { closeQuestionsOf, PATIENCE_MS, type Asking } from "./asking.ts";
import { record } from "./authorize.ts";
import type { BrokerDenial } from "./call.ts";
import type { ConfirmArgs } from "./remedy.ts";
import { hexOf, type InvocationRow, type Known, type Manifests, type PluginTableRow } from "./row.ts";
import { allowedIn, callsOf, refusedIn, unpark, type Running } from "./running.ts";
import { areFirst, type Once } from "./seen.ts";
import { CAME_BEFORE, GONE, whyNot, type Barred } from "./standing.ts";

export interface InvocationDeps extends Core {
  readonly asking: Asking;
  readonly manifests: Manifests;
  readonly running: Map<string, Running>;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
}

export interface Asked {
  readonly projectId: string;
  readonly plugin: PluginTableRow;
  /** A command's name, or `event:` and one of an event. */
  readonly command: string;
  readonly via: InvocationRow["via"];
  readonly by: Actor;
  /** A person saw its arguments and said yes. */
  readonly isConfirmed: boolean;
  /** Where it wants a yes that nobody gave: a person is asked, about these arguments. */
  readonly asks?: {
    readonly argumentsDigest: string;
    readonly preview: string;
    /** The arguments themselves, where the scrubber leaves them as they are; null: it would not. */
    readonly kept: Scrubbed<unknown> | null;
  };
  readonly bindings: Readonly<Record<string, string>>;
  /** What lies in the store is what was installed; left out where its launch looks. */
  readonly isWhole?: boolean;
  /** Of the words behind a program's command. */
  readonly argv?: ArgvSummary;
  /** It begins only where none of these was seen, which is looked at when it begins: what never began may be asked for again. */
  readonly once?: readonly Once[];
  /** How long it may take; left out: as long as its command says, or as an event may. */
  readonly timeoutMs?: number;
}

/** So that equal command lines are known again without keeping them; over what the scrubber left of them. */
export interface ArgvSummary {
  readonly argc: number;
  readonly byte_length: number;
  readonly sha256: string;
}

export type Admission =
  | { readonly kind: "admitted"; readonly invocationId: string; readonly digest: string; readonly deadline: number }
  /** A person is asked once; nothing was written down. */
  | { readonly kind: "needs_confirmation"; readonly risk: string }
  | {
      readonly kind: "parked";
      readonly invocationId: string;
      readonly escalationId: string;
      readonly digest: string;
      readonly deadline: number;
    }
  | ({ readonly kind: "blocked"; readonly invocationId: string } & BrokerDenial);

export type InvocationEnd =
  | { readonly kind: "completed" }
  | { readonly kind: "failed"; readonly reason: "failed" | "cancelled" | "timeout" | "lost"; readonly detail: string }
  /** A hook said no, or the bundle is another than it was. */
  | { readonly kind: "blocked"; readonly refusal: Refusal | null; readonly detail: string };

/** Beyond the command's own time: its hooks, and the host's own steps. */
const GRACE_MS = 30_000;

/** From the question whether a command may run to what came of it: disabled, digest, scopes, confirmation, in this order. */
export function createInvocations(deps: InvocationDeps) {
  const { db, writer, clock, newId, running } = deps;

  async function admit(asked: Asked): Promise<Admission> {
    const { projectId, plugin, command } = asked;
    const known = await deps.manifests(db, plugin.plugin_id, plugin.digest);
    const own = known?.manifest.commands.find(({ name }) => name === command);
    const listener = known?.manifest.listens.find(({ event }) => `event:${event}` === command);
    if (!known || (!own && !listener))
      throw new PrunellaError("PRUNELLA_NOT_FOUND", {
        detail: `${plugin.name} has no command ${command}.`,
        hint: `It has ${known?.manifest.commands.map(({ name }) => name).join(", ") || "none"}.`,
      });
    const timeoutMs = asked.timeoutMs ?? own?.timeoutMs ?? 60_000;
    const needed = neededOf(known, command);
    const invocationId = newId();
    const result = await writer.run(async (tx): Promise<Admission> => {
      await lockHead(tx);
      const now = clock.now();
      const of = {
        project_id: projectId,
        plugin_id: plugin.plugin_id,
        digest: plugin.digest,
        isWhole: asked.isWhole,
      };
      const denial = await whyNot(tx, now, of, needed);
      const wants = own && (own.requiresConfirmation || own.risk === "destructive") && !asked.isConfirmed;
      if (denial === null && wants && asked.asks === undefined) return { kind: "needs_confirmation", risk: own.risk };
      const row: InvocationRow = {
        project_id: projectId,
        invocation_id: invocationId,
        plugin_id: plugin.plugin_id,
        digest: plugin.digest,
        command,
        via: asked.via,
        by_actor: canonicalJson(asked.by),
        confirmed: asked.isConfirmed && asked.by.kind === "person" ? 1 : 0,
        state: "admitted",
        admitted_at: now,
        ended_at: null,
        deadline: now + timeoutMs + GRACE_MS,
        calls: "[]",
        refusal: null,
        detail: null,
        progress: null,
        argv_summary: asked.argv === undefined ? null : JSON.stringify(asked.argv),
        parked_with: null,
        node_id: deps.nodeId,
        engine: null,
        audit_log_id: null,
      };
      if (denial === null) {
        if (wants && asked.asks) {
          const args: ConfirmArgs = {
            invocation: invocationId,
            plugin: plugin.plugin_id,
            artifact: plugin.digest,
            command,
            risk: own.risk,
            arguments_sha256: asked.asks.argumentsDigest,
            preview: asked.asks.preview,
          };
          const escalationId = await deps.asking.open(tx, {
            projectId,
            plugin,
            args,
            invocationId,
            requestedBy: asked.by,
          });
          if (escalationId === null) return { kind: "needs_confirmation", risk: own.risk };
          const deadline = row.deadline + PATIENCE_MS;
          const { kept } = asked.asks;
          const parked_with =
            kept === null
              ? null
              : parkedWith({
                  escalation: escalationId,
                  arguments: z.json().parse(kept.value),
                  bindings: { ...asked.bindings },
                });
          await tx.db
            .insertInto("plugin_invocation")
            .values({ ...row, state: "parked", deadline, parked_with })
            .execute();
          return { kind: "parked", invocationId, escalationId, digest: plugin.digest, deadline };
        }
        await tx.db.insertInto("plugin_invocation").values(row).execute();
        return { kind: "admitted", invocationId, digest: plugin.digest, deadline: row.deadline };
      }
      const { refusal } = denial;
      await tx.db
        .insertInto("plugin_invocation")
        .values({ ...row, state: "blocked", ended_at: now, refusal, detail: denial.detail })
        .execute();
      await noteBlocked(tx, now, { row, refusal, allowed: 0, refused: 0 });
      return { kind: "blocked", invocationId, ...denial };
    });
    if (result.kind === "parked") deps.asking.told(result.escalationId);
    if (result.kind === "admitted" || result.kind === "parked")
      running.set(invocationId, {
        invocationId,
        projectId,
        pluginId: plugin.plugin_id,
        digest: plugin.digest,
        bindings: asked.bindings,
        calls: 0,
        parked: 0,
        once: asked.once ?? [],
        // A program uses what it was granted by being started.
        uses: new Map(
          known.manifest.kind === "program"
            ? needed.map(({ scope }) => [scope, { allowed: 1, refused: 0, systems: new Set<string>() }])
            : [],
        ),
      });
    tell(plugin);
    return result;
  }

  /**
   * Waits for what a person says to it; null: they said yes, and it is as one that was confirmed. `left`: this server
   * ends while nobody has said anything, and whoever comes after it goes on with it.
   */
  async function confirmed(
    invocationId: string,
    escalationId: string,
    signal: AbortSignal,
    closing: AbortSignal | null = null,
  ): Promise<"left" | { readonly refusal: Refusal | null; readonly detail: string } | null> {
    const [row] = await rows<InvocationRow>(db)`select * from plugin_invocation where invocation_id = ${invocationId}`;
    const leaves = row !== undefined && canGoOn(row) ? closing : null;
    const given = leaves !== null || closing === null ? signal : AbortSignal.any([signal, closing]);
    const answer = await deps.asking.answer(escalationId, given, leaves);
    if (answer.kind === "left") {
      running.delete(invocationId);
      return "left";
    }
    // Taken for dead, this server may find that another goes on with it.
    const isOurs = (await ownerOf(invocationId)) === deps.nodeId;
    if (!isOurs) {
      running.delete(invocationId);
      return "left";
    }
    if (answer.kind === "no") return { refusal: null, detail: answer.detail };
    if (answer.kind === "refused") return answer;
    await writer.run(async (tx) => {
      await unpark(tx, invocationId);
      await tx.db
        .updateTable("plugin_invocation")
        .set({ confirmed: 1, parked_with: null })
        .where("invocation_id", "=", invocationId)
        .execute();
    });
    // What was approved is that it begins; what comes of it stands in its own entries.
    await record(deps, answer.attemptId, true);
    return null;
  }

  const ownerOf = async (invocationId: string): Promise<string | null> =>
    (await rows<InvocationRow>(db)`select * from plugin_invocation where invocation_id = ${invocationId}`)[0]
      ?.node_id ?? null;

  /**
   * Its hooks let it pass: from here on it runs, and the ledger says so before. It may have waited since it was
   * admitted, so what stands against it is asked anew; null: nothing does.
   */
  async function begin(invocationId: string, engine: HeldBy | null): Promise<Barred | null> {
    return writer.run(async (tx) => {
      await lockHead(tx);
      const row = await readOne(tx, invocationId);
      if (row?.state !== "admitted")
        throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "The invocation has begun or ended already." });
      const known = await deps.manifests(tx.db, row.plugin_id, row.digest);
      if (known === null) return GONE;
      const denial = await whyNot(tx, clock.now(), row, neededOf(known, row.command));
      if (denial !== null) return denial;
      const once = running.get(invocationId)?.once ?? [];
      if (!(await areFirst(tx, clock.now(), row.project_id, once))) return CAME_BEFORE;
      const index = await appendLedger(tx, {
        v: 1,
        at: clock.now(),
        type: "plugin_invoked",
        project: row.project_id,
        plugin: row.plugin_id,
        artifact_sha256: hexOf(row.digest),
        invocation: invocationId,
        command: row.command,
        engine,
        by: Actor.parse(JSON.parse(row.by_actor)),
      });
      await tx.db
        .updateTable("plugin_invocation")
        .set({ state: "running", audit_log_id: index, engine })
        .where("invocation_id", "=", invocationId)
        .execute();
      return null;
    });
  }

  async function end(invocationId: string, how: InvocationEnd): Promise<void> {
    const ran = running.get(invocationId) ?? null;
    await writer.run(async (tx) => {
      await lockHead(tx);
      const row = await readOne(tx, invocationId);
      if (row && row.ended_at === null) await endRow(tx, deps, row, how, ran);
    });
    running.delete(invocationId);
    deps.publish("plugins", ran?.pluginId ?? invocationId);
    deps.publish("ledger", "head");
  }

  /** It waited for a person and cannot go on, whatever they say: nobody is asked any more. */
  async function abandon(invocationId: string, escalationId: string, detail: string): Promise<void> {
    await deps.asking.withdraw(escalationId);
    await end(invocationId, { kind: "failed", reason: "lost", detail });
  }

  /** How far it is; what it says of itself is scrubbed. */
  async function progress(invocationId: string, said: string): Promise<void> {
    const text = deps.scrubText(said).text.value.slice(0, 300);
    await writer.run(async (tx) => {
      await tx.db
        .updateTable("plugin_invocation")
        .set({ progress: text })
        .where("invocation_id", "=", invocationId)
        .where("ended_at", "is", null)
        .execute();
    });
    deps.publish("plugins", running.get(invocationId)?.pluginId ?? invocationId);
  }

  /** What a run leaves in the ledger for whoever holds the rest: a hash, and no word. Null: it has ended. */
  async function note(
    invocationId: string,
    given: { readonly what: "digest" | "provenance"; readonly sha256: string },
  ): Promise<number | null> {
    const index = await writer.run(async (tx) => {
      await lockHead(tx);
      const row = await readOne(tx, invocationId);
      if (row === undefined || row.ended_at !== null) return null;
      return appendLedger(tx, {
        v: 1,
        at: clock.now(),
        type: "plugin_noted",
        project: row.project_id,
        plugin: row.plugin_id,
        invocation: invocationId,
        ...given,
      });
    });
    deps.publish("ledger", "head");
    return index;
  }

  function tell(plugin: PluginTableRow): void {
    deps.publish("plugins", plugin.plugin_id);
    deps.publish("ledger", "head");
  }

  return { admit, adopt: () => adoptParked(deps, running), abandon, confirmed, begin, end, progress, note };
}

const readOne = async (tx: Tx, invocationId: string): Promise<InvocationRow | undefined> =>
  (await rows<InvocationRow>(tx.db)`select * from plugin_invocation where invocation_id = ${invocationId}`)[0];

/**
 * What has to be granted before it begins. A program asks for nothing while it runs, so what its command and its
 * blocking hooks list is needed at once; what others use is held to their grants call by call.
 */
function neededOf({ manifest, requests }: Known, command: string): Known["requests"] {
  const uses = manifest.commands.find(({ name }) => name === command)?.uses ?? [];
  const blocking = manifest.program?.hooks.filter(({ failure }) => failure === "fail_closed") ?? [];
  const listed = manifest.kind === "program" ? [...uses, ...blocking.flatMap((hook) => hook.uses)] : [];
  return requests.filter(({ scope, required }) => required || listed.includes(scope));
}

async function endRow(
  tx: Tx,
  { clock, scrubText }: Pick<InvocationDeps, "clock" | "scrubText">,
  row: InvocationRow,
  how: InvocationEnd,
  ran: Running | null,
): Promise<void> {
  const now = clock.now();
  const of = { project: row.project_id, plugin: row.plugin_id, invocation: row.invocation_id };
  const allowed = ran ? allowedIn(ran) : 0;
  const refused = ran ? refusedIn(ran) : 0;
  const detail = how.kind === "completed" ? null : scrubText(how.detail).text.value.slice(0, 2_000);
  const refusal = how.kind === "blocked" ? how.refusal : null;
  // What has begun is not blocked any more: whatever stopped it, it failed.
  const isBlocked = how.kind === "blocked" && row.audit_log_id === null;
  await tx.db
    .updateTable("plugin_invocation")
    .set({
      state: how.kind === "completed" ? "completed" : isBlocked ? "blocked" : "failed",
      ended_at: now,
      calls: JSON.stringify(ran ? callsOf(ran) : []),
      refusal,
      detail,
      parked_with: null,
    })
    .where("invocation_id", "=", row.invocation_id)
    .execute();
  if (ran) await addUse(tx, now, row, ran);
  if (row.audit_log_id === null) return noteBlocked(tx, now, { row, refusal, allowed, refused });
  if (how.kind === "completed")
    await appendLedger(tx, {
      v: 1,
      at: now,
      type: "plugin_completed",
      ...of,
      allowed,
      refused,
      invoked: row.audit_log_id,
    });
  else
    await appendLedger(tx, {
      v: 1,
      at: now,
      type: "plugin_failed",
      ...of,
      command: row.command,
      allowed,
      refused,
      invoked: row.audit_log_id,
      reason: how.kind === "blocked" ? "failed" : how.reason,
      refusal,
    });
}

/** The first of a kind in an hour, and a sum of the others: nobody makes a log grow by asking for what is refused. */
async function noteBlocked(
  tx: Tx,
  now: number,
  given: {
    readonly row: InvocationRow;
    readonly refusal: Refusal | null;
    readonly allowed: number;
    readonly refused: number;
  },
): Promise<void> {
  const { row, refusal, allowed, refused } = given;
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const [earlier] = await rows(tx.db)`select 1 from plugin_invocation
    where plugin_id = ${row.plugin_id} and project_id = ${row.project_id} and admitted_at >= ${hour} and state = 'blocked'
      and coalesce(refusal, '') = ${refusal ?? ""} and invocation_id <> ${row.invocation_id} limit 1`;
  await tally(tx, row.project_id, `plugin_blocked.${refusal ?? "hook"}`, now);
  if (earlier !== undefined) return;
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "plugin_failed",
    project: row.project_id,
    plugin: row.plugin_id,
    invocation: row.invocation_id,
    command: row.command,
    allowed,
    refused,
    invoked: null,
    reason: "blocked",
    refusal,
  });
}

async function addUse(tx: Tx, now: number, row: InvocationRow, ran: Running): Promise<void> {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  for (const { scope, allowed, refused } of callsOf(ran))
    await rows(tx.db)`
      insert into plugin_use (project_id, plugin_id, scope, hour, allowed, refused, last_at)
      values (${row.project_id}, ${row.plugin_id}, ${scope}, ${hour}, ${allowed}, ${refused}, ${now})
      on conflict (project_id, plugin_id, scope, hour) do update set allowed = plugin_use.allowed + excluded.allowed,
        refused = plugin_use.refused + excluded.refused, last_at = excluded.last_at`;
}

/** Where nothing of it ran, only its arguments are gone: whoever asked may ask again. */
const lostWords = ({
  state,
  audit_log_id,
  namespace,
  command,
}: InvocationRow & { readonly namespace: string }): string =>
  state === "parked" && audit_log_id === null
    ? `The server that held its arguments ended, and they were not written down, because they hold what the scrubber takes out, or are too long. Nothing of it ran: run it again with prunella ${namespace} ${command}.`
    : "The server that ran it ended.";

/** What a node that is gone had begun: nobody can say how it ended. In the unit that buries the node. */
export async function loseInvocations(
  tx: Tx,
  deps: Pick<InvocationDeps, "clock" | "scrubText" | "newId"> & { readonly askers: Askers },
  nodeId: string,
): Promise<number> {
  await lockHead(tx);
  const left = await rows<InvocationRow & { readonly name: string; readonly namespace: string }>(
    tx.db,
  )`select i.*, p.name, p.namespace from plugin_invocation i join plugin p on p.plugin_id = i.plugin_id
    where i.node_id = ${nodeId} and i.ended_at is null order by i.invocation_id`;
  for (const row of left) {
    // It waits for a person and has begun nothing: the next server goes on with it.
    if (canGoOn(row)) continue;
    const { project_id: projectId, invocation_id: invocationId, name } = row;
    await closeQuestionsOf(tx, deps, { projectId, name, invocationId });
    await endRow(tx, deps, row, { kind: "failed", reason: "lost", detail: lostWords(row) }, null);
  }
  return left.length;
}
