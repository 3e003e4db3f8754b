import { Actor } from "@prunella/contract";
import type { Offered, Remedies } from "../gate/remedy.ts";
import type { Tx } from "../store/engine.ts";
import type { EscalationRow } from "./row.ts";

/** What asks a person, what they can answer, and what an answer of effect `leave` does. */
export interface Asker {
  readonly name: string;
  question(target: string): string;
  readonly choices: readonly Offered[];
  readonly defaultChoice: string;
  /** In the unit of the decision. What an answer of effect `act` does goes through the gate instead. */
  leave(tx: Tx, escalation: EscalationRow, decision: string): Promise<void>;
}

export type Askers = ReadonlyMap<string, Asker>;

/** Every remedy asks in its own words. */
export const askersOf = (remedies: Remedies): Asker[] =>
  [...remedies.values()].map((remedy) => ({
    name: remedy.name,
    question: remedy.words.question,
    choices: remedy.choices,
    defaultChoice: remedy.defaultChoice,
    leave: (tx, { project_id, target, decided_at, opened_at, decided_by: by }) =>
      remedy.leave(tx, decided_at ?? opened_at, project_id, target, by === null ? null : Actor.parse(JSON.parse(by))),
  }));

/** A question that nobody here knows how to act on can still be closed. */
export const PLAIN: Asker = {
  name: "work",
  question: (target) => `${target} needs somebody who knows it.`,
  choices: [{ name: "seen", effect: "leave", label: "Seen", promise: "Nothing is done.", done: "is left as it is" }],
  defaultChoice: "seen",
  leave: async () => undefined,
};
