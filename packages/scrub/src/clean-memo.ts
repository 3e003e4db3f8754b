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
 * of a fault, and one look-up costs a tenth of a scan. Holds clean texts alone, in two generations,
 * so what is no longer met is forgotten.
 */
export function createCleanMemo(): CleanMemo {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    has(text) {
      if (text.length < MIN_LENGTH || text.length > MAX_LENGTH) return false;
      if (young.has(text)) return true;
      if (!old.delete(text)) return false;
      young.add(text);
      return true;
    },
    add(text) {
      if (text.length < MIN_LENGTH || text.length > MAX_LENGTH) return;
      if (young.size >= MAX_TEXTS) {
        old = young;
        young = new Set();
      }
      // A copy of its own: a piece of a longer text would keep the whole of it in memory.
      young.add(Buffer.from(text).toString());
    },
  };
}
