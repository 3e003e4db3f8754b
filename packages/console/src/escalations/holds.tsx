import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Escalation, EscalationHold } from "@prunella/contract";
import { call } from "../api/client.ts";
import { Does } from "../parts/does.tsx";
import { Ago } from "../parts/time.tsx";
import { actorWords } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";

const ACTS: readonly { readonly hold: EscalationHold; readonly label: string; readonly promise: string }[] = [
  { hold: "acked", label: "Seen", promise: "for an hour" },
  { hold: "snoozed", label: "Later", promise: "in four hours" },
  { hold: "taken_over", label: "I see to it", promise: "for a day" },
];
const SAID: Readonly<Record<EscalationHold, string>> = {
  acked: "has seen it",
  snoozed: "put it off",
  taken_over: "sees to it",
};

/** What answers nothing: the question stays open, and everybody is told again when the time is over. */
export function Holds({ escalation, link }: { escalation: Escalation; link: string | undefined }) {
  const client = useQueryClient();
  const hold = useMutation({
    mutationFn: (how: EscalationHold) =>
      call("POST /v1/escalations/:id/hold", {
        id: escalation.id,
        hold: how,
        ...(link === undefined ? {} : { link }),
      }),
    onError: (error) => toast(error.message, { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ["escalations"] }),
  });
  const { hold: held, held_by: by, held_until: until } = escalation;
  return (
    <div className="mt-3 text-sm">
      {held !== null && until !== null && (
        <p role="status">
          <span aria-hidden="true">{"●\u00a0"}</span>
          {by === null ? "Somebody" : actorWords(by)} {SAID[held]}; everybody is told again <Ago at={until} />.
        </p>
      )}
      <div role="group" aria-label="Without an answer" className="mt-1 flex flex-wrap gap-2">
        {ACTS.map(({ hold: how, label, promise }) => (
          <Does
            key={how}
            route="POST /v1/escalations/:id/hold"
            project={escalation.project_id}
            title={`${label}, ${promise}`}
            className="button button-small max-md:min-h-11 max-md:flex-1"
            disabled={hold.isPending || held === how}
            onClick={() => hold.mutate(how)}
          >
            {label}
          </Does>
        ))}
      </div>
    </div>
  );
}
