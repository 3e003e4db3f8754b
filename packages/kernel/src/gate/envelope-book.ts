import type { FixAction, FixEnvelope } from "@prunella/contract";
import type { Remedy } from "./remedy.ts";

/** The switches of envelopes: read anew at each call, from outside the database. */
export interface EnvelopeSwitches {
  /** Exactly an explicit yes; what cannot be read is no. */
  isOn(probe: string): boolean;
  /** Where the answer comes from. */
  setBy(probe: string): "file" | "environment" | "nobody";
  /** Durable when it returns. */
  turn(probe: string, on: boolean): void;
}

/** The envelope that bounds a request, and how its switch stands now. */
export interface Governing {
  readonly name: string;
  /** Null: nobody has configured one of this name, or one that lists the action. */
  readonly envelope: FixEnvelope | null;
  readonly isOn: boolean;
}

/** Answers which envelope bounds what. */
export interface EnvelopeBook {
  all(): readonly FixEnvelope[];
  of(request: {
    readonly projectId: string;
    readonly envelope: string | null;
    readonly action: string | null;
    readonly target: string;
    readonly remedy: Pick<Remedy, "isEnveloped"> | null;
  }): Governing | null;
}

/** The argument that says which envelope bounds a permit. */
export const ENVELOPE = "envelope";

/** What the switch of an envelope is called in the environment. */
export const enableEnv = (probe: string): string =>
  `PRUNELLA_AUTOFIX_${probe.toUpperCase().replaceAll("-", "_")}_ENABLED`;

export const NO_ENVELOPES: EnvelopeBook = { all: () => [], of: ({ envelope, remedy }) => governedBy(envelope, remedy) };

const governedBy = (name: string | null, remedy: Pick<Remedy, "isEnveloped"> | null): Governing | null =>
  name !== null || remedy?.isEnveloped === true ? { name: name ?? "", envelope: null, isOn: false } : null;

/** Configuration and switches are asked at each call: both may change in between, and off beats on. */
export function createEnvelopeBook(
  envelopes: () => readonly FixEnvelope[],
  switches: Pick<EnvelopeSwitches, "isOn">,
): EnvelopeBook {
  return {
    all: envelopes,
    of({ projectId, envelope: named, action, target, remedy }) {
      const governing = governedBy(named, remedy);
      if (governing === null) return null;
      const own = envelopes().filter(({ project }) => project === projectId);
      const found =
        named !== null
          ? own.find(({ probe }) => probe === named)
          : (own.find((one) => definitionIn(one, action, target) !== null) ?? own.find((one) => lists(one, action)));
      if (!found) return governing;
      return { name: found.probe, envelope: found, isOn: switches.isOn(found.probe) };
    },
  };
}

export const lists = (envelope: FixEnvelope, action: string | null): boolean =>
  envelope.actions.some((one) => one.do === action);

/** Code unit by code unit: a look-alike is another target. */
export function holdsTarget(listed: readonly string[], target: string): boolean {
  return listed.some((one) => {
    if (!one.endsWith("/*")) return one === target;
    const above = one.slice(0, -1);
    return target.startsWith(above) && /^[A-Za-z0-9_-]{1,64}$/.test(target.slice(above.length));
  });
}

/** How an envelope says that an action is done to a target; null when it does not list it. */
export const definitionIn = (envelope: FixEnvelope, action: string | null, target: string): FixAction | null =>
  envelope.actions.find((one) => one.do === action && holdsTarget(one.targets, target)) ?? null;
