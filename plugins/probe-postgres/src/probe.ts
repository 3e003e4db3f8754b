import { Credential, duration, type Probe } from "@prunella/contract";
import { degraded, healthy, unhealthy, unknown } from "@prunella/contract/probe-result";
import { z } from "zod";

/** A PostgreSQL: whether it answers, how many connections are left, and how far a replica lags. Tried against the real one. */
const Settings = z.strictObject({
  address: Credential.meta({ description: "Where the host reads `postgres://…`, with user and password." }),
  connections_percent: z.number().min(0).max(100).default(90).meta({
    description: "With more of its connections in use it is degraded.",
    "x-unit": "percent",
  }),
  lag: duration({ least: "1s" })
    .nullable()
    .prefault(null)
    .meta({ description: "A replica that is further behind is degraded." }),
});
type Settings = z.infer<typeof Settings>;

const SQL = `select (select count(*) from pg_stat_activity where backend_type = 'client backend')::int as used,
  current_setting('max_connections')::int as most, pg_is_in_recovery() as is_replica,
  case when not pg_is_in_recovery() or pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() then 0
    else coalesce(extract(epoch from now() - pg_last_xact_replay_timestamp()), 0) end::float8 as lag_s`;

const Row = z.object({ used: z.int(), most: z.int().min(1), is_replica: z.boolean(), lag_s: z.number() });

export const postgres: Probe<Settings> = {
  kind: "postgres",
  settings: Settings,
  async check({ address, connections_percent, lag }, { query }, signal) {
    const answer = await query({ credential: address, sql: SQL }, signal);
    if (!answer.ok) return (answer.category === "token_unset" ? unknown : unhealthy)(answer.category, answer.detail);
    const row = Row.safeParse(answer.rows[0]);
    if (!row.success) return unknown("unreadable", "PostgreSQL answered something else than was asked.");
    const { used, most, is_replica, lag_s } = row.data;
    const share = (used / most) * 100;
    const measured = { latency_ms: answer.tookMs, connections: used, connections_percent: share, lag_s };
    if (share > connections_percent)
      return degraded("connections", `${used} of ${most} connections are in use.`, measured);
    if (is_replica && lag !== null && lag_s * 1_000 > lag)
      return degraded("lag", `The replica is ${Math.round(lag_s)} s behind.`, measured);
    return healthy(`It answers; ${used} of ${most} connections are in use.`, measured);
  },
};
