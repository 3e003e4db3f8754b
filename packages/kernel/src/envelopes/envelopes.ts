import { PrunellaError, type Actor, type EnvelopeRow } from "@prunella/contract";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import { enableEnv, lists, type EnvelopeBook, type EnvelopeSwitches } from "../gate/envelope-book.ts";
import { grantOfKey } from "../gate/grants.ts";
import { kindOf, type Remedies } from "../gate/remedy.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Autofix } from "./autofix.ts";

export interface EnvelopesDeps extends Core {
  readonly book: EnvelopeBook;
  readonly switches: EnvelopeSwitches;
  readonly remedies: Remedies;
  readonly autofix: Autofix;
}

/** What may be fixed, the switches of it, and the way to ask. */
export function createEnvelopes(deps: EnvelopesDeps) {
  const { book, switches, writer, clock } = deps;
  /** How often each was turned off: whoever turns it on meanwhile comes too late, for off beats on. */
  const offs = new Map<string, number>();
  const offsOf = (probe: string) => offs.get(probe) ?? 0;
  return {
    list: (sees: readonly string[] | null = null): EnvelopeRow[] =>
      book
        .all()
        .filter(({ project }) => sees === null || sees.includes(project))
        .map((envelope) => toRow(deps, envelope)),

    /**
     * Turns a switch and says so in the ledger. On: the entry first, so that nothing is ever on that nobody
     * turned; off: the switch first, so that nothing acts while the entry is written.
     */
    async turn(probe: string, on: boolean, by: Actor = OPERATOR) {
      const known = book.all().find((one) => one.probe === probe);
      if (!known)
        throw new PrunellaError("PRUNELLA_NOT_FOUND", {
          detail: `There is no envelope ${probe.slice(0, 48)}. ${inWords(book.all().map((one) => one.probe))}`,
          hint: "Write it into `envelopes:` of prunella.yaml.",
        });
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

function toRow({ switches, remedies }: EnvelopesDeps, envelope: ReturnType<EnvelopeBook["all"]>[number]): EnvelopeRow {
  const kinds = new Set(envelope.actions.flatMap((one) => one.targets.map(kindOf)));
  return {
    probe: envelope.probe,
    project_id: envelope.project,
    is_on: switches.isOn(envelope.probe),
    set_by: switches.setBy(envelope.probe),
    enable_env: enableEnv(envelope.probe),
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
      .filter(({ name, targetKinds }) => targetKinds.some((kind) => kinds.has(kind)) && !lists(envelope, name))
      .map(({ name }) => name)
      .toSorted(),
  };
}

const inWords = (names: readonly string[]): string =>
  names.length === 0 ? "There are none." : `There are: ${[...new Set(names)].join(", ")}.`;
