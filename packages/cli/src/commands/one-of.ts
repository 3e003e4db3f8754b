import { PrunellaError } from "@prunella/contract";
import { meansId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

/** The one that a shortened id means. */
export function oneOf<T extends { readonly id: string }>(list: readonly T[], typed: string, what: string): T {
  const wanted = typed.trim().toLowerCase();
  const found = wanted.length < 4 ? [] : list.filter((each) => meansId(wanted, each.id));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: found.length > 1 ? `More than one ${what} fits ${plain(typed)}.` : `There is no ${what} ${plain(typed)}.`,
    hint: `See \`prunella ${what}s list\` for their ids.`,
  });
}
