import { Recent } from "../text/recent.ts";

/** Shorter texts are scanned faster than looked up; longer ones seldom come twice. */
const MIN_LENGTH = 12;
const MAX_LENGTH = 512;
/** Texts of one generation; two are kept. */
const MAX_TEXTS = 8_192;

export interface CleanMemo {
  has(text: string): boolean;
  add(text: string): void;
}

/**
 * Texts in which nothing was found. The same lines of source, names and paths come with every event
 * of a fault, and one look-up costs a tenth of a scan. Holds clean texts alone.
 */
export function createCleanMemo(): CleanMemo {
  const recent = new Recent<string, true>(MAX_TEXTS);
  const fits = (text: string) => text.length >= MIN_LENGTH && text.length <= MAX_LENGTH;
  return {
    has: (text) => fits(text) && recent.get(text) === true,
    add(text) {
      // A copy of its own: a piece of a longer text would keep the whole of it in memory.
      if (fits(text)) recent.set(Buffer.from(text).toString(), true);
    },
  };
}
