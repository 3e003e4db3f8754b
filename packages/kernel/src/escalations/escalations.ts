import {
  PrunellaError,
  type Actor,
  type Decided,
  type Decision,
  type Escalation,
  type EscalationHold,
  type EscalationPage,
} from "@prunella/contract";
import { sql } from "kysely";
import { BY_DEFAULT, OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import { toAttempt } from "../attempts/row.ts";
import { ENVELOPE } from "../gate/envelope-book.ts";
import type { Gate } from "../gate/gate.ts";
import type { Remedies } from "../gate/remedy.ts";
import { readKillSwitch } from "../gate/switches.ts";
import { changeWith } from "../gate/ways.ts";
import type { Scrubber } from "@prunella/scrub";
import type { Signer } from "../ledger/note.ts";
import { resolveId } from "../store/resolve-id.ts";
import { addWork, POSTPONE_MS, setWork, workKind, type WorkKind } from "../work/kind.ts";
import type { Askers } from "./asker.ts";
import { APPROVAL_MS, decide } from "./decide.ts";
import { listEscalations } from "./list.ts";
import { approvedArgs, toEscalation } from "./row.ts";
import { hold, remind } from "./hold.ts";
import { useLink } from "./link.ts";
import { DECIDED, DEFAULT, REMIND } from "./work.ts";

/** How long a person waits for what the gate rules. */
const ANSWER_MS = 2_000;

const NOTHING_SAID = { refusal: null, detail: null, change_with: null, attempt_id: null };

export type EscalationDeps = Core & {
  readonly askers: Askers;
  readonly remedies: Remedies;
  readonly wake: () => void;
  readonly scrubText: Scrubber["scrubText"];
  /** Of the links in messages. */
  readonly signer: Signer;
};

/** What people ask and decide. */
export function createEscalations(deps: EscalationDeps) {
  const { db, writer, clock, newId, notices, askers } = deps;

  /** The attempt that a decision led to, as soon as the gate has ruled; null when it has not in time. */
  async function ruling(escalationId: string) {
    const until = clock.now() + ANSWER_MS;
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = clock.after(Math.max(1, until - clock.now()), resolve);
      const unsubscribe = notices.subscribe(({ topic }) => topic === "attempts" && resolve());
      const row = await db
        .selectFrom("self_heal_attempts")
        .selectAll()
        .where("because_id", "=", escalationId)
        .limit(1)
        .executeTakeFirst();
      if (!row && clock.now() < until) await promise;
      cancel();
      unsubscribe();
      if (row) return toAttempt(row);
      if (clock.now() >= until) return null;
    }
  }

  return {
    resolveId: (typed: string) => resolveId(db, "escalation_attempts", "escalation_id", typed),
    projectOf: async (typed: string): Promise<string> => {
      const id = await resolveId(db, "escalation_attempts", "escalation_id", typed);
      const row = await db
        .selectFrom("escalation_attempts")
        .select("project_id")
        .where("escalation_id", "=", id)
        .executeTakeFirstOrThrow();
      return row.project_id;
    },
    /** `sees`: only of these projects; null: of all. */
    list: (status: "open" | "all", sees: readonly string[] | null = null): Promise<EscalationPage> =>
      listEscalations(db, askers, clock.now(), status, sees),

    /** Seen, later, taken over: the question stays open. */
    async hold(
      escalationId: string,
      given: { readonly how: EscalationHold; readonly forMs: number | null; readonly link?: string | undefined },
      by: Actor = OPERATOR,
    ): Promise<Escalation> {
      const { link, how, forMs } = given;
      const row = await writer.run(async (tx) => {
        const now = clock.now();
        const held = await hold(tx, { now, newId, escalationId, how, forMs, by });
        if (link !== undefined) await useLink(tx, deps.signer, { now, escalationId, link });
        return held;
      });
      deps.publish("escalations", escalationId, row.version, row.target);
      deps.publish("ledger", "head");
      deps.wake();
      return toEscalation(row, askers);
    },

    /** Answers what the gate ruled, when it does so within two seconds. `reason` is kept scrubbed, beside the ledger. */
    async decide(
      escalationId: string,
      decision: Decision,
      by: Actor = OPERATOR,
      given: {
        readonly reason?: string | undefined;
        readonly forMs?: number | undefined;
        readonly link?: string | undefined;
      } = {},
    ): Promise<Decided> {
      const reason = given.reason?.trim() ?? "";
      const note = reason === "" ? null : deps.scrubText(reason).text.value;
      const kill = await readKillSwitch(db);
      const { row, acts } = await writer.run(async (tx) => {
        const now = clock.now();
        const { forMs = null } = given;
        const decided = await decide(tx, { now, newId, askers, escalationId, decision, by, note, forMs });
        if (given.link !== undefined) await useLink(tx, deps.signer, { now, escalationId, link: given.link });
        if (decided.acts && kill.on) {
          throw new PrunellaError("PRUNELLA_CONFLICT", {
            detail: "The kill switch is on: nothing acts.",
            hint: "Run `prunella unkill` first.",
          });
        }
        return decided;
      });
      deps.publish("escalations", escalationId, row.version, row.target);
      deps.publish("ledger", "head");
      const escalation = toEscalation(row, askers);
      deps.wake();
      if (!acts) return { verdict: "none", ...NOTHING_SAID, escalation };
      const attempt = await ruling(escalationId);
      if (attempt === null) return { verdict: "pending", ...NOTHING_SAID, escalation };
      const isRefused = attempt.state === "refused";
      return {
        verdict: isRefused ? "refused" : "permitted",
        refusal: attempt.refusal,
        detail: attempt.refusal_detail,
        change_with:
          attempt.refusal === null ? null : changeWith(attempt.refusal, deps.remedies.get(row.asker), row.project_id),
        attempt_id: attempt.id,
        escalation,
      };
    },
  };
}

