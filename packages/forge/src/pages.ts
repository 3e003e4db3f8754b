import type { Asked } from "./forge.ts";
import type { Part } from "./pull.ts";

/**
 * So many pages of a list. `size`: a page that is shorter was the last one; null where a host gives fewer than asked
 * for, so that only an empty page tells.
 */
export async function pagesOf<T>(
  { size, most }: { readonly size: number | null; readonly most: number },
  read: (page: number) => Promise<Asked<readonly T[]>>,
): Promise<Asked<Part<T>>> {
  const items: T[] = [];
  for (let page = 1; page <= most; page += 1) {
    const asked = await read(page);
    if (!asked.ok) return asked;
    items.push(...asked.value);
    if (asked.value.length < (size ?? 1)) return { ok: true, value: { items, isCut: false } };
  }
  return { ok: true, value: { items, isCut: true } };
}

/** The same answer in other words for each of them. */
export const each = <T, U>(asked: Asked<Part<T>>, to: (item: T) => U): Asked<Part<U>> =>
  asked.ok ? { ok: true, value: { items: asked.value.items.map(to), isCut: asked.value.isCut } } : asked;
