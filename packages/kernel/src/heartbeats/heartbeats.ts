import {
  PrunellaError,
  type Actor,
  type HeartbeatConfig,
  type HeartbeatDetail,
  type HeartbeatState,
} from "@prunella/contract";
import { OPERATOR } from "../actors.ts";
import { digestOf, newSecret } from "../access/secret.ts";
import type { Core } from "../core.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Calendar } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { configureHeartbeats, putHeartbeat, type Given } from "./configure.ts";
import { find, hold } from "./rows.ts";
import { toDetail, toState, type HeartbeatRow } from "./state.ts";
import { watchHeartbeats, type WatchDeps } from "./watch.ts";

export interface HeartbeatsDeps extends WatchDeps, Pick<Core, "rng"> {
  readonly calendar: Calendar;
  readonly isClean: (text: string) => boolean;
  readonly place: string;
}

/** The key is there this once. */
export interface WithKey {
  readonly heartbeat: HeartbeatDetail;
  readonly key: string;
}

const MOST_LISTED = 2_000;

/** Passive checks: what is written down of them, by the configuration and by people, and what was heard. */
export function createHeartbeats(deps: HeartbeatsDeps) {
  const { db, writer, clock, calendar, place } = deps;
  const watch = watchHeartbeats(deps);
  const tell = (name: string) => deps.publish("heartbeats", name);
  const told = (name: string) => {
    tell(name);
    deps.publish("ledger", "head");
  };

  /** Whoever holds a key can make silence look like life, so the ledger says who made it. */
  async function record(
    tx: Tx,
    given: { project: string; heartbeat: string; change: "added" | "key_changed" | "removed"; by: Actor },
  ): Promise<void> {
    await appendLedger(tx, { v: 1, at: clock.now(), type: "heartbeat_changed", ...given });
  }

  async function show(projectId: string, name: string): Promise<HeartbeatDetail> {
    return toDetail(await read(db, projectId, name), clock.now());
  }

  type KeyOf = (name: string) => string | null;
  /** Throws PRUNELLA_CONFIG_INVALID; what it gives makes these the heartbeats of this data folder. */
  function prepare(heartbeats: readonly HeartbeatConfig[], keyOf: KeyOf = () => null): () => Promise<void> {
    const given = heartbeats.map((one, at): Given => {
      assertSchedule(calendar, one, `heartbeats.${at} (${one.name})`);
      assertClean(deps, one.name, `heartbeats.${at}.name`);
      const { key, ...rest } = one;
      return key === null ? rest : { ...rest, keySha256: digestOf(strongKey(keyOf(key), `heartbeats.${at}.key`)) };
    });
    assertNoneTwice(given);
    return async () => {
      await writer.run((tx) => configureHeartbeats(tx, { now: clock.now(), place, heartbeats: given, calendar }));
      watch.start();
      tell("all");
    };
  }

  return {
    prepare,
    /** From now on these are the heartbeats of this data folder; those of people and SDKs stay. */
    configure: async (heartbeats: readonly HeartbeatConfig[], keyOf?: KeyOf): Promise<void> =>
      prepare(heartbeats, keyOf)(),
    async list(projects: readonly string[] | null = null): Promise<HeartbeatState[]> {
      const rows = await db
        .selectFrom("heartbeat")
        .selectAll()
        .$if(projects !== null, (query) => query.where("project_id", "in", [...(projects ?? [])]))
        .orderBy("project_id")
        .orderBy("name")
        .limit(MOST_LISTED)
        .execute();
      const now = clock.now();
      return rows.map((row) => toState(row, now));
    },
    show,
    async add(heartbeat: Omit<HeartbeatConfig, "key">, by: Actor = OPERATOR): Promise<WithKey> {
      if ((heartbeat.every === null) === (heartbeat.cron === null))
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "A heartbeat has either `every` or `cron`." });
      assertSchedule(calendar, heartbeat, heartbeat.name);
      assertClean(deps, heartbeat.name, "name");
      const { project: projectId, name } = heartbeat;
      const key = newSecret(deps.rng);
      await writer.run(async (tx) => {
        await lockHead(tx);
        const project = await tx.db
          .selectFrom("project")
          .select("project_id")
          .where("project_id", "=", heartbeat.project)
          .where("deletes_at", "is", null)
          .executeTakeFirst();
        if (!project)
          throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${heartbeat.project}.` });
        if (await hold(tx, heartbeat.project, heartbeat.name))
          throw new PrunellaError("PRUNELLA_CONFLICT", {
            detail: `${heartbeat.project} has a heartbeat ${heartbeat.name} already.`,
            hint: `Another key for it: prunella heartbeats rotate ${heartbeat.name}`,
          });
        const keyed = { ...heartbeat, keySha256: digestOf(key) };
        await putHeartbeat(tx, { now: clock.now(), place: "", from: "person", heartbeat: keyed, calendar }, null);
        await record(tx, { project: projectId, heartbeat: name, change: "added", by });
      });
      told(name);
      return { heartbeat: await show(projectId, name), key };
    },
    /** Another key; the one before opens nothing from now on. */
    async rotate(projectId: string, name: string, by: Actor = OPERATOR): Promise<WithKey> {
      const key = newSecret(deps.rng);
      await writer.run(async (tx) => {
        await lockHead(tx);
        const row = await there(tx, projectId, name);
        if (row.came_from === "sdk")
          throw new PrunellaError("PRUNELLA_CONFLICT", {
            detail: `${name} is a monitor of an SDK, which needs no key.`,
          });
        await tx.db
          .updateTable("heartbeat")
          .set({ key_sha256: digestOf(key) })
          .where("project_id", "=", projectId)
          .where("name", "=", name)
          .execute();
        await record(tx, { project: projectId, heartbeat: name, change: "key_changed", by });
      });
      told(name);
      return { heartbeat: await show(projectId, name), key };
    },
    async remove(projectId: string, name: string, by: Actor = OPERATOR): Promise<void> {
      await writer.run(async (tx) => {
        await lockHead(tx);
        const row = await there(tx, projectId, name);
        if (row.came_from === "file")
          throw new PrunellaError("PRUNELLA_CONFLICT", {
            detail: `${name} stands in prunella.yaml.`,
            hint: "Take it out there.",
          });
        await tx.db.deleteFrom("heartbeat").where("project_id", "=", projectId).where("name", "=", name).execute();
        await record(tx, { project: projectId, heartbeat: name, change: "removed", by });
      });
      told(name);
    },
    settle: watch.settle,
    close: watch.close,
  };
}

export function assertSchedule(
  calendar: Calendar,
  { cron, time_zone: zone }: { readonly cron: string | null; readonly time_zone: string },
  where: string,
): void {
  const refuse = (detail: string) => new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail: `${where}: ${detail}` });
  if (!calendar.isZone(zone)) throw refuse(`there is no time zone ${zone}; one is Europe/Berlin.`);
  if (cron !== null && !calendar.isPattern(cron, zone))
    throw refuse(`${cron} is no pattern of cron; \`0 3 * * *\` is three o'clock every day.`);
}

function assertClean({ isClean }: HeartbeatsDeps, name: string, where: string): void {
  if (!isClean(name))
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail: `${where}: it looks like a secret.` });
}

