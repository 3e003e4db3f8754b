import type { Escalation } from "@prunella/contract";
import { Draft } from "../parts/draft.tsx";

/** What a yes to this question sends, word for word. */
export function Sends({ args }: Pick<Escalation, "args">) {
  const of = (name: string) => String(args?.[name] ?? "");
  return (
    <div className="mb-3">
      <Draft place={of("place")} title={of("title")} body={of("body")} />
    </div>
  );
}
