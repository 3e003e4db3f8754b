import type { ForgeCheck } from "@prunella/contract";
import { Line } from "../parts/line.tsx";
import { Ago, Exact, relative, useNow } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";

const KIND = { github: "GitHub", gitea: "Gitea or Forgejo" } as const;

/** What stands at the side: where the host is, what it tells, how much it may be asked, what waits. */
export function HostFacts({ forge, className }: { forge: ForgeCheck; className: string }) {
  const {
    kind,
    double: isDouble,
    base_url: url,
    version,
    identities,
    webhook,
    limits,
    watched,
    triage,
    backlog,
  } = forge;
  const isThere = identities.some(({ standing }) => standing !== "unreachable");
  return (
    <section aria-labelledby="host" className={`min-w-0 ${className}`}>
      <h2 id="host" className="section-title">
        The host
      </h2>
      <dl className="mt-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 [overflow-wrap:anywhere]">
        <Line term="Kind">
          {KIND[kind]}
          {isDouble && (
            <>
              {": "}
              <strong>a double of it</strong>, as it says itself, and not the real one
            </>
          )}
        </Line>
        <Line term="Address">
          <Untrusted text={url} />
        </Line>
        <Line term="Answers">
          {isThere ? (
            <>
              <span className="text-good">✓</span> yes{version !== null && ", version "}
              {version !== null && <Untrusted text={version} />}
            </>
          ) : (
            <>
              <span className="text-bad">✕</span> it was not reached
            </>
          )}
        </Line>
        <Line term="Webhook">
          {webhook.configured === null ? (
            <>
              <Untrusted text={webhook.expected} />, if it is set: the host does not say where it sends
            </>
          ) : (
            <>
              <Untrusted text={webhook.configured} />
              {webhook.configured !== webhook.expected && (
                <>
                  {" "}
                  <span className="text-warn">▲</span> and not <Untrusted text={webhook.expected} />
                </>
              )}
            </>
          )}
        </Line>
        <Line term="Last delivery">
          {webhook.last_at === null ? "none since the server started" : <Ago at={webhook.last_at} />}
        </Line>
        <Line term="Watched">
          {watched.length === 0
            ? "no repository"
            : watched.map((repo) => (
                <span key={repo} className="block">
                  <Untrusted text={repo} />
                </span>
              ))}
        </Line>
        <Line term="Triage">{triage === null ? "not set up" : <TriagePlace triage={triage} />}</Line>
        {triage?.public_repo != null && (
          <Line term="Made public in">
            <Untrusted text={triage.public_repo} />
          </Line>
        )}
        <Line term="Limit">
          {limits === null ? (
            "the host says nothing of it"
          ) : (
            <>
              {limits.remaining} of {limits.limit} questions left until <Exact at={limits.resets_at} />
            </>
          )}
        </Line>
        <Line term="Backlog">
          <Waiting backlog={backlog} />
        </Line>
      </dl>
    </section>
  );
}

function TriagePlace({ triage: { repo, is_private } }: { triage: NonNullable<ForgeCheck["triage"]> }) {
  return (
    <>
      <Untrusted text={repo} />{" "}
      {is_private === null ? (
        "(nobody knows whether it is private)"
      ) : is_private ? (
        "(private)"
      ) : (
        <>
          <span className="text-warn">▲</span> public: nothing is filed there
        </>
      )}
    </>
  );
}

function Waiting({ backlog: { waiting, until, reason, ends_at: endsAt } }: Pick<ForgeCheck, "backlog">) {
  const now = useNow();
  return (
    <>
      {waiting === 0 ? (
        "nothing waits"
      ) : (
        <a href="#issues" className="link">
          {waiting} {waiting === 1 ? "waits" : "wait"} to be filed
        </a>
      )}
      {endsAt !== null && `, over ${relative(endsAt, now)} or so`}
      {until !== null && (
        <span className="block">
          <span className="text-warn">▲</span> The host is asked again at <Exact at={until} />
          {reason !== null && (
            <>
              : <Untrusted text={reason} />
            </>
          )}
        </span>
      )}
    </>
  );
}
