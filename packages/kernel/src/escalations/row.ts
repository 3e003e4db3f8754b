import { Actor, Args, Escalation, type Choice } from "@prunella/contract";
import { z } from "zod";
import { causeOf } from "../attempts/row.ts";
import type { Tables } from "../store/tables.ts";
import { PLAIN, type Askers } from "./asker.ts";

export type EscalationRow = Tables["escalation_attempts"];

export function toEscalation(row: EscalationRow, askers: Askers): Escalation {
  const {
    escalation_id,
    audit_log_id: _audit,
    episode: _episode,
    requested_by: _requested,
    options: _options,
    decided_by,
    held_by,
    ...rest
  } = row;
  const known = [...(askers.get(row.asker)?.choices ?? []), ...PLAIN.choices];
  const choices = optionsOf(row).map((name): Choice => {
    const choice = known.find((one) => one.name === name);
    if (choice === undefined) return { name, effect: "leave", label: name, promise: "", done: "is decided" };
    const { promise } = choice;
    return { ...choice, promise: typeof promise === "string" ? promise : promise(row.project_id, row.target) };
  });
  return Escalation.parse({
    ...rest,
    id: escalation_id,
    question: (askers.get(row.asker) ?? PLAIN).question(row.target),
    options: choices,
    cause: causeOf(row),
    args: approvedArgs(row),
    decided_by: decided_by === null ? null : Actor.parse(JSON.parse(decided_by)),
    held_by: held_by === null ? null : Actor.parse(JSON.parse(held_by)),
  });
}

/** Names of the answers that it takes. */
export const optionsOf = ({ options }: Pick<EscalationRow, "options">): string[] =>
  z.array(z.string()).parse(JSON.parse(options));

/** What an answer that acts approves; null: nobody could see it when it was asked. */
export const approvedArgs = ({ args }: Pick<EscalationRow, "args">): Args | null =>
  args === null ? null : Args.parse(JSON.parse(args));
