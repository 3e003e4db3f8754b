import { useRouter } from "@tanstack/react-router";
import { plainClick } from "../parts/plain-link.ts";

/** Lies over a row and leads to its fault. */
export function RowLink({ id, index, labelledBy }: { id: string; index: number; labelledBy: string }) {
  const router = useRouter();
  return (
    <a
      href={`/faults/${encodeURIComponent(id)}`}
      data-row={index}
      aria-labelledby={labelledBy}
      className="absolute inset-0 -outline-offset-2 data-opening:border-l-3 data-opening:border-accent"
      onClick={plainClick(() => router.navigate({ to: "/faults/$id", params: { id } }))}
    />
  );
}