/** A name tells one from another in its project, and a key alone says who speaks. */
function assertNoneTwice(given: readonly Given[]): void {
  const names = new Map<string, number>();
  const keys = new Map<string, number>();
  for (const [at, { project, name, keySha256 }] of given.entries()) {
    const refuse = (key: "name" | "key", why: string) =>
      new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail: `heartbeats.${at}.${key}: ${why}` });
    if (names.has(`${project}/${name}`)) throw refuse("name", `${project} has a heartbeat ${name} already.`);
    names.set(`${project}/${name}`, at);
    if (typeof keySha256 !== "string") continue;
    const first = keys.get(keySha256);
    if (first !== undefined)
      throw refuse(
        "key",
        `it is the key of heartbeats.${first} (${given[first]?.name}) as well; each has one of its own.`,
      );
    keys.set(keySha256, at);
  }
}

const MIN_KEY = 16;

function strongKey(key: string | null, where: string): string {
  if (key !== null && key.length >= MIN_KEY) return key;
  throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
    detail: `${where}: ${key === null ? "there is nothing" : `it has under ${MIN_KEY} characters`}.`,
    hint: "Make one: openssl rand -base64 24",
  });
}

const missing = (projectId: string, name: string) =>
  new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `${projectId} has no heartbeat ${name}.` });

async function there(tx: Tx, projectId: string, name: string): Promise<HeartbeatRow> {
  const row = await hold(tx, projectId, name);
  if (row === null) throw missing(projectId, name);
  return row;
}

async function read(db: Engine["reader"], projectId: string, name: string): Promise<HeartbeatRow> {
  const row = await find(db, projectId, name);
  if (!row) throw missing(projectId, name);
  return row;
}
