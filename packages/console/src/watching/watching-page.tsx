import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { HeartbeatState, ProbeState, ProbeStatus, StripCell } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { heartbeatsQuery, probesQuery } from "../api/queries.ts";
import { useSpoken } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Ago, Exact, span, useNow } from "../parts/time.tsx";
import { targetWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";

const PROBE_YAML = `probes:
  - name: shop-http
    kind: http
    every: 10s
    target: program:shop
    settings: { url: "http://127.0.0.1:8080/health" }`;

/** What Prunella looks at by itself, and what says by itself that it lives. */
export function WatchingPage() {
  useTitle("Probes and heartbeats");
  const probes = useQuery(probesQuery);
  const heartbeats = useQuery(heartbeatsQuery);
  const say = useSpoken();
  const failed = [probes, heartbeats].find((query) => query.isError);
  return (
    <div className="page pb-12 pt-4">
      <h1 className="text-lg font-semibold">Probes and heartbeats</h1>
      {failed !== undefined && (
        <Problem
          what="Probes and heartbeats could not be fetched."
          error={failed.error}
          works="They are looked after all the same, and what they find becomes a fault."
          onRetry={() => void Promise.all([probes.refetch(), heartbeats.refetch()])}
        />
      )}
      {probes.data !== undefined && (
        <section aria-labelledby="probes">
          <h2 id="probes" className="section-title mt-6">
            Probes
          </h2>
          {probes.data.probes.length === 0 ? (
            <Nothing title="No probes yet">
              Prunella looks at what stands in <code>prunella.yaml</code>:
              <pre className="mt-2 overflow-x-auto border border-line p-3 text-sm">{PROBE_YAML}</pre>
            </Nothing>
          ) : (
            <ul>
              {probes.data.probes.map((probe) => (
                <Probe key={`${probe.project_id}/${probe.name}`} probe={probe} />
              ))}
            </ul>
          )}
        </section>
      )}
      {heartbeats.data !== undefined && (
        <section aria-labelledby="heartbeats">
          <h2 id="heartbeats" className="section-title mt-10">
            Heartbeats
          </h2>
          {heartbeats.data.heartbeats.length === 0 ? (
            <Nothing title="No heartbeats yet">
              A job that runs each night says that it lives:{" "}
              <code>{say("prunella heartbeats add nightly --cron '0 3 * * *'")}</code>
            </Nothing>
          ) : (
            <ul>
              {heartbeats.data.heartbeats.map((heartbeat) => (
                <Heartbeat key={`${heartbeat.project_id}/${heartbeat.name}`} heartbeat={heartbeat} />
              ))}
            </ul>
          )}
        </section>
      )}
    </div>
  );
}

function Probe({ probe }: { probe: ProbeState }) {
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: () =>
      call("POST /v1/projects/:project/probes/:name/check", { project: probe.project_id, name: probe.name }),
    onSettled: () => client.invalidateQueries({ queryKey: ["probes"] }),
  });
  return (
    <Row watched={probe} kind={probe.kind}>
      <p className="mt-1 text-sm text-quiet">
        every {span(probe.every_ms)}, <NextLook at={probe.next_due} />
        {probe.failures > 0 && `, ${probe.failures} of ${probe.failures_needed} failures in a row`}
      </p>
      <p className="mt-2 flex flex-wrap items-center gap-3">
        <Does
          route="POST /v1/projects/:project/probes/:name/check"
          project={probe.project_id}
          className="button max-md:min-h-11"
          disabled={look.isPending}
          onClick={() => look.mutate()}
        >
          Look now<span className="sr-only"> at {probe.name}</span>
        </Does>
        <span role="status" className="text-sm text-quiet">
          {look.error instanceof ApiFailure ? look.error.message : look.isSuccess ? "Looked." : ""}
        </span>
      </p>
    </Row>
  );
}

