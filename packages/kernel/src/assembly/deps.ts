import {
  PrunellaError,
  type Fix,
  type FixEnvelope,
  type FixHands,
  type InvestigatorConfig,
  type Probe,
  type ProbeHands,
  type RetentionConfig,
} from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { SprintRule } from "../escalations/sprints.ts";
import type { EnvelopeSwitches } from "../gate/envelope-book.ts";
import type { Remedy } from "../gate/remedy.ts";
import type { NewId } from "../ids.ts";
import type { StormLimits } from "../intake/storm-guard.ts";
import type { Converse } from "../investigations/converse.ts";
import type { Signer } from "../ledger/note.ts";
import type { Channels } from "../notify/channels.ts";
import type { Calendar, Clock, Log, Meter, Rng } from "../ports.ts";
import type { Issuing } from "../promotions/port.ts";
import type { TellPlugins } from "../plugins/events.ts";
import type { Taken } from "../plugins/handing.ts";
import type { KeptDelivery } from "../plugins/kept-deliveries.ts";
import { ENVELOPED, knownByName } from "../remedies/known.ts";
import { OF_PROGRAMS } from "../remedies/restart/trigger.ts";
import type { Engine } from "../store/engine.ts";

export interface KernelDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly rng: Rng;
  readonly log: Log;
  readonly meter?: Meter;
  readonly newId: NewId;
  /** Of the data folder: whoever had it before is dead when this process has it. */
  readonly place: string;
  /** Signs what executors in other processes may do. */
  readonly signer: Signer;
  /** Vkeys of the ledgers of others that this one witnesses; none when there is no such list. */
  readonly witnessed?: readonly string[];
  /** Above these doors are told to hold back. */
  readonly limits: StormLimits;
  /** What ages, and what a project may take. */
  readonly retention: RetentionConfig;
  /** Free bytes on the data folder's disk; null where nobody can tell. */
  readonly freeDisk: () => number | null;
  /** Of this installation's policy; the built-in rules alone when there is none. */
  readonly scrubber?: Pick<Scrubber, "scrubEvent" | "scrubText" | "scrubJson">;
  /** Writes the bodies that other threads of this process hold back. */
  readonly flushElsewhere?: () => Promise<void>;
  /** Has whoever else takes events in read again what changed, as this kernel does by itself now and then. */
  readonly lookElsewhere?: () => void;
  /** How people are told; none when they are not. */
  readonly channels?: Channels;
  /** When a fault asks for the repair of its cause; the usual when nothing is said. */
  readonly sprints?: SprintRule;
  /** Hands an event to the plugins that listen to it; resolves when they have it. */
  readonly tellPlugins?: (event: TellPlugins) => Promise<Taken>;
  /** Goes on with what was delivered to a server that ended before it had dealt with it. */
  readonly takeUp?: (kept: KeptDelivery) => Promise<Taken>;
  /** Where faults are triaged, and what is to become of them; none where they are not. */
  readonly issuing?: Issuing;
  /** Kinds of probes, and what they reach of the outside; none where nothing is looked at. */
  readonly probes?: { readonly kinds: ReadonlyMap<string, Probe>; readonly hands: ProbeHands };
  /** Beside the built-in ones. */
  readonly remedies?: readonly Remedy[];
  /** What may be done inside envelopes: as the configuration stands now, their switches, and what carries it out. */
  readonly fixing?: {
    readonly envelopes: () => readonly FixEnvelope[];
    readonly switches: EnvelopeSwitches;
    readonly hands: FixHands;
    readonly timeout: (ms: number) => AbortSignal;
    /** Of providers, beside the built-in ones. */
    readonly fixes: readonly Fix[];
  };
  /** Who looks into what a probe found: the scripted one where nothing else is said. */
  readonly investigating?: { readonly config: () => InvestigatorConfig; readonly converse: Converse };
}

/** Nothing is on where nobody can turn it. */
export const NO_SWITCHES: EnvelopeSwitches = {
  isOn: () => false,
  setBy: () => "nobody",
  turn: () => {
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Envelopes cannot be switched here." });
  },
};

/** What can be done about a failure where these are the fixes of providers. */
export const knownRemedies = (fixes: readonly Fix[]) =>
  knownByName([...OF_PROGRAMS, ...[...ENVELOPED, ...fixes].map(({ name }) => name)]);

/** The repair of a cause is asked for by the third time in a week. */
export const SPRINTS: SprintRule = { count: 3, within_ms: 7 * 86_400_000 };