/** What happens with a decision, or without one. */
export function decisions(
  deps: Core & {
    readonly askers: Askers;
    readonly gate: Gate;
    /** As for evaluations: whoever should be there is waited for. */
    readonly isExpected: (projectId: string, target: string) => Promise<boolean>;
  },
): WorkKind[] {
  const { db, writer, clock, newId, askers, gate } = deps;
  const read = (escalationId: string) =>
    db
      .selectFrom("escalation_attempts")
      .selectAll()
      .where("escalation_id", "=", escalationId)
      .executeTakeFirstOrThrow();

  return [
    workKind(DECIDED, async ({ projectId, payload, finish }) => {
      const row = await read(payload.escalation);
      const approvedUntil = row.approved_until ?? (row.decided_at ?? 0) + APPROVAL_MS;
      const approved = approvedArgs(row);
      const envelope = approved?.[ENVELOPE];
      if (clock.now() < approvedUntil && (await deps.isExpected(projectId, row.target))) {
        await writer.run(async (tx) => {
          finish(tx);
          addWork(tx, newId, { kind: DECIDED, projectId, dueAt: clock.now() + POSTPONE_MS, payload });
        });
        return;
      }
      const escalation = toEscalation(row, askers);
      await gate.ask(
        {
          projectId: row.project_id,
          subject: { kind: "person", id: escalation.decided_by?.id ?? "operator" },
          triggerId: row.trigger_id,
          action: row.asker,
          target: row.target,
          args: {},
          ...(approved === null ? {} : { approved }),
          // In the very envelope that the person was asked about.
          ...(typeof envelope === "string" ? { envelope } : {}),
          because: { kind: "escalation", id: row.escalation_id },
          faultId: row.fault_id,
          cause: escalation.cause,
          isAwaited: true,
          approvedUntil,
        },
        (tx) => finish(tx),
      );
    }),
    workKind(REMIND, async ({ payload, finish }) => {
      const isTold = await writer.run((tx) => {
        finish(tx);
        return remind(tx, { now: clock.now(), newId, escalationId: payload.escalation });
      });
      if (isTold) deps.publish("escalations", payload.escalation);
    }),
    workKind(DEFAULT, async ({ payload, finish }) => {
      const decided = await writer.run(async (tx) => {
        finish(tx);
        const open = await tx.db
          .selectFrom("escalation_attempts")
          .selectAll()
          .where("escalation_id", "=", payload.escalation)
          .where("status", "=", sql.lit("open"))
          .executeTakeFirst();
        if (!open) return null;
        // Somebody held it back since.
        if (open.expires_at > clock.now()) {
          const { project_id: projectId, expires_at: dueAt } = open;
          setWork(tx, `default.${payload.escalation}`, { kind: DEFAULT, projectId, dueAt, payload });
          return null;
        }
        return decide(tx, {
          now: clock.now(),
          newId,
          askers,
          escalationId: payload.escalation,
          decision: open.default_decision,
          by: BY_DEFAULT,
        });
      });
      if (!decided) return;
      deps.publish("escalations", payload.escalation, 0, decided.row.target);
      deps.publish("supervised", decided.row.target);
      deps.publish("ledger", "head");
    }),
  ];
}
