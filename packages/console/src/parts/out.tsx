import type { ReactNode } from "react";

/** To another house, which does not learn from where. */
export function Out({ href, children }: { href: string; children: ReactNode }) {
  return /^https?:\/\//.test(href) ? (
    <a href={href} target="_blank" rel="noopener noreferrer" className="link">
      {children}
    </a>
  ) : (
    <>{children}</>
  );
}
