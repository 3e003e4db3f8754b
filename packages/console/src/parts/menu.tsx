import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { toast } from "../shell/toasts.tsx";
import { Icon, type IconName } from "./icon.tsx";

export type MenuItem = {
  title: string;
  run: () => void;
  bad?: boolean;
  /** Why whoever looks at it may not do it. */
  why?: string | null;
};

const EDGE_PX = 8;

/** A button that opens a list of actions; arrow keys walk it, Escape gives the focus back. */
export function Menu({ label, items, icon = "more" }: { label: string; items: readonly MenuItem[]; icon?: IconName }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  useEffect(() => {
    if (!open) return;
    entries()[0]?.focus();
    // Near the right edge it moves to the left by as much as it would stand out. The body is without
    // the gutter of the scrollbar.
    const list = box.current?.querySelector<HTMLElement>("[role=menu]");
    const out = (list?.getBoundingClientRect().right ?? 0) + EDGE_PX - document.body.clientWidth;
    if (list != null && out > 0) list.style.marginLeft = `${-out}px`;
    const outside = (event: Event) => {
      if (event.target instanceof Node && box.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = entries();
    const here = all.findIndex((each) => each === document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (!open) return;
    if (next !== undefined) {
      event.preventDefault();
      all[next % all.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      setOpen(false);
      button.current?.focus();
    } else if (event.key === "Tab") setOpen(false);
  };
  return (
    <div ref={box} className="takes-keys relative" onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className="button button-small"
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} size={16} /> {label}
      </button>
      {open && (
        <div
          role="menu"
          aria-label={label}
          className="absolute left-0 top-full z-20 mt-1 w-max max-w-[min(20rem,80vw)] rounded-md border border-edge bg-raised py-1 shadow-lg shadow-black/20"
        >
          {items.map(({ title, run, bad, why = null }) => (
            <button
              key={title}
              type="button"
              role="menuitem"
              tabIndex={-1}
              aria-disabled={why !== null || undefined}
              title={why ?? undefined}
              className={`block w-full px-3 py-1.5 text-left -outline-offset-2 hover:bg-sunk focus:bg-sunk aria-disabled:opacity-60 ${bad === true ? "text-bad" : ""}`}
              onClick={() => {
                setOpen(false);
                // Before what it opens takes the focus, so that this is where the focus comes back to.
                button.current?.focus();
                if (why === null) run();
                else toast(why, { bad: true });
              }}
            >
              {title}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
