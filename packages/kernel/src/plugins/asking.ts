import { PrunellaError, Refusal, type Actor, type Args } from "@prunella/contract";
import { BY_DEFAULT } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Askers } from "../escalations/asker.ts";
import { decide } from "../escalations/decide.ts";
import type { EscalationRow } from "../escalations/row.ts";
import type { Escalate } from "../gate/episode.ts";
import type { Permit, Redeemer } from "../gate/permit.ts";
import { lockHead } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import type { PluginTableRow } from "./row.ts";
import { PLUGIN_CALL, targetOfPlugin } from "./trust.ts";

export interface AskingDeps extends Core {
  readonly escalate: Escalate;
  readonly askers: Askers;
  readonly redeemer: Redeemer;
  readonly wake: () => void;
}

/** Somebody who waits for an answer while a process waits for them. */
export const PATIENCE_MS = 900_000;
/** Questions of one plugin that stand open in a project: nobody floods an inbox from outside. */
const MOST_OPEN = 5;
/** Another server may have ruled: notices are heard at once, and looked for this often. */
const LOOK_MS = 2_000;

export type Answer =
  | { readonly kind: "yes"; readonly permit: Permit; readonly attemptId: string }
  /** The gate said no to what a person had said yes to. */
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly detail: string }
  | { readonly kind: "no"; readonly detail: string }
  /** Nobody answered, and whoever waited left the question open for those after it. */
  | { readonly kind: "left" };

/**
 * What a plugin may do only when a person says so: a question like any other, which pins the arguments; its yes goes
 * through the gate and serves once. Whoever asks waits for it.
 */
export function createAsking(deps: AskingDeps) {
  const { db, writer, clock, newId, notices, publish } = deps;

  /** In the unit of whoever asks. Null: too many wait already. */
  async function open(
    tx: Tx,
    given: {
      readonly projectId: string;
      readonly plugin: Pick<PluginTableRow, "name">;
      readonly args: Args;
      readonly invocationId: string;
      readonly requestedBy: Actor | null;
    },
  ): Promise<string | null> {
    const { projectId, args, invocationId, requestedBy } = given;
    const target = targetOfPlugin(given.plugin);
    await lockHead(tx);
    const standing = await openOf(tx, projectId, target);
    if (standing.length >= MOST_OPEN) return null;
    return deps.escalate(tx, {
      projectId,
      asker: PLUGIN_CALL,
      triggerId: null,
      faultId: null,
      target,
      reason: "awaiting_approval",
      cause: null,
      args,
      requestedBy: requestedBy?.kind === "person" ? requestedBy : null,
      about: `${invocationId} ${newId()}`,
    });
  }

  function told(escalationId: string): void {
    publish("escalations", escalationId);
    publish("ledger", "head");
    // Who is told of it waits in the outbox.
    deps.wake();
  }

  /**
   * Once somebody decided and the gate has ruled, or nobody did; a question that nobody waits for any more is closed.
   * `leaves`: then this one stops waiting, and the question stands.
   */
  async function answer(escalationId: string, signal: AbortSignal, leaves: AbortSignal | null = null): Promise<Answer> {
    const until = clock.now() + PATIENCE_MS;
    const heard = leaves === null ? signal : AbortSignal.any([signal, leaves]);
    for (;;) {
      if (leaves?.aborted === true) return { kind: "left" };
      const { promise, resolve } = Promise.withResolvers<void>();
      const hear = (): void => resolve();
      const cancel = clock.after(LOOK_MS, resolve);
      const stop = notices.subscribe(({ topic }) => (topic === "attempts" || topic === "escalations") && resolve());
      heard.addEventListener("abort", hear, { once: true });
      try {
        const found = await look(escalationId);
        if (found !== null) return found;
        if (signal.aborted || clock.now() >= until) {
          await withdraw(escalationId);
          const late = await look(escalationId);
          return late ?? { kind: "no", detail: "Nobody waits for the answer any more." };
        }
        await promise;
      } finally {
        heard.removeEventListener("abort", hear);
        cancel();
        stop();
      }
    }
  }

  async function look(escalationId: string): Promise<Answer | null> {
    const [asked] = await rows<EscalationRow>(
      db,
    )`select * from escalation_attempts where escalation_id = ${escalationId}`;
    if (asked === undefined) return { kind: "no", detail: "The question is gone." };
    if (asked.status === "open") return null;
    if (asked.approved_until === null)
      return {
        kind: "no",
        detail: asked.status === "expired" ? "Nobody said yes in time." : "A person was asked, and said no.",
      };
    const [attempt] = await rows<Tables["self_heal_attempts"]>(
      db,
    )`select * from self_heal_attempts where because_id = ${escalationId} and because_kind = 'escalation'`;
    if (attempt === undefined)
      return clock.now() > asked.approved_until ? { kind: "no", detail: "The yes came too late." } : null;
    if (attempt.refusal !== null)
      return {
        kind: "refused",
        refusal: Refusal.parse(attempt.refusal),
        detail: attempt.refusal_detail ?? "The gate refused it.",
      };
    const [permit] = await rows<Tables["permit"]>(
      db,
    )`select * from permit where project_id = ${attempt.project_id} and attempt_id = ${attempt.attempt_id}`;
    if (permit === undefined) return { kind: "no", detail: "What was permitted is gone." };
    try {
      return {
        kind: "yes",
        permit: await deps.redeemer(permit.permit_id, permit.fence),
        attemptId: attempt.attempt_id,
      };
    } catch (error) {
      if (!(error instanceof PrunellaError)) throw error;
      return { kind: "no", detail: `A person said yes, and it could not be carried out: ${error.message}` };
    }
  }

  async function withdraw(escalationId: string): Promise<void> {
    await writer.run(async (tx) => {
      await lockHead(tx);
      const found = await rows<EscalationRow>(
        tx.db,
      )`select * from escalation_attempts where escalation_id = ${escalationId} and status = 'open'`;
      for (const one of found) await close(tx, deps, one);
    });
    told(escalationId);
  }

  return { open, told, answer, withdraw };
}
export type Asking = ReturnType<typeof createAsking>;

/** What an invocation that nobody carries on asked: no answer can change anything any more. */
export async function closeQuestionsOf(
  tx: Tx,
  deps: Pick<AskingDeps, "clock" | "newId" | "askers">,
  {
    projectId,
    name,
    invocationId,
  }: { readonly projectId: string; readonly name: string; readonly invocationId: string },
): Promise<void> {
  for (const one of await openOf(tx, projectId, targetOfPlugin({ name })))
    if (one.args !== null && JSON.parse(one.args).invocation === invocationId) await close(tx, deps, one);
}

const openOf = (tx: Tx, projectId: string, target: string): Promise<EscalationRow[]> =>
  rows<EscalationRow>(tx.db)`select * from escalation_attempts
    where project_id = ${projectId} and target = ${target} and asker = ${PLUGIN_CALL} and status = 'open' order by escalation_id`;

const close = (
  tx: Tx,
  deps: Pick<AskingDeps, "clock" | "newId" | "askers">,
  { escalation_id, default_decision }: EscalationRow,
) =>
  decide(tx, {
    now: deps.clock.now(),
    newId: deps.newId,
    askers: deps.askers,
    escalationId: escalation_id,
    decision: default_decision,
    by: BY_DEFAULT,
  });
