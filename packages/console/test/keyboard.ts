import type { Page } from "playwright-core";

/** What the browser says after somebody walked through a page by the Tab key alone. */
export interface Walk {
  readonly stops: number;
  /** Came back to where it began: nothing held the focus. */
  readonly cameRound: boolean;
  /** What can be used and had the focus never. */
  readonly missed: readonly string[];
  /** What had the focus without showing it. */
  readonly unseen: readonly string[];
  /** What had the focus behind something else. */
  readonly covered: readonly string[];
}

/** Of a page that has more stops than this nobody reaches the end. */
const MOST = 400;

/** Presses Tab until the first stop comes again. Parts of one widget that arrow keys walk count as one stop. */
export async function walk(page: Page): Promise<Walk> {
  await page.evaluate(() => {
    const nameOf = (each: Element) =>
      `${each.tagName.toLowerCase()} “${(each.getAttribute("aria-label") ?? each.textContent).trim().slice(0, 60)}”`;
    const isShown = (each: Element) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const usable = () =>
      [
        ...document.querySelectorAll<HTMLElement>(
          "a[href], button, input, select, textarea, summary, [tabindex='0'], [contenteditable=true]",
        ),
      ].filter((each) => isShown(each) && !each.matches(":disabled") && each.closest("[inert]") === null);
    // One tab stop for all of it, and arrow keys for the rest.
    const isWalkedByArrows = (each: HTMLElement) =>
      each.tabIndex < 0 &&
      each.closest("[role=tablist], [role=menu], [role=listbox], [role=radiogroup], li[data-index]") !== null;
    const isOfItsGroup = (each: HTMLElement, seen: ReadonlySet<Element>) =>
      each instanceof HTMLInputElement &&
      each.type === "radio" &&
      [...seen].some((other) => other instanceof HTMLInputElement && other.name === each.name);
    const showsFocus = (each: Element): boolean => {
      for (let at: Element | null = each, up = 0; at !== null && up < 4; at = at.parentElement, up += 1) {
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        if (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) return true;
      }
      return false;
    };
    const isOnTop = (each: Element): boolean => {
      const { left, top, width, height } = each.getBoundingClientRect();
      return [0.5, 0.2, 0.8].some((x) =>
        [0.5, 0.15, 0.85].some((y) => {
          const hit = document.elementFromPoint(left + width * x, top + height * y);
          return hit !== null && (each.contains(hit) || hit.contains(each));
        }),
      );
    };
    const seen = new Set<Element>();
    const unseen: string[] = [];
    const covered: string[] = [];
    const state: { first: Element | null; came: number } = { first: null, came: 0 };
    document.addEventListener("focusin", ({ target }) => {
      if (!(target instanceof Element)) return;
      if (target === state.first) state.came += 1;
      state.first ??= target;
      if (seen.has(target)) return;
      seen.add(target);
      if (!showsFocus(target)) unseen.push(nameOf(target));
      if (!isOnTop(target)) covered.push(nameOf(target));
    });
    Object.assign(window, {
      walked: () => ({
        stops: seen.size,
        cameRound: state.came > 0,
        missed: usable()
          .filter((each) => !seen.has(each) && !isWalkedByArrows(each) && !isOfItsGroup(each, seen))
          .map(nameOf),
        unseen,
        covered,
      }),
    });
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    scrollTo(0, 0);
  });
  const told = () => page.evaluate<Walk>("walked()");
  for (let at = 0; at < MOST; at += 1) {
    await page.keyboard.press("Tab");
    if (at % 8 === 7 && (await told()).cameRound) break;
  }
  return told();
}
