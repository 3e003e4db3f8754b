import type { ReactNode } from "react";

/** One thing that a person has, what is to be said of it, and the way to be rid of it. */
export function OwnRow({
  title,
  children,
  end,
}: {
  title: string;
  children: ReactNode;
  /** Its button, or what stands there when it cannot be ended here. */
  end: ReactNode;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2">
      <span className="font-semibold [overflow-wrap:anywhere]">{title}</span>
      <span className="text-sm text-quiet [overflow-wrap:anywhere]">{children}</span>
      {end}
    </li>
  );
}

/** `label` says which one, for whoever hears the button without the row. */
export function EndButton(props: { word: string; label: string; isBusy: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      className="button button-small ml-auto"
      aria-label={props.label}
      disabled={props.isBusy}
      onClick={props.onPress}
    >
      {props.word}
    </button>
  );
}
