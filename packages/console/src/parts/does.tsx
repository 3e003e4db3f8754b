import type { ButtonHTMLAttributes } from "react";
import type { Route } from "@prunella/contract";
import { useMay } from "../api/may.ts";
import { toast } from "../shell/toasts.tsx";

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** What it does, and in which project; null: in all of them. */
  route: Route;
  project: string | null;
};

/**
 * A button that changes something: grey for whoever may not, with the reason on it. It can still have the focus
 * and be pressed, which says the reason where there is no pointer to hover with.
 */
export function Does({ route, project, children, disabled, autoFocus, ...rest }: Props) {
  const why = useMay()(route, project);
  if (why === null)
    return (
      <button type="button" disabled={disabled} autoFocus={autoFocus} {...rest}>
        {children}
      </button>
    );
  return (
    <button {...rest} type="button" aria-disabled="true" title={why} onClick={() => toast(why, { bad: true })}>
      {children}
      {rest["aria-label"] === undefined && <span className="sr-only"> ({why})</span>}
    </button>
  );
}
