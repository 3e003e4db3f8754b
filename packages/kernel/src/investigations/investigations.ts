import { InvestigatorConfig, type DmStatus } from "@prunella/contract";
import { z } from "zod";
import { addAudit, type AuditDeps } from "../audit/audit.ts";
import type { Core } from "../core.ts";
import type { Autofix } from "../envelopes/autofix.ts";
import type { createEnvelopes } from "../envelopes/envelopes.ts";
import { configuredId } from "../gate/grants.ts";
import { tell } from "../notify/tell.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { addWork, setWork, workKind, type Item, type WorkKind } from "../work/kind.ts";
import { noteUse, rungOf, usedBy } from "./budget.ts";
import { converseWith, type Answer, type Converse } from "./converse.ts";
import {
  aboutOf,
  readDeltas,
  readHistory,
  readNeighbours,
  readReleases,
  scriptedMessage,
  type Gathered,
  type Wake,
} from "./gather.ts";
import { toldStatus } from "./told.ts";
import type { ToolName } from "./tools.ts";
import { INVESTIGATE, LOST } from "./work.ts";

export interface InvestigationDeps extends Core, AuditDeps {
  readonly autofix: Autofix;
  readonly envelopes: Pick<ReturnType<typeof createEnvelopes>, "list">;
  readonly config: () => InvestigatorConfig;
  readonly converse: Converse | null;
  readonly timeout: (ms: number) => AbortSignal;
  /** Whether a message of one goes to anybody, as the configuration stands. */
  readonly isHeard: (projectId: string, subject: string) => boolean;
  /** Hands the message over; the outbox of this installation unless a test says otherwise. */
  readonly send?: typeof tell;
}

/** One investigation of one sort of failure in so long. */
const DEBOUNCE_MS = 600_000;
/** Beside its own time: gathering, a fix that was asked for at the last moment, and writing down. */
const GRACE_MS = 180_000;
const MAX_SUMMARY = 20_000;
/** Whom the gate knows the investigator as. */
export const INVESTIGATOR = configuredId("investigator");

type Woken = z.infer<typeof INVESTIGATE.payload>;

/** Asks for an investigation in the unit that holds the finding; null when one was asked for lately. */
export async function requestInvestigation(
  tx: Tx,
  deps: AuditDeps,
  given: Omit<Wake, "sessionId">,
): Promise<string | null> {
  const { projectId, probe, category, target, at } = given;
  const [isFirst] = await rows(tx.db)`insert into investigation_wake (project_id, probe, category, woken_at)
    values (${projectId}, ${probe}, ${category}, ${at})
    on conflict (project_id, probe, category) do update set woken_at = excluded.woken_at
      where investigation_wake.woken_at <= ${at - DEBOUNCE_MS} returning 1`;
  if (!isFirst) return null;
  const session = `probe:${deps.newId()}`;
  addAudit(tx, deps, at, {
    projectId,
    about: aboutOf(given),
    seam: "probe.wake_requested",
    caller_session_id: session,
    source: "probe",
    details: { probe, category, target },
  });
  addWork(tx, deps.newId, {
    kind: INVESTIGATE,
    projectId,
    dueAt: at,
    payload: { session, probe, category, target, at },
  });
  return session;
}

/** What carries investigations out: each at most once, and each ends with a message. */
export function investigations(deps: InvestigationDeps): WorkKind[] {
  const { writer, clock } = deps;

  async function investigate({ projectId, payload, finish }: Item<Woken>): Promise<void> {
    const config = deps.config();
    // From here on it is begun: if this process dies, people hear that it was lost, and nobody begins it again.
    await writer.run((tx) => {
      finish(tx);
      const dueAt = clock.now() + config.timeout + GRACE_MS;
      setWork(tx, lostId(payload), { kind: LOST, projectId, dueAt, payload });
      return Promise.resolve();
    });
    const begun = clock.now();
    const wake: Wake = { ...payload, projectId, sessionId: payload.session };
    let hasFixed = false;
    const answer = await answerOf(deps, config, wake, () => (hasFixed = true)).catch((): Answer => ({
      kind: "fallback",
      reason: "engine_failed",
    }));
    await conclude(wake, answer, { durationMs: clock.now() - begun, hasFixed });
  }

  /** Writes what came of it, with the message in the same unit; when that cannot be handed over, without it. */
  async function conclude(
    wake: Wake,
    answer: Answer,
    { durationMs, hasFixed }: { durationMs: number; hasFixed: boolean },
  ): Promise<void> {
    const spent = await usedBy(deps.db, wake.projectId, wake.sessionId);
    const isAnswer = answer.kind === "answer";
    const write = (dm_status: DmStatus | null, isSent: boolean) =>
      writer.run(async (tx) => {
        const now = clock.now();
        if (!(await takeEnd(tx, wake))) return;
        addAudit(tx, deps, now, {
          projectId: wake.projectId,
          about: aboutOf(wake),
          seam: "probe.investigation_completed",
          caller_session_id: wake.sessionId,
          source: "reasoning",
          details: {
            probe: wake.probe,
            category: wake.category,
            model: spent.model ?? "none",
            input_tokens: spent.input_tokens,
            output_tokens: spent.output_tokens,
            cost_micros: spent.cost_micros,
            duration_ms: durationMs,
            summary: (isAnswer ? answer.text : fallbackText(wake, answer.reason)).slice(0, MAX_SUMMARY),
            dm_status,
            fallback_reason: isAnswer ? null : answer.reason,
            autofix_attempted: hasFixed,
          },
        });
        if (isSent)
          await (deps.send ?? tell)(tx, deps.newId, {
            kind: "investigation",
            projectId: wake.projectId,
            subject: wake.sessionId,
            at: now,
            once: wake.sessionId,
          });
      });
    const failed = toldStatus(isAnswer, false);
    // That it was sent nobody can say before a channel has answered.
    const status = deps.isHeard(wake.projectId, wake.sessionId) ? null : failed;
    await write(status, true).catch(() => write(failed, false));
    deps.publish("triggers", wake.probe);
  }

  return [
    workKind(INVESTIGATE, investigate),
    workKind(LOST, ({ projectId, payload }) =>
      conclude(
        { ...payload, projectId, sessionId: payload.session },
        { kind: "fallback", reason: "investigator_lost" },
        { durationMs: clock.now() - payload.at, hasFixed: false },
      ),
    ),
  ];
}

