import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { EnvelopeRow, Maintenance, Pause } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { envelopesQuery, killQuery, maintenanceQuery, pausesQuery } from "../api/queries.ts";
import { AsCommand } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { TriggersHead } from "../parts/section.tsx";
import { Ago } from "../parts/time.tsx";
import { actorWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";
import { MoveButtons, recordWords } from "./move-envelope.tsx";
import { Because } from "./trigger.tsx";
import { envelopeHindrances, turnedOnWords } from "./trigger-now.ts";

const YAML = `envelopes:
  - probe: shop-http
    actions:
      - do: command
        as: clear_cache
        targets: ["service:shop"]
        command: ["/usr/local/bin/clear-cache"]
        check: ["/usr/local/bin/cache-is-well"]`;

type Standing = { isKilled: boolean; pauses: readonly Pause[]; windows: readonly Maintenance[] };

/** What may be fixed at the word of an investigator, a caller or a person, and what would be refused now. */
export function EnvelopesPage() {
  useTitle("Envelopes");
  const query = useQuery(envelopesQuery);
  const isKilled = useQuery(killQuery).data?.on ?? false;
  const pauses = useQuery(pausesQuery).data?.pauses ?? [];
  const windows = useQuery(maintenanceQuery).data?.windows ?? [];
  const envelopes = query.data?.envelopes;
  return (
    <div className="page pb-12 pt-4">
      <TriggersHead title="Envelopes" />
      <p className="mt-2 max-w-160 text-quiet">
        An envelope says what may be done to which targets when somebody asks for a fix. Each is off until a person
        turns it on, and its switch is read anew at every call.
      </p>
      {query.isError && (
        <Problem
          what="The envelopes could not be fetched."
          error={query.error}
          works="The gate reads their switches all the same. The terminal shows them too: prunella envelopes list"
          onRetry={() => void query.refetch()}
        />
      )}
      {envelopes?.length === 0 && (
        <Nothing title="No envelope yet">
          What may be fixed stands in <code>prunella.yaml</code>:
          <pre
            className="mt-2 overflow-x-auto border border-line p-3 text-sm"
            tabIndex={0}
            role="region"
            aria-label="An envelope in prunella.yaml"
          >
            {YAML}
          </pre>
        </Nothing>
      )}
      {envelopes !== undefined && envelopes.length > 0 && (
        <ul>
          {envelopes.map((envelope) => (
            <Envelope
              key={`${envelope.project_id}/${envelope.probe}`}
              envelope={envelope}
              standing={{ isKilled, pauses, windows }}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

const SET_BY: Readonly<Record<EnvelopeRow["set_by"], string>> = {
  file: "autofix.env of the data folder says so",
  environment: "the environment of the server says so",
  nobody: "nobody has turned it on",
};

function Envelope({ envelope, standing }: { envelope: EnvelopeRow; standing: Standing }) {
  const [asking, setAsking] = useState(false);
  const { probe, is_on: isOn } = envelope;
  return (
    <li className="mt-5 border-t border-line pt-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="font-semibold [overflow-wrap:anywhere]">{probe}</h2>
        <span className="text-sm text-quiet">project {envelope.project_id}</span>
      </div>
      <p className="mt-1 [overflow-wrap:anywhere]">
        <span className={isOn ? "text-good" : "text-quiet"}>{isOn ? "✓ on" : "– off"}</span>: {SET_BY[envelope.set_by]}{" "}
        <span className="text-sm text-quiet">
          (<code>{envelope.enable_env}</code>)
        </span>
      </p>
      <p className="mt-1">
        Trusted so far: <span className="font-semibold">{envelope.stage}</span>{" "}
        <span className="text-sm text-quiet">
          ({recordWords(envelope.record)}; <Moved envelope={envelope} />)
        </span>
      </p>
      {envelope.observes_only && (
        <p className="mt-1">It only observes: no action is listed, so its switch permits nothing.</p>
      )}
      {envelope.actions.length > 0 && (
        <ul aria-label={`Actions of ${probe}`} className="mt-2 border-t border-line">
          {envelope.actions.map((action) => (
            <Action
              key={`${action.name} ${action.targets.join(" ")}`}
              envelope={envelope}
              action={action}
              standing={standing}
            />
          ))}
        </ul>
      )}
      {envelope.outside.length > 0 && (
        <p className="mt-2 text-sm text-quiet [overflow-wrap:anywhere]">
          Refused always, because the envelope does not list them: {envelope.outside.join(", ")}.
        </p>
      )}
      <p className="mt-3 flex flex-wrap gap-2">
        <Does
          route="POST /v1/envelopes/:probe/switch"
          project={null}
          className={`button max-md:min-h-11 ${isOn ? "button-bad" : ""}`}
          onClick={() => setAsking(true)}
        >
          {isOn ? "Turn it off…" : "Turn it on…"}
          <span className="sr-only"> {probe}</span>
        </Does>
        <MoveButtons envelope={envelope} />
      </p>
      {asking && <Turn envelope={envelope} onClose={() => setAsking(false)} />}
    </li>
  );
}

/** Where it began, and who moved it last. */
function Moved({ envelope: { begins_at: beginsAt, moved, stage } }: { envelope: EnvelopeRow }) {
  if (moved === null) return <>it began there and was never moved</>;
  return (
    <>
      it began at {beginsAt} and is at {stage} since <Ago at={moved.at} />,{" "}
      {moved.reason === null ? "because a fix did not help" : `by ${actorWords(moved.by)}: ${moved.reason}`},{" "}
      <Link to="/entries" search={{ from: moved.audit_log_id }} className="link whitespace-nowrap">
        entry {moved.audit_log_id}
      </Link>
    </>
  );
}

function Action({
  envelope,
  action,
  standing,
}: {
  envelope: EnvelopeRow;
  action: EnvelopeRow["actions"][number];
  standing: Standing;
}) {
  const [first, ...more] = envelopeHindrances(envelope, action, standing);
  return (
    <li className="border-b border-line py-2">
      <p className="[overflow-wrap:anywhere]">
        <strong className="font-semibold">{action.name}</strong>
        {action.aliases.length > 0 && <span className="text-quiet"> (also {action.aliases.join(", ")})</span>} of{" "}
        {action.targets.map((target, at) => (
          <span key={target}>
            {at > 0 && ", "}
            <code>{target}</code>
          </span>
        ))}
      </p>
      <p className="text-sm [overflow-wrap:anywhere]">
        {first === undefined ? (
          <>
            <span className="text-good">
              <span aria-hidden="true">{"✓\u00a0"}</span>Would be let through now
            </span>
            , when the target is there and not well.
          </>
        ) : (
          <>
            <span className="text-warn">
              <span aria-hidden="true">{"▲\u00a0"}</span>Would be refused now:
            </span>{" "}
            <Because hindrance={first} />
            {more.map((each) => (
              <span key={each.words}>
                ; also <Because hindrance={each} />
              </span>
            ))}
            .
          </>
        )}
      </p>
    </li>
  );
}

function Turn({ envelope, onClose }: { envelope: EnvelopeRow; onClose: () => void }) {
  const client = useQueryClient();
  const { probe } = envelope;
  const on = !envelope.is_on;
  const turn = useMutation({
    mutationFn: () => call("POST /v1/envelopes/:probe/switch", { probe, on }),
    onSuccess: (now) => {
      toast(`The envelope ${now.envelope} is ${now.on ? "on" : "off: nothing in it acts any more"}.`);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers", "envelopes"] }),
  });
  return (
    <ModalDialog title={`Turn ${probe} ${on ? "on" : "off"}?`} role="alertdialog" onClose={onClose}>
      <p className="mt-3 [overflow-wrap:anywhere]">
        {on
          ? turnedOnWords(envelope)
          : "From then on nothing in it is done, also by an investigation that is under way. Permits that were not used yet are refused."}
      </p>
      <p className="mt-2 text-sm text-quiet">
        It goes into the ledger with your id, and into <code>autofix.env</code>, which wins over the environment.
      </p>
      <div role="alert" className="mt-2">
        {turn.error !== null && (
          <p className="text-bad">
            The switch did not move. {turn.error instanceof ApiFailure ? turn.error.message : ""}
          </p>
        )}
      </div>
      <AsCommand
        words={`envelopes ${on ? "on" : "off"} ${probe}`}
        route="POST /v1/envelopes/:probe/switch"
        input={{ probe, on }}
      />
      <div className="mt-3 flex flex-wrap gap-2">
        <button
          type="button"
          className={`button max-md:min-h-11 ${on ? "button-primary" : "button-bad"}`}
          disabled={turn.isPending}
          onClick={() => turn.mutate()}
        >
          Turn it {on ? "on" : "off"}
        </button>
        <button type="button" autoFocus className="button max-md:min-h-11" onClick={onClose}>
          Leave it as it is
        </button>
      </div>
    </ModalDialog>
  );
}
