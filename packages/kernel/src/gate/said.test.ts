import { createHash } from "node:crypto";
import type { Grant } from "@prunella/contract";
import { createCalendar } from "@prunella/server/platform";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { rows } from "../store/rows.ts";
import { aGrant, aTrigger, NOW } from "./facts-fixture.ts";
import {
  addGrant,
  configuredId,
  grantOfKey,
  isConfigured,
  listGrants,
  readGrant,
  revokeGrant,
  setGrant,
} from "./grants.ts";
import { addMaintenance, endMaintenance, listMaintenance } from "./maintenance.ts";
import { addOverride, listOverrides, takeOverride } from "./overrides.ts";
import { addPause, liftPause, listPauses } from "./pauses.ts";
import { openRows } from "./rows-fixture.ts";
import { readStanding } from "./standing.ts";
import { readKillSwitch, turnKillSwitch } from "./switches.ts";

const ANNA = { kind: "person", id: "anna" } as const;
const BERT = { kind: "person", id: "bert" } as const;
const calendar = createCalendar();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe.each(ENGINES)("what people say to the gate, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const all = await openRows(open);
    await all.run(
      ({ db }) => rows(db)`insert into self_heal_triggers
      (project_id, trigger_id, condition, target, allows_public, policy, version, changed, created_at)
      values ('default', 'light-hall', '{}', '', 0, '{}', 1, 0, 0)`,
    );
    await all.run(
      ({ db }) => rows(db)`insert into project (project_id, title, dsn_id, public_key, key_at, created_at, deletes_at)
      values ('leaving', '', '2', 'k2', 0, 0, 5), ('other', '', '3', 'k3', 0, 0, null)`,
    );
    return all;
  }

  test("the kill switch: who turned it, since when, and once in the ledger however often it is turned", async () => {
    await using all = await begin();
    const turn = (on: boolean, now = NOW, by = ANNA) => all.run((tx) => turnKillSwitch(tx, now, on, by));
    const never = { on: false, since: null, by: null };
    expect(await readKillSwitch(all.db)).toEqual(never);
    expect(await turn(false)).toEqual({ state: never, hasChanged: false, before: null });
    expect(await turn(true)).toEqual({ state: { on: true, since: NOW, by: ANNA }, hasChanged: true, before: null });
    expect(await turn(true, NOW + 1)).toEqual({
      state: { on: true, since: NOW, by: ANNA },
      hasChanged: false,
      before: null,
    });
    expect(await turn(false, NOW + 5)).toEqual({
      state: { on: false, since: NOW + 5, by: ANNA },
      hasChanged: true,
      before: NOW,
    });
    expect(await turn(false, NOW + 6)).toMatchObject({ state: { since: NOW + 5 }, hasChanged: false });
    expect(await readKillSwitch(all.db)).toEqual({ on: false, since: NOW + 5, by: ANNA });
    expect(await all.entries()).toEqual([
      { v: 1, at: NOW, type: "switch_changed", switch: "kill", project: null, on: true, by: ANNA },
      { v: 1, at: NOW + 5, type: "switch_changed", switch: "kill", project: null, on: false, by: ANNA },
    ]);
  });

  test("a pause: one of a name at a time, in force until its end or until it is lifted", async () => {
    await using all = await begin();
    const given = {
      projectId: "default",
      triggerId: null,
      reason: "deploy",
      until: null,
      now: NOW,
      newId: all.newId,
      by: ANNA,
    };
    const add = (more: Partial<Parameters<typeof addPause>[1]> = {}) =>
      all.run((tx) => addPause(tx, { ...given, ...more }));
    const first = await add();
    expect(first).toMatchObject({
      project_id: "default",
      trigger_id: null,
      reason: "deploy",
      owner: ANNA,
      since: NOW,
      until: null,
      audit_log_id: 1,
    });
    expect(await add({ by: BERT, now: NOW + 1 })).toEqual(first);
    const timed = await add({ triggerId: "light-hall", until: NOW + 10 });
    expect(timed).toMatchObject({ trigger_id: "light-hall", until: NOW + 10 });
    expect((await add({ triggerId: "light-hall", until: NOW + 20, now: NOW + 9 })).id).toBe(timed.id);
    const anew = await add({ triggerId: "light-hall", until: NOW + 20, now: NOW + 10 });
    expect(anew.id).not.toBe(timed.id);
    await add({ projectId: "other", reason: "fair" });
    const list = async (now: number, more: Parameters<typeof listPauses>[2] = {}) =>
      (await listPauses(all.db, now, more)).map(({ project_id: project, trigger_id: trigger, reason }) => [
        project,
        trigger,
        reason,
      ]);
    const [ofAll, ofTrigger, ofOther] = [
      ["default", null, "deploy"],
      ["default", "light-hall", "deploy"],
      ["other", null, "fair"],
    ];
    expect(await list(NOW + 19)).toEqual([ofAll, ofTrigger, ofOther]);
    expect(await list(NOW + 20)).toEqual([ofAll, ofOther]);
    expect(await list(NOW, { project: "other" })).toEqual([ofOther]);
    expect(await list(NOW, { sees: ["other"] })).toEqual([ofOther]);
    expect(await list(NOW, { project: "default", sees: ["other"] })).toEqual([]);
    const lift = (id: string, now = NOW + 15) => all.run((tx) => liftPause(tx, now, id, BERT));
    expect(await lift(first.id)).toEqual(first);
    await expect(lift(first.id)).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: 'The pause "deploy" is over already.',
    });
    await expect(lift(anew.id, NOW + 20)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    await expect(lift(all.newId())).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
      detail: "There is no such pause.",
    });
    await lift(anew.id);
    expect(await list(NOW)).toEqual([ofOther]);
    const changes = (await all.entries()).map((entry) =>
      entry.type === "pause_changed" ? [entry.change, entry.trigger, entry.until, entry.by.id] : null,
    );
    expect(changes).toEqual([
      ["added", null, null, "anna"],
      ["added", "light-hall", NOW + 10, "anna"],
      ["added", "light-hall", NOW + 20, "anna"],
      ["added", null, null, "anna"],
      ["lifted", null, null, "bert"],
      ["lifted", "light-hall", NOW + 20, "bert"],
    ]);
  });

  test("a pause is of something that is there, and is not over before it begins", async () => {
    await using all = await begin();
    const add = (more: Partial<Parameters<typeof addPause>[1]>) =>
      all.run((tx) =>
        addPause(tx, {
          projectId: "default",
          triggerId: null,
          reason: "a",
          until: null,
          now: NOW,
          newId: all.newId,
          by: ANNA,
          ...more,
        }),
      );
    for (const until of [NOW, NOW - 1])
      await expect(add({ until })).rejects.toMatchObject({
        code: "PRUNELLA_REQUEST_INVALID",
        detail: "The pause would be over before it begins.",
      });
    for (const projectId of ["nobody", "leaving"])
      await expect(add({ projectId })).rejects.toMatchObject({
        code: "PRUNELLA_NOT_FOUND",
        detail: `There is no project ${projectId}.`,
      });
    await expect(add({ triggerId: "light-attic" })).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
      detail: "There is no trigger light-attic in the project default.",
      hint: "List them: prunella triggers",
    });
    await expect(add({ projectId: "other", triggerId: "light-hall" })).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
    });
    expect(await all.entries()).toEqual([]);
  });

  test("what stands in the way of a trigger is its own and its project's, and a window that is open", async () => {
    await using all = await begin();
    const given = { projectId: "default", triggerId: null, until: null, now: NOW, newId: all.newId, by: ANNA };
    await all.run((tx) => addPause(tx, { ...given, reason: "deploy of it all" }));
    await all.run((tx) => addPause(tx, { ...given, triggerId: "light-hall", reason: "bulb", until: NOW + 10 }));
    const window = { from: "2026-11-21T07:00:00Z", to: "2026-11-21T09:00:00Z" };
    const closed = {
      projectId: "default",
      target: "lamp:hall",
      window,
      reason: "disk",
      now: NOW,
      newId: all.newId,
      by: ANNA,
      calendar,
    };
    await all.run((tx) => addMaintenance(tx, closed));
    const quiet = aTrigger({ windows: { maintenance: [], quiet: [{ from: "07:30", to: "08:30", zone: "UTC" }] } });
    const stands = (of: object, now = NOW, trigger = quiet) =>
      readStanding(
        all.db,
        { projectId: "default", triggerId: "light-hall", target: "lamp:hall", ...of },
        { now, trigger: Promise.resolve(trigger), calendar },
      );
    const ofProject = { reason: "deploy of it all", isOfTrigger: false, until: null };
    expect(await stands({})).toEqual({
      pauses: [{ reason: "bulb", isOfTrigger: true, until: NOW + 10 }, ofProject],
      maintenanceUntil: NOW + 3_600_000,
      quietUntil: NOW + 1_800_000,
    });
    expect((await stands({}, NOW + 10)).pauses).toEqual([ofProject]);
    expect((await stands({ triggerId: null })).pauses).toEqual([ofProject]);
    expect(await stands({ target: "lamp:attic" })).toMatchObject({ maintenanceUntil: null });
    expect(await stands({ projectId: "other" }, NOW, aTrigger())).toEqual({
      pauses: [],
      maintenanceUntil: null,
      quietUntil: null,
    });
    const own = aTrigger({ windows: { quiet: [], maintenance: [{ from: "07:30", to: "10:00", zone: "UTC" }] } });
    expect(await stands({}, NOW, own)).toMatchObject({ maintenanceUntil: NOW + 7_200_000, quietUntil: null });
  });

  test("maintenance: of a target, of all of a project's, or of all there are, until somebody ends it or it is over", async () => {
    await using all = await begin();
    const window = { from: "2026-11-21T07:00:00Z", to: "2026-11-21T09:00:00Z" };
    const given = {
      projectId: "default",
      target: "lamp:hall",
      window,
      reason: "disk",
      now: NOW,
      newId: all.newId,
      by: ANNA,
      calendar,
    } as const;
    const add = (more: Partial<Parameters<typeof addMaintenance>[1]> = {}) =>
      all.run((tx) => addMaintenance(tx, { ...given, ...more }));
    const one = await add();
    const ofAll = await add({ projectId: null, target: null, window: { from: "22:00", to: "06:00", zone: "UTC" } });
    await add({ projectId: "other" });
    const list = (now = NOW, sees: readonly string[] | null = null) => listMaintenance(all.db, { now, calendar, sees });
    expect((await list())[0]).toEqual({
      id: one.window_id,
      project_id: "default",
      target: "lamp:hall",
      window,
      reason: "disk",
      owner: ANNA,
      created_at: NOW,
      open_until: NOW + 3_600_000,
      audit_log_id: 1,
    });
    expect((await list())[1]).toMatchObject({ id: ofAll.window_id, project_id: null, target: null, open_until: null });
    expect((await list(NOW, ["other"])).map(({ project_id: id }) => id)).toEqual([null, "other"]);
    expect((await list(NOW + 3_600_000)).map(({ id }) => id)).toEqual([ofAll.window_id]);
    expect(await list(NOW + 3_599_999)).toHaveLength(3);
    await expect(add({ window: { from: "2026-11-21T06:00:00Z", to: "2026-11-21T08:00:00Z" } })).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
      detail: "The window is over already.",
    });
    await expect(add({ window: { cron: "0 2 * * FOO", lasts_ms: 1, zone: "UTC" } })).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
    });
    const end = (id: string) => all.run((tx) => endMaintenance(tx, NOW + 1, id, BERT));
    expect(await end(one.window_id)).toMatchObject({ ended_at: NOW + 1 });
    await end(ofAll.window_id);
    for (const id of [one.window_id, all.newId()])
      await expect(end(id)).rejects.toMatchObject({
        code: "PRUNELLA_NOT_FOUND",
        detail: "There is no such window, or it was ended.",
      });
    expect((await list()).map(({ project_id: id }) => id)).toEqual(["other"]);
    const [added, , , ended, endedAll] = await all.entries();
    const said = {
      v: 1,
      type: "maintenance_changed",
      project: "default",
      window: one.window_id,
      target: "lamp:hall",
      window_sha256: sha256(JSON.stringify(window)),
    };
    expect(added).toEqual({ ...said, at: NOW, change: "added", by: ANNA });
    expect(ended).toEqual({ ...said, at: NOW + 1, change: "ended", by: BERT });
    expect(endedAll).toMatchObject({ project: null, target: null, change: "ended" });
  });

  test("an override: a person's, of a trigger that is there, for so many attempts and so long", async () => {
    await using all = await begin();
    const given = {
      now: NOW,
      newId: all.newId,
      projectId: "default",
      triggerId: "light-hall",
      extra: 2,
      expiresAt: NOW + 10,
      reason: "bulbs",
      by: ANNA,
    };
    const add = (more: Partial<Parameters<typeof addOverride>[1]> = {}) =>
      all.run((tx) => addOverride(tx, { ...given, ...more }));
    await expect(add({ by: { kind: "grant", id: "agents" } })).rejects.toMatchObject({
      code: "PRUNELLA_ROLE_REQUIRED",
      detail: "Only a person widens a budget.",
    });
    for (const wrong of [{ triggerId: "light-attic" }, { projectId: "other" }])
      await expect(add(wrong)).rejects.toMatchObject({
        code: "PRUNELLA_NOT_FOUND",
        hint: "List them: prunella triggers",
      });
    const wide = await add();
    expect(wide).toMatchObject({
      project_id: "default",
      trigger_id: "light-hall",
      extra: 2,
      taken: 0,
      reason: "bulbs",
      by: ANNA,
      created_at: NOW,
      expires_at: NOW + 10,
      audit_log_id: 1,
    });
    const list = (now = NOW, more: Parameters<typeof listOverrides>[2] = {}) => listOverrides(all.db, now, more);
    expect(await list()).toEqual([wide]);
    expect(await list(NOW + 10)).toEqual([]);
    expect(await list(NOW, { project: "other" })).toEqual([]);
    expect(await list(NOW, { sees: ["other"] })).toEqual([]);
    expect(await list(NOW + 9, { project: "default", sees: ["default"] })).toEqual([wide]);
    const take = (project = "default") => all.run((tx) => takeOverride(tx, project, wide.id));
    await expect(take("other")).rejects.toThrow("used up");
    await take();
    expect(await list()).toMatchObject([{ taken: 1 }]);
    await take();
    expect(await list()).toEqual([]);
    await expect(take()).rejects.toThrow("used up");
    expect(await all.entries()).toEqual([
      {
        v: 1,
        at: NOW,
        type: "budget_overridden",
        project: "default",
        trigger: "light-hall",
        extra: 2,
        expires_at: NOW + 10,
        by: ANNA,
      },
    ]);
  });

  test("a grant: known by a key of which the digest alone is kept, once, until it is revoked", async () => {
    await using all = await begin();
    const key = ["grant", "key"].join("-");
    const add = (given: Partial<Grant> = {}, of = key) =>
      all.run((tx) => addGrant(tx, NOW, aGrant({ revoked_at: 5, created_at: 5, ...given }), of, ANNA));
    const grant = await add();
    expect(grant).toEqual(aGrant({ created_at: NOW }));
    expect(JSON.stringify(await all.db.selectFrom("grant_policy").selectAll().execute())).not.toContain(key);
    await expect(add()).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: "There is a grant agents already.",
    });
    await add({ project_id: "other", id: "b" }, "another");
    expect(await readGrant(all.db, "default", "agents")).toEqual(grant);
    expect(await readGrant(all.db, "other", "agents")).toBeNull();
    expect(await grantOfKey(all.db, key)).toEqual(grant);
    expect(await grantOfKey(all.db, "a guess")).toBeNull();
    expect((await listGrants(all.db)).map(({ id }) => id)).toEqual(["agents", "b"]);
    expect((await listGrants(all.db, "other")).map(({ id }) => id)).toEqual(["b"]);
    const revoke = (id: string) => all.run((tx) => revokeGrant(tx, NOW + 1, "default", id, BERT));
    await revoke("agents");
    for (const id of ["agents", "b"])
      await expect(revoke(id)).rejects.toMatchObject({
        code: "PRUNELLA_NOT_FOUND",
        detail: `There is no grant ${id} to revoke.`,
      });
    expect(await readGrant(all.db, "default", "agents")).toEqual({ ...grant, revoked_at: NOW + 1 });
    const [added, , revoked] = await all.entries();
    const row = await all.db
      .selectFrom("grant_policy")
      .selectAll()
      .where("grant_id", "=", "agents")
      .executeTakeFirstOrThrow();
    expect(added).toEqual({
      v: 1,
      at: NOW,
      type: "grant_changed",
      project: "default",
      grant: "agents",
      policy_sha256: sha256(row.policy),
      by: ANNA,
    });
    expect(revoked).toEqual({
      v: 1,
      at: NOW + 1,
      type: "grant_changed",
      project: "default",
      grant: "agents",
      policy_sha256: null,
      by: BERT,
    });
  });

  test("a caller of the configuration: what it says is set, and nothing is written that stands so already", async () => {
    await using all = await begin();
    const { created_at: _created, revoked_at: _revoked, ...said } = aGrant({ id: configuredId("bot") });
    const set = (given: Partial<typeof said> = {}, key: string | null = "key", now = NOW) =>
      all.run((tx) => setGrant(tx, now, { ...said, ...given }, key, ANNA));
    const count = async () => (await all.entries()).length;
    await set();
    await set();
    expect(await count()).toBe(1);
    expect(await grantOfKey(all.db, "key")).toMatchObject({ id: "caller-bot", created_at: NOW });
    await set({ targets: ["lamp:attic"] }, "key", NOW + 1);
    expect(await readGrant(all.db, "default", "caller-bot")).toMatchObject({
      targets: ["lamp:attic"],
      created_at: NOW,
    });
    await set({ targets: ["lamp:attic"] }, "new key");
    expect([await grantOfKey(all.db, "key"), (await grantOfKey(all.db, "new key"))?.id]).toEqual([null, "caller-bot"]);
    await set({ targets: ["lamp:attic"], expires_at: NOW + 5 }, null);
    expect(await grantOfKey(all.db, "new key")).toBeNull();
    expect(await readGrant(all.db, "default", "caller-bot")).toMatchObject({ expires_at: NOW + 5 });
    expect(await count()).toBe(4);
    await all.run((tx) => revokeGrant(tx, NOW + 2, "default", "caller-bot", ANNA));
    await set({ targets: ["lamp:attic"], expires_at: NOW + 5 }, null);
    expect(await readGrant(all.db, "default", "caller-bot")).toMatchObject({ revoked_at: null });
    // Two of which nobody calls with a key do not take each other's place.
    await set({ id: "caller-other" }, null);
    expect((await listGrants(all.db)).map(({ id }) => id)).toEqual(["caller-bot", "caller-other"]);
    expect([isConfigured("caller-bot"), isConfigured("agents")]).toEqual([true, false]);
    expect(configuredId("x".repeat(100))).toHaveLength(80);
  });
});