/** A moment that has passed is no next one: its turn has come, and it waits for it. */
function NextLook({ at }: { at: number }) {
  return useNow() >= at ? (
    "its turn has come"
  ) : (
    <>
      looks next <Ago at={at} />
    </>
  );
}

function Heartbeat({ heartbeat }: { heartbeat: HeartbeatState }) {
  const { heard_at: heardAt, next_due: nextDue, started_at: startedAt } = heartbeat;
  return (
    <Row watched={heartbeat} kind={heartbeat.from === "sdk" ? "an SDK's monitor" : "heartbeat"}>
      <p className="mt-1 text-sm text-quiet">
        {heartbeat.every_ms === null ? (
          <>
            at <code>{heartbeat.cron}</code> of {heartbeat.time_zone}
          </>
        ) : (
          `every ${span(heartbeat.every_ms)}`
        )}
        {heardAt === null ? (
          ", never heard"
        ) : (
          <>
            , heard <Ago at={heardAt} />
          </>
        )}
        {startedAt !== null && (
          <>
            , began <Ago at={startedAt} />
          </>
        )}
        {nextDue !== null && (
          <>
            , silence fails at <Exact at={nextDue} />
          </>
        )}
        {!heartbeat.has_key && heartbeat.from !== "sdk" && ", has no key yet"}
      </p>
    </Row>
  );
}

function Row({
  watched,
  kind,
  children,
}: {
  watched: ProbeState | HeartbeatState;
  kind: string;
  children: React.ReactNode;
}) {
  return (
    <li className="mt-5 border-t border-line pt-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-semibold [overflow-wrap:anywhere]">{watched.name}</h3>
        <span className="text-sm text-quiet [overflow-wrap:anywhere]">
          {kind} · <code>{targetWords(watched.target)}</code>
        </span>
      </div>
      <p className="mt-1 [overflow-wrap:anywhere]">
        <Status status={watched.status} /> since <Ago at={watched.since} />. {watched.detail}
      </p>
      <DayStrip strip={watched.strip} />
      {children}
    </li>
  );
}

const SIGNS: Readonly<Record<ProbeStatus, readonly [sign: string, colour: string]>> = {
  healthy: ["✓", "text-good"],
  degraded: ["▲", "text-warn"],
  unhealthy: ["✕", "text-bad"],
  unknown: ["–", "text-quiet"],
};

function Status({ status }: { status: ProbeStatus }) {
  const [sign, colour] = SIGNS[status];
  return (
    <span className={colour}>
      <span aria-hidden="true">{`${sign}\u00a0`}</span>
      {status}
    </span>
  );
}

const FILL: Readonly<Record<ProbeStatus, readonly [colour: string, height: number]>> = {
  healthy: ["fill-good", 8],
  degraded: ["fill-warn", 14],
  unhealthy: ["fill-bad", 20],
  unknown: ["fill-quiet", 4],
};

/** A day in quarters of an hour. Worse ones are taller: nobody has to tell colours apart. */
function DayStrip({ strip }: { strip: readonly StripCell[] }) {
  const count = (status: ProbeStatus): number => strip.filter((cell) => cell.status === status).length;
  const told = (["unhealthy", "degraded", "healthy"] as const)
    .map((status) => [status, count(status)] as const)
    .filter(([, cells]) => cells > 0)
    .map(([status, cells]) => `${status} in ${cells}`)
    .join(", ");
  const words = `The last 24 hours in quarters of an hour: ${told === "" ? "nothing was found" : told} of ${strip.length}`;
  return (
    <svg
      role="img"
      aria-label={words}
      viewBox={`0 0 ${strip.length * 4} 20`}
      preserveAspectRatio="none"
      className="mt-2 h-5 w-full max-w-160"
    >
      {strip.map(({ at, status }, index) => {
        const [colour, height] = status === null ? (["fill-line", 2] as const) : FILL[status];
        return <rect key={at} x={index * 4} y={20 - height} width={3} height={height} className={colour} />;
      })}
    </svg>
  );
}
