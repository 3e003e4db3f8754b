import type { ReactNode } from "react";

/** One term of a `dl` with what is to be said of it. */
export function Line({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-quiet">{term}</dt>
      <dd>{children}</dd>
    </>
  );
}
