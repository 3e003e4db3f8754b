/** What is due, the earliest first; of one moment in the order of adding. */
export function createHeap<Item>() {
  const items: { readonly at: number; readonly nth: number; readonly item: Item }[] = [];
  let added = 0;
  const isBefore = (a: number, b: number): boolean => {
    const [one, other] = [items[a], items[b]];
    return one !== undefined && other !== undefined && (one.at - other.at || one.nth - other.nth) < 0;
  };
  const swap = (a: number, b: number): void => {
    const [one, other] = [items[a], items[b]];
    if (one && other) [items[a], items[b]] = [other, one];
  };
  return {
    /** When the earliest is due; infinite when nothing is. */
    next: (): number => items[0]?.at ?? Infinity,
    add(at: number, item: Item): void {
      items.push({ at, nth: (added += 1), item });
      for (let child = items.length - 1; child > 0;) {
        const parent = (child - 1) >> 1;
        if (!isBefore(child, parent)) return;
        swap(child, parent);
        child = parent;
      }
    },
    take(): Item | undefined {
      const first = items[0];
      const last = items.pop();
      if (!first || !last || items.length === 0) return first?.item;
      items[0] = last;
      for (let parent = 0; ;) {
        let least = parent;
        for (const child of [2 * parent + 1, 2 * parent + 2]) if (isBefore(child, least)) least = child;
        if (least === parent) return first.item;
        swap(parent, least);
        parent = least;
      }
    },
  };
}
