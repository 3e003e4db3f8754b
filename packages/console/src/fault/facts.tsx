import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { FaultDetail, Source, Trust } from "@prunella/contract";
import { usersQuery } from "../api/queries.ts";
import { Ago, Exact as ExactTime } from "../parts/time.tsx";
import { Untrusted } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";

const TRUST: Record<Trust, string> = {
  public: "public: anyone with the DSN can send these",
  authenticated: "authenticated: a secret key or a person",
  local: "local: Prunella’s own supervisor saw it",
};
const SOURCE: Record<Source, string> = {
  sentry: "Sentry SDK",
  crash: "crash report",
  plugin: "plugin",
  probe: "probe",
  heartbeat: "heartbeat",
  supervisor: "supervisor",
  webhook: "webhook",
  otlp: "OpenTelemetry",
};

/** The side column: when, how often, where, and how far it may be believed. */
export function Facts({ detail }: { detail: FaultDetail }) {
  const { fault } = detail;
  return (
    <dl className="text-sm">
      <Fact name={detail.told_twice === 0 ? "Events" : "Occurrences"}>
        {(fault.count - detail.told_twice).toLocaleString("en")}
        {detail.told_twice > 0 && (
          <span className="block text-xs text-quiet">
            {plural(fault.count, "event")}: {plural(detail.told_twice, "crash was", "crashes were")} told by the program
            and its supervisor
          </span>
        )}
      </Fact>
      <Fact name="Bodies kept">
        {detail.kept.bodies.toLocaleString("en")}
        <span className="text-quiet"> of {plural(detail.kept.of, "event")}</span>
      </Fact>
      <Fact name="Last seen">
        <Ago at={fault.last_seen} />
        <Exact at={fault.last_seen} />
      </Fact>
      <Fact name="First seen">
        <Ago at={fault.first_seen} />
        <Exact at={fault.first_seen} />
      </Fact>
      <Users fault={fault} />
      <Fact name="Level">{fault.level}</Fact>
      <Fact name="Project">{fault.project_id}</Fact>
      <Fact name={detail.releases.length === 1 ? "Release" : "Releases"}>
        <Lines
          rows={detail.releases.map(({ release, count }) => ({ text: release, none: "no release given", count }))}
          link={(release) => (
            <Link
              to="/releases/$project/$version"
              params={{ project: fault.project_id, version: release }}
              className="link"
            >
              what is new in it<span className="sr-only">: {release}</span>
            </Link>
          )}
        />
      </Fact>
      <Fact name={detail.environments.length === 1 ? "Environment" : "Environments"}>
        <Lines
          rows={detail.environments.map(({ environment, count }) => ({ text: environment, none: "none given", count }))}
        />
      </Fact>
      <Fact name="Trust of the source">
        {detail.trust.map(({ trust, count }) => (
          <div key={trust}>
            {TRUST[trust]} <span className="text-quiet">· {count.toLocaleString("en")}</span>
          </div>
        ))}
      </Fact>
      <Fact name="Source">
        {detail.sources.map(({ source, count }) => (
          <div key={source}>
            {SOURCE[source]} <span className="text-quiet">· {count.toLocaleString("en")}</span>
          </div>
        ))}
      </Fact>
      {fault.resolved_at !== null && (
        <Fact name="Resolved">
          <Ago at={fault.resolved_at} />
        </Fact>
      )}
      <Fact name="Fault id">
        <code className="[overflow-wrap:anywhere]">{fault.id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="border-b border-line py-2">
      <dt className="text-quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Users({ fault }: { fault: FaultDetail["fault"] }) {
  const kept = useQuery(usersQuery(fault.id)).data;
  const listed = kept?.users ?? [];
  if (fault.users === 0 && listed.length === 0) return null;
  const many = fault.users >= MOST_USERS;
  return (
    <Fact name="Users affected">
      {many ? `${MOST_USERS.toLocaleString("en")} or more` : Math.max(fault.users, listed.length).toLocaleString("en")}
      {kept !== undefined && listed.length > 0 && (
        <>
          <span className="block text-xs text-quiet">
            {kept.naming.toLocaleString("en")} of {plural(kept.bodies, "kept body", "kept bodies")} name one:
          </span>
          <div className="text-xs">
            <Lines rows={listed.map(({ user, events }) => ({ text: user, none: "", count: events }))} />
          </div>
        </>
      )}
    </Fact>
  );
}

/** Further ones are not told apart. */
const MOST_USERS = 1_000;

function Exact({ at }: { at: number }) {
  return (
    <span className="block text-xs text-quiet">
      <ExactTime at={at} />
    </span>
  );
}

const MOST = 8;
function Lines({
  rows,
  link,
}: {
  rows: { text: string; none: string; count: number }[];
  link?: (text: string) => ReactNode;
}) {
  if (rows.length === 0) return <span className="text-quiet">none</span>;
  return (
    <>
      {rows.slice(0, MOST).map(({ text, none, count }) => (
        <div key={text} className={`[overflow-wrap:anywhere] ${link === undefined ? "" : "mb-1 last:mb-0"}`}>
          {text === "" ? none : <Untrusted text={text} />}{" "}
          <span className="text-quiet">· {count.toLocaleString("en")}</span>
          {link !== undefined && text !== "" && <span className="block text-xs">{link(text)}</span>}
        </div>
      ))}
      {rows.length > MOST && <div className="text-quiet">{plural(rows.length - MOST, "more", "more")}</div>}
    </>
  );
}
