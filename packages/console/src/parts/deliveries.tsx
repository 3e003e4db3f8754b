import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Delivery } from "@prunella/contract";
import { call } from "../api/client.ts";
import { toast } from "../shell/toasts.tsx";
import { Does } from "./does.tsx";
import { Ago } from "./time.tsx";

const KINDS: Readonly<Record<Delivery["kind"], string>> = {
  escalation_opened: "a question",
  escalation_changed: "a question goes on",
  escalation_reminded: "a question still waits",
  escalation_resolved: "a question is settled",
  fault_new: "a new fault",
  fault_regressed: "a fault is back",
  sprint_opened: "a corrective sprint",
  attempt_ineffective: "an attempt did not help",
  envelope_demoted: "an envelope is trusted less",
  investigation: "what was found",
  digest: "a digest",
  test: "a test",
};

type Shown = { readonly tone: string; readonly shape: string; readonly text: string };

function shownOf({ state, tries, error }: Delivery): Shown {
  switch (state) {
    case "sent":
      return { tone: "text-good", shape: "✓", text: "arrived" };
    case "failed":
      return { tone: "text-bad", shape: "✕", text: `did not arrive: ${error ?? "nobody knows why"}` };
    case "digest":
      return { tone: "text-quiet", shape: "○", text: "over the hour's bound, waits for the digest" };
    case "digested":
      return { tone: "text-quiet", shape: "●", text: "told in a digest" };
    case "superseded":
      return { tone: "text-quiet", shape: "○", text: "was over before it went out" };
    case "waiting":
      return tries > 0
        ? { tone: "text-bad", shape: "▲", text: `is tried again: ${error ?? ""}` }
        : { tone: "text-quiet", shape: "○", text: "on its way" };
  }
}

/** How far each message has come, and a way to try again what did not arrive. */
export function Deliveries({ messages, label }: { messages: readonly Delivery[]; label: string }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: ({ message_id, channel }: Delivery) => call("POST /v1/messages/retry", { message_id, channel }),
    onError: (error) => toast(error.message, { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ["messages"] }),
  });
  return (
    <ul aria-label={label} className="mt-1 border-t border-line">
      {messages.map((each) => {
        const { tone, shape, text } = shownOf(each);
        const isLate = each.state === "failed" || (each.state === "waiting" && each.tries > 0);
        return (
          <li
            key={`${each.message_id} ${each.channel}`}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line py-2"
          >
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {each.channel}: {KINDS[each.kind]}, <Ago at={each.told_at} />{" "}
              <span className={tone}>
                <span aria-hidden="true">{`${shape}\u00a0`}</span>
                {text}
              </span>
            </span>
            {isLate && (
              <Does
                route="POST /v1/messages/retry"
                project={null}
                className="button button-small max-md:min-h-11"
                disabled={retry.isPending}
                onClick={() => retry.mutate(each)}
              >
                Try again
              </Does>
            )}
          </li>
        );
      })}
    </ul>
  );
}
