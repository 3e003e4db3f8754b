import {
  PrunellaError,
  type Actor,
  type CrashStanding,
  type FaultPromotion,
  type IssueDraft,
} from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Askers } from "../escalations/asker.ts";
import { withdrawQuestions } from "../escalations/decide.ts";
import { readFault } from "../faults/detail.ts";
import type { Gate } from "../gate/gate.ts";
import { lockHead } from "../ledger/append.ts";
import { rows } from "../store/rows.ts";
import type { Issuing } from "./port.ts";
import { PROMOTE_ISSUE, privateTarget, publicTarget, TRIAGE_ISSUE } from "./remedies.ts";
import {
  change,
  enter,
  lookAnew,
  lookSoon,
  readFacts,
  readRow,
  readStandings,
  toStanding,
  type PromotionRow,
} from "./rows.ts";
import { draftOf, privateDraft, publicDraft } from "./text.ts";

export type PromotionDeps = Core & {
  readonly askers: Askers;
  readonly issuing: Issuing | null;
  readonly gate: Gate;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
  readonly wake: () => void;
};

/** What a person says about a triaged fault. */
export type Said =
  | { readonly do: "file" }
  /** `sha256`: of what they saw; null: whatever would be sent now. */
  | { readonly do: "promote"; readonly sha256: string | null }
  | { readonly do: "confirm" }
  | { readonly do: "refuse" }
  | { readonly do: "fixed"; readonly release: string; readonly pull: string | null };

/** What came of it: an effect asks the gate first. */
export interface Came {
  readonly verdict: "done" | "failed" | "refused" | "pending";
  readonly refusal: string | null;
  readonly detail: string | null;
}

/** So long whoever said so waits for what comes of it. */
const WAIT_MS = 20_000;
const RELEASE_MAX = 200;
const PULL_MAX = 300;

