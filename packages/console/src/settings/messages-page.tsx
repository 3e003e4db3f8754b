import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "../api/client.ts";
import { messagesQuery } from "../api/queries.ts";
import { Deliveries } from "../parts/deliveries.tsx";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";

/** Which ways there are to people, whether they work, and how far each message has come. */
export function MessagesPage() {
  useTitle("Messages");
  const client = useQueryClient();
  const query = useQuery(messagesQuery(undefined));
  const test = useMutation({
    mutationFn: (channel: string) => call("POST /v1/channels/:channel/test", { channel }),
    onSuccess: ({ channel, state, error }) =>
      toast(
        state === "sent"
          ? `The channel ${channel} took the test.`
          : `The test did not arrive at ${channel}: ${error ?? "it waits for its turn"}.`,
        { bad: state !== "sent" },
      ),
    onError: (error) => toast(error.message, { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ["messages"] }),
  });
  const channels = query.data?.channels ?? [];
  const messages = query.data?.messages ?? [];
  return (
    <div className="page pb-12 pt-4">
      <p className="text-sm">
        <Link to="/settings" className="link">
          Settings
        </Link>
      </p>
      <h1 className="text-lg font-semibold">Messages</h1>
      <p className="mt-1 max-w-160 text-quiet">
        Every escalation and every fault that is new or back is told to each channel, at least once and with one id.
        Channels and rules stand in <code>prunella.yaml</code> under <code>notify</code>.
      </p>
      {query.isError && (
        <Problem
          what="The messages could not be fetched."
          error={query.error}
          works="They are sent all the same."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && channels.length === 0 && (
        <Nothing title="Nobody is told yet">
          Name a channel in <code>prunella.yaml</code> under <code>notify</code>: a webhook, a chat, mail or a command.
        </Nothing>
      )}
      {channels.length > 0 && (
        <section aria-labelledby="channels" className="mt-5">
          <h2 id="channels" className="section-title">
            Channels
          </h2>
          <ul className="mt-1 border-t border-line">
            {channels.map(({ name, kind, per_hour: most, last_sent_at: at }) => (
              <li
                key={name}
                className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line py-2"
              >
                <span className="min-w-0 [overflow-wrap:anywhere]">
                  <span className="font-semibold">{name}</span>{" "}
                  <span className="text-sm text-quiet">
                    {kind}, at most {most} an hour, {at === null ? "nothing arrived yet" : "last arrived "}
                    {at !== null && <Ago at={at} />}
                  </span>
                </span>
                <Does
                  route="POST /v1/channels/:channel/test"
                  project={null}
                  className="button button-small max-md:min-h-11"
                  disabled={test.isPending}
                  onClick={() => test.mutate(name)}
                >
                  Send a test
                </Does>
              </li>
            ))}
          </ul>
        </section>
      )}
      {channels.length > 0 && (
        <section aria-labelledby="last" className="mt-8">
          <h2 id="last" className="section-title">
            The last messages
          </h2>
          {messages.length === 0 ? (
            <p className="mt-1 text-quiet">None yet.</p>
          ) : (
            <Deliveries messages={messages} label="The last messages" />
          )}
        </section>
      )}
    </div>
  );
}
