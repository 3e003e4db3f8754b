import { createHash } from "node:crypto";
import type { Args } from "@prunella/contract";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { ENVELOPE } from "./envelope-book.ts";
import type { Facts } from "./facts.ts";
import type { Observation } from "./remedy.ts";

type Asked = Pick<Facts, "request" | "rung" | "governing">;

/** What an intent, a question and an approval pin: which action, on what, with which arguments. */
export const digestOfArgs = (action: string, target: string, args: Args): string =>
  createHash("sha256")
    .update(canonicalJson({ action, target, args: { ...args } }))
    .digest("hex");

/** Of the trigger or the caller; where a person approved it, what they approved. */
const argsOf = ({ request, rung }: Pick<Asked, "request" | "rung">): Args =>
  request.approved ?? { ...rung?.args, ...request.args };

const pinned = ({ governing }: Pick<Asked, "governing">): Args => (governing ? { [ENVELOPE]: governing.name } : {});

/** What a remedy looks at: inside the very envelope that a permit would pin. */
export const lookedFor = (facts: Asked): Args => ({ ...argsOf(facts), ...pinned(facts) });

/**
 * What would be done now, as a permit would pin it: what was asked for, what was seen, and in which envelope, so
 * that its switch is read again when the permit is redeemed. null: the remedy takes no such arguments.
 */
export function argsToDo(facts: Asked & Pick<Facts, "remedy">, observation: Observation): Args | null {
  const seen = { ...observation.args, ...pinned(facts) };
  // What was approved holds what was seen too, which is looked at anew.
  const isApproved = facts.request.approved !== undefined;
  const given = Object.entries(argsOf(facts)).filter(([key]) => !isApproved || !Object.hasOwn(seen, key));
  const parsed = facts.remedy?.args.safeParse(Object.fromEntries(given));
  return parsed?.success === true ? { ...parsed.data, ...seen } : null;
}

/** The same action on the same target with the same arguments, none more and none less. */
export const isSame = (one: Args, other: Args): boolean => canonicalJson({ ...one }) === canonicalJson({ ...other });
