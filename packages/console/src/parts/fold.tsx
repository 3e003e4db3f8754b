import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

/** What is looked at on demand: the same chevron and the same quiet line everywhere. */
export function Fold({
  title,
  className = "mt-3 max-md:mt-0.5",
  onToggle,
  children,
}: {
  title: ReactNode;
  className?: string;
  onToggle?: (isOpen: boolean) => void;
  children: ReactNode;
}) {
  return (
    <details className={`group ${className}`} onToggle={({ currentTarget }) => onToggle?.(currentTarget.open)}>
      <summary className="inline-flex items-center gap-1 text-sm text-quiet hover:text-ink max-md:min-h-11">
        <Icon name="chevron" size={14} className="transition-transform group-open:rotate-90" />
        {title}
      </summary>
      <div className="mt-2">{children}</div>
    </details>
  );
}
