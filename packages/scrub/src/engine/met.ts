/** Marks of one table; a quarter of a megabyte. */
const MARKS = 1 << 16;
/** Places of a text that are looked at. */
const SAMPLES = 96;

/**
 * Says whether a text was met before, most of the time rightly, without hashing all of it: most texts
 * never come twice, and what remembers them costs as much as scanning them. Only texts that come
 * again are worth a place there, and whoever remembers compares the whole text.
 */
export function createMet(): (text: string) => boolean {
  const marks = new Uint32Array(MARKS);
  return (text) => {
    let mark = Math.imul(text.length + 1, 0x9e3779b1);
    const step = Math.max(1, Math.floor(text.length / SAMPLES));
    for (let at = 0; at < text.length; at += step) mark = Math.imul(mark ^ text.charCodeAt(at), 0x01000193);
    for (let at = Math.max(0, text.length - 4); at < text.length; at++)
      mark = Math.imul(mark ^ text.charCodeAt(at), 0x01000193);
    mark = (mark ^ (mark >>> 15)) >>> 0;
    const place = mark & (MARKS - 1);
    const isMet = marks[place] === mark;
    marks[place] = mark;
    return isMet;
  };
}