const lostId = ({ session }: { readonly session: string }): string => `lost.${session}`;

/**
 * An investigation ends once, also where whoever looks for lost ones comes while it ends, or a commit is answered
 * as if it had failed: whoever takes back what waits for its end is the one that ends it.
 */
async function takeEnd(tx: Tx, { projectId, sessionId }: Wake): Promise<boolean> {
  const taken = await rows(tx.db)`delete from work
    where project_id = ${projectId} and work_id = ${lostId({ session: sessionId })} returning 1`;
  return taken.length > 0;
}

/** What people are told when nobody answered; word for word, with the reason's code. */
const fallbackText = ({ probe, category, target }: Wake, reason: string): string =>
  `The investigation did not end with an answer (${reason}). What the probe ${probe} found stands: ${category} of ${target}.`;

async function answerOf(
  deps: InvestigationDeps,
  config: InvestigatorConfig,
  wake: Wake,
  onFix: () => void,
): Promise<Answer> {
  const { db, clock, writer } = deps;
  const asksProgram = config.kind === "command" && config.command.length > 0 && deps.converse !== null;
  const rung = asksProgram
    ? await rungOf(db, { now: clock.now(), ...wake, budget: config.budget })
    : ("detect_only" as const);
  if (rung === "stop") return { kind: "fallback", reason: "budget_exhausted" };
  const known = await deps.envelopes.list([wake.projectId]);
  const envelope = known.find((one) => one.probe === wake.probe) ?? null;
  const gathered: Gathered = {
    deltas: await readDeltas(db, wake),
    history: await readHistory(db, wake),
    releases: await readReleases(db, wake),
    neighbours: await readNeighbours(db, wake),
    envelope,
  };
  if (!asksProgram || rung === "detect_only" || deps.converse === null)
    return { kind: "answer", text: scriptedMessage(wake, gathered) };

  let mailed: string | null = null;
  const reads: Readonly<Record<string, unknown>> = {
    read_deltas: gathered.deltas,
    read_probe_history: gathered.history,
    read_releases: gathered.releases,
    read_neighbours: gathered.neighbours,
  };
  async function use(name: ToolName, input: unknown): Promise<unknown> {
    if (name === "mail_operator") {
      mailed = z.strictObject({ text: z.string() }).parse(input).text;
      return { ok: true };
    }
    if (name !== "autofix") return reads[name] ?? null;
    onFix();
    const { action, target, reason } = z
      .strictObject({ action: z.string(), target: z.string(), reason: z.string() })
      .parse(input);
    return deps.autofix({
      projectId: wake.projectId,
      subject: { kind: "grant", id: INVESTIGATOR },
      source: "reasoning",
      probe: wake.probe,
      action,
      target,
      reason,
      callerSessionId: wake.sessionId,
    });
  }

  const talk = deps.converse(config.command, deps.timeout(config.timeout));
  const brief = { probe: wake.probe, category: wake.category, target: wake.target, at: wake.at, envelope };
  const answer = await converseWith(talk, brief, rung, {
    tool: use,
    async used(usage) {
      await writer.run((tx) => {
        noteUse(tx, deps, { projectId: wake.projectId, sessionId: wake.sessionId, now: clock.now(), usage });
        return Promise.resolve();
      });
      return (await rungOf(db, { now: clock.now(), ...wake, budget: config.budget })) !== "stop";
    },
  });
  // What it mailed is its message, however it ended after that.
  return mailed === null ? answer : { kind: "answer", text: mailed };
}
