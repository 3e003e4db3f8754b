import type { ReactNode } from "react";
import { ApiFailure } from "../api/client.ts";
import { useSpoken } from "./command.tsx";
import { Spelled } from "./spelled.tsx";

/** An error as a person needs it: what failed, what still works, what to do. */
export function Problem({
  what,
  error,
  works,
  onRetry,
}: {
  what: string;
  error: unknown;
  works: string;
  onRetry: () => void;
}) {
  const failure = error instanceof ApiFailure ? error : null;
  const say = useSpoken();
  return (
    <div role="alert" className="my-4 max-w-160 border-l-2 border-bad py-1 pl-4">
      <p className="font-semibold">
        <span className="text-bad">✕</span> {what}
      </p>
      <p className="mt-1">{failure?.message ?? "Something in this page broke."}</p>
      {failure?.hint != null && (
        <p className="mt-1 [overflow-wrap:anywhere]">
          <Spelled text={failure.hint} />
        </p>
      )}
      <p className="mt-1 text-quiet">{say(works)}</p>
      <p className="mt-3 flex flex-wrap items-center gap-3">
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
        {failure !== null && <code className="text-quiet">{failure.code}</code>}
      </p>
    </div>
  );
}

/** Nothing to show, and what that means. */
export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="max-w-160 py-10">
      <p className="text-lg font-semibold">{title}</p>
      {children !== undefined && <div className="mt-1 text-quiet">{children}</div>}
    </div>
  );
}