/** Triaged faults, and what people say about them. */
export function createPromotions(deps: PromotionDeps) {
  const { db, writer, clock, issuing } = deps;
  const safe = (text: string): string => deps.scrubText(text).text.value;
  /** By the rules of this installation too; the digest is over what is sent. */
  const clean = ({ place, title, body }: IssueDraft): IssueDraft => draftOf(place, safe(title), safe(body));

  async function read(faultId: string): Promise<FaultPromotion> {
    const { project_id: projectId } = await readFault(db, faultId);
    const [standing] = await readStandings(db, { faultId, limit: 1 });
    const facts = issuing === null || standing === undefined ? null : await readFacts(db, faultId);
    const { settings } = issuing ?? {};
    return {
      project_id: projectId,
      fault_id: faultId,
      standing: standing === undefined ? null : toStanding(standing),
      private_draft:
        facts === null || settings === undefined || standing?.private_number != null
          ? null
          : clean(privateDraft(settings.repo, facts)),
      public_draft:
        facts === null || settings?.public_repo == null || standing?.public_number != null
          ? null
          : clean(publicDraft(settings.public_repo, facts, settings)),
    };
  }

  /** How the attempt ended, or that it has not in time. */
  async function ended(attemptId: string, faultId: string): Promise<Came> {
    const until = clock.now() + WAIT_MS;
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = clock.after(1_000, resolve);
      const stop = deps.notices.subscribe(({ topic }) => topic === "attempts" && resolve());
      try {
        const [attempt] = await rows<{ state: string }>(
          db,
        )`select state from self_heal_attempts where attempt_id = ${attemptId}`;
        const detail = (await readRow(db, faultId))?.trouble ?? null;
        if (attempt?.state === "succeeded") return { verdict: "done", refusal: null, detail: null };
        if (attempt !== undefined && ["failed", "expired", "abandoned"].includes(attempt.state))
          return { verdict: "failed", refusal: null, detail };
        if (clock.now() >= until) return { verdict: "pending", refusal: null, detail };
        await promise;
      } finally {
        cancel();
        stop();
      }
    }
  }

  async function effect(
    row: PromotionRow,
    by: Actor,
    action: string,
    target: string,
    args: Record<string, string>,
  ): Promise<Came> {
    const verdict = await deps.gate.ask({
      projectId: row.project_id,
      subject: { kind: "person", id: by.id ?? "operator" },
      triggerId: null,
      action,
      target,
      args,
      because: { kind: "call", id: deps.newId() },
      faultId: row.fault_id,
      cause: null,
      isAwaited: true,
    });
    deps.wake();
    if (verdict.kind === "refused")
      return { verdict: "refused", refusal: verdict.refused.refusal, detail: verdict.refused.detail };
    return ended(verdict.attemptId, row.fault_id);
  }

  async function note(
    faultId: string,
    by: Actor,
    changes: (row: PromotionRow) => readonly Omit<Parameters<typeof change>[2], "now" | "by">[],
  ): Promise<Came> {
    await writer.run(async (tx) => {
      await lockHead(tx);
      let row = await readRow(tx.db, faultId);
      if (row === null) throw notTriaged();
      const open = changes(row);
      // Whoever said no has answered what was asked.
      if (open.some((each) => each.change === "refused"))
        await withdrawQuestions(tx, {
          now: clock.now(),
          newId: deps.newId,
          askers: deps.askers,
          projectId: row.project_id,
          target: publicTarget(faultId),
        });
      for (const each of open) row = await change(tx, row, { ...each, now: clock.now(), by });
      lookSoon(tx, row.project_id, clock.now());
    });
    deps.publish("faults", faultId);
    deps.publish("escalations", faultId);
    deps.publish("ledger", "head");
    deps.wake();
    return { verdict: "done", refusal: null, detail: null };
  }

  return {
    /** Whether anything is triaged here. */
    isOn: () => issuing !== null,
    read,
    /** The most seen first. */
    async list(given: {
      readonly projects: readonly string[] | null;
      readonly limit: number;
    }): Promise<CrashStanding[]> {
      return (await readStandings(db, given)).map(toStanding);
    },

    async say(faultId: string, said: Said, by: Actor = OPERATOR): Promise<Came> {
      if (issuing === null)
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: "No repository is set where faults are triaged.",
          hint: "Set forge.triage in the configuration: docs/forge.md",
        });
      const { settings } = issuing;
      if (said.do === "file") await take(faultId);
      const row = await readRow(db, faultId);
      if (row === null) throw notTriaged();
      const confirmed = { change: "confirmed", set: { status: "confirmed" } } as const;
      switch (said.do) {
        case "file":
          return effect(row, by, TRIAGE_ISSUE, privateTarget(faultId), { step: "file", place: settings.repo });
        case "confirm":
          return note(faultId, by, ({ status, refused_at }) => [
            ...(status === "new" ? [confirmed] : []),
            ...(refused_at === null ? [] : [{ change: "allowed", set: { refused_at: null } } as const]),
            { change: "reproduced", set: { reproduced_at: clock.now() } },
          ]);
        case "refuse":
          if (row.public_filing !== null)
            throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "It is public already." });
          return note(faultId, by, ({ refused_at }) =>
            refused_at === null ? [{ change: "refused", set: { refused_at: clock.now() } }] : [],
          );
        case "fixed": {
          if (row.status !== "promoted")
            throw new PrunellaError("PRUNELLA_CONFLICT", {
              detail:
                row.status === "fixed" ? "It counts as fixed already." : "Only what is public is watched for its fix.",
              hint: "Resolve it instead: prunella resolve --help",
            });
          const release = scrubLabel(said.release, RELEASE_MAX).value;
          const pull = said.pull === null ? null : scrubLabel(said.pull, PULL_MAX).value;
          return note(faultId, by, () => [
            { change: "fix_named", set: { fix_release: release, fix_pull: pull, fix_said_at: clock.now() } },
          ]);
        }
        case "promote": {
          const { public_draft: draft, standing } = await read(faultId);
          if (standing?.public_issue) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "It is public already." });
          if (row.refused_at !== null)
            throw new PrunellaError("PRUNELLA_CONFLICT", {
              detail: "Somebody would not have it public.",
              hint: "Take that back first: prunella promote --help",
            });
          if (draft === null)
            throw new PrunellaError("PRUNELLA_CONFLICT", {
              detail: "No public repository is set.",
              hint: "Set forge.triage.public_repo in the configuration.",
            });
          if (said.sha256 !== null && said.sha256 !== draft.sha256)
            throw new PrunellaError("PRUNELLA_CONFLICT", {
              detail: "What would be sent is not what was shown any more.",
              hint: "Look at it again, and say so once more.",
            });
          if (row.status === "new") await note(faultId, by, ({ status }) => (status === "new" ? [confirmed] : []));
          const { place, title, body } = draft;
          return effect(row, by, PROMOTE_ISSUE, publicTarget(faultId), { step: "file", place, title, body });
        }
      }
    },

    /** Somebody may have labelled a private issue. */
    async askForLabels(): Promise<void> {
      if (issuing === null) return;
      await writer.run(async (tx) => {
        await lockHead(tx);
        for (const projectId of issuing.settings.projects)
          await lookAnew(tx, projectId, clock.now(), () => ({ labels_at: 0 }));
      });
      deps.wake();
    },

    /** Whoever begins looks after what was left, and after what came in before it was triaged. */
    async begin(): Promise<void> {
      if (issuing === null) return;
      await writer.run(async (tx) => {
        for (const projectId of issuing.settings.projects) lookSoon(tx, projectId, clock.now());
      });
    },
  };

  /** A person has a fault triaged that is not of a triaged project, or was there before. */
  async function take(faultId: string): Promise<void> {
    const fault = await readFault(db, faultId);
    if (fault.merged_into !== null)
      throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "It was merged into another fault: file that one." });
    if (issuing?.settings.projects.includes(fault.project_id) !== true)
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: `The project ${fault.project_id} is not triaged.`,
        hint: "Name it in forge.triage.projects of the configuration.",
      });
    await writer.run(async (tx) => enter(tx, clock.now(), fault.project_id, [faultId]));
  }
}

/** In the unit that counts faults: those that are new are entered, and somebody looks. */
export const createEntering =
  (issuing: Issuing | null) =>
  (
    tx: Parameters<typeof enter>[0],
    now: number,
    faults: readonly { readonly id: string; readonly projectId: string; readonly isNew: boolean }[],
  ): void => {
    for (const [projectId, all] of Map.groupBy(faults, (one) => one.projectId)) {
      if (issuing?.settings.projects.includes(projectId) !== true) continue;
      const fresh = all.filter(({ isNew }) => isNew).map(({ id }) => id);
      if (fresh.length > 0) enter(tx, now, projectId, fresh);
      lookSoon(tx, projectId, now);
    }
  };

const notTriaged = () =>
  new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: "This fault is not triaged.",
    hint: "File it first: prunella promote --help",
  });
