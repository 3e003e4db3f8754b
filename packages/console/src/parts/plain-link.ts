import type { MouseEvent } from "react";

/**
 * What a plain anchor does when it is pressed, for links that there are many of or that are drawn first: the router's
 * own component follows every change of the address and works out anew where it would lead, which of a first page
 * was nearly half of the drawing. A new tab or a window stays the browser's to open.
 */
export function plainClick(go: () => unknown) {
  return (event: MouseEvent<HTMLAnchorElement>): void => {
    const { button, metaKey, ctrlKey, shiftKey, altKey, currentTarget: link } = event;
    if (event.defaultPrevented || button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
    event.preventDefault();
    link.dataset["opening"] = "";
    // The link answers with the next frame; a page takes longer than that to draw.
    requestAnimationFrame(() =>
      setTimeout(() => {
        delete link.dataset["opening"];
        go();
      }),
    );
  };
}
