import { Actor, PrunellaError, type EnvelopeRow, type FixEnvelope } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Askers } from "../escalations/asker.ts";
import { enableEnv, lists, type EnvelopeBook, type EnvelopeSwitches } from "../gate/envelope-book.ts";
import { grantOfKey } from "../gate/grants.ts";
import { kindOf, type Remedies } from "../gate/remedy.ts";
import { isLeftToHands, moveStage, readStage, type StageRow } from "../gate/stage.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Autofix } from "./autofix.ts";
import { askOtherwise } from "./ask-otherwise.ts";
import { atLeast } from "./confidence.ts";

export interface EnvelopesDeps extends Core {
  readonly book: EnvelopeBook;
  readonly switches: EnvelopeSwitches;
  readonly remedies: Remedies;
  readonly autofix: Autofix;
  readonly askers: Askers;
  readonly wake: () => void;
  readonly scrubText: Scrubber["scrubText"];
}

/** What may be fixed, the switches of it, and the way to ask. */
export function createEnvelopes(deps: EnvelopesDeps) {
  const { book, switches, writer, clock } = deps;
  /** How often each was turned off: whoever turns it on meanwhile comes too late, for off beats on. */
  const offs = new Map<string, number>();
  const offsOf = (probe: string) => offs.get(probe) ?? 0;
  return {
    async list(sees: readonly string[] | null = null): Promise<EnvelopeRow[]> {
      const all = book.all().filter(({ project }) => sees === null || sees.includes(project));
      const moved = await deps.db
        .selectFrom("envelope_stage")
        .selectAll()
        .orderBy("project_id")
        .orderBy("probe")
        .execute();
      return all.map((envelope) =>
        toRow(
          deps,
          envelope,
          moved.find((row) => row.project_id === envelope.project && row.probe === envelope.probe) ?? null,
        ),
      );
    },

    /** A person trusts it one stage further, or one less. */
    async move(
      given: { projectId: string; probe: string; move: "promote" | "demote"; reason: string },
      by: Actor = OPERATOR,
    ): Promise<EnvelopeRow> {
      const { projectId, probe, move } = given;
      const own = book.all().filter(({ project }) => project === projectId);
      const envelope = own.find((one) => one.probe === probe);
      if (!envelope) throw missing(probe, own);
      const reason = deps.scrubText(given.reason).text.value;
      const governing = { name: envelope.probe, envelope, isOn: switches.isOn(envelope.probe) };
      const ended = await writer.run(async (tx) => {
        const now = clock.now();
        const { from, to } = await moveStage(tx, { now, projectId, governing, move, reason, by });
        return isLeftToHands(from) === isLeftToHands(to) ? [] : askOtherwise(tx, { ...deps, now, projectId, probe });
      });
      for (const { escalation_id: id, target } of ended) deps.publish("escalations", id, 0, target);
      if (ended.length > 0) deps.wake();
      deps.publish("triggers", envelope.probe);
      deps.publish("ledger", "head");
      return toRow(deps, envelope, await readStage(deps.db, projectId, envelope.probe));
    },

    /**
     * Turns a switch and says so in the ledger. On: the entry first, so that nothing is ever on that nobody
     * turned; off: the switch first, so that nothing acts while the entry is written.
     */
    async turn(probe: string, on: boolean, by: Actor = OPERATOR) {
      const known = book.all().find((one) => one.probe === probe);
      if (!known) throw missing(probe, book.all());
      if (!on) {
        offs.set(known.probe, offsOf(known.probe) + 1);
        switches.turn(known.probe, false);
      }
      const before = offsOf(known.probe);
      const at = clock.now();
      await writer.run(async (tx) => {
        await lockHead(tx);
        await appendLedger(tx, { v: 1, at, type: "envelope_switched", probe: known.probe, on, by });
      });
      if (on && offsOf(known.probe) === before) switches.turn(known.probe, true);
      deps.publish("triggers", known.probe);
      deps.publish("ledger", "head");
      return { envelope: known.probe, on: switches.isOn(known.probe), at, by };
    },

    autofix: deps.autofix,

    /** The same with the key of a program of the table `callers`. Throws PRUNELLA_SIGN_IN_REQUIRED for any other key. */
    async autofixWithKey(
      key: string,
      given: Omit<Parameters<Autofix>[0], "projectId" | "subject" | "source">,
    ): ReturnType<Autofix> {
      const grant = await grantOfKey(deps.db, key);
      if (!grant)
        throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
          detail: "The key belongs to no caller of this installation.",
        });
      return deps.autofix({
        ...given,
        projectId: grant.project_id,
        subject: { kind: "grant", id: grant.id },
        source: "caller",
      });
    },
  };
}

const missing = (probe: string, known: readonly FixEnvelope[]): PrunellaError =>
  new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no envelope ${probe.slice(0, 48)}. ${inWords(known.map((one) => one.probe))}`,
    hint: "Write it into `envelopes:` of prunella.yaml.",
  });

function toRow({ switches, remedies }: EnvelopesDeps, envelope: FixEnvelope, moved: StageRow | null): EnvelopeRow {
  const kinds = new Set(envelope.actions.flatMap((one) => one.targets.map(kindOf)));
  // A remedy of every kind could be done to these as well, where the envelope said how.
  const couldBe = (kind: string): boolean => kinds.has(kind) || (kind === "*" && kinds.size > 0);
  return {
    probe: envelope.probe,
    project_id: envelope.project,
    is_on: switches.isOn(envelope.probe),
    set_by: switches.setBy(envelope.probe),
    enable_env: enableEnv(envelope.probe),
    stage: moved?.stage ?? envelope.begins_at,
    begins_at: envelope.begins_at,
    record: {
      held: moved?.held ?? 0,
      not_held: moved?.not_held ?? 0,
      at_least: atLeast(moved?.held ?? 0, moved?.not_held ?? 0),
    },
    moved: movedOf(moved),
    observes_only: envelope.actions.length === 0,
    actions: envelope.actions.map((action) => {
      const remedy = remedies.get(action.do);
      const missing = remedy?.lacks?.(envelope.project, action.targets[0] ?? "", envelope.probe) ?? null;
      return {
        name: action.do,
        aliases: [...(action.as === null ? [] : [action.as]), ...(remedy?.aliases ?? [])],
        targets: action.targets,
        lacks: remedy ? (missing === null ? null : `${missing}_token_unset`) : "unknown_remedy",
      };
    }),
    outside: [...remedies.values()]
      .filter(({ name, targetKinds }) => targetKinds.some(couldBe) && !lists(envelope, name))
      .map(({ name }) => name)
      .toSorted(),
  };
}

const movedOf = (row: StageRow | null): EnvelopeRow["moved"] =>
  row?.moved_at == null || row.moved_by === null || row.audit_log_id === null
    ? null
    : {
        at: row.moved_at,
        by: Actor.parse(JSON.parse(row.moved_by)),
        reason: row.reason,
        audit_log_id: row.audit_log_id,
      };

const inWords = (names: readonly string[]): string =>
  names.length === 0 ? "There are none." : `There are: ${[...new Set(names)].join(", ")}.`;
