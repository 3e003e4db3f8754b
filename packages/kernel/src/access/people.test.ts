import { describe, expect, it, vi } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { OPERATOR } from "../actors.ts";
import { projectsWith, roleIn } from "./rights.ts";
import { NOWHERE } from "./sessions.ts";

const DAY = 24 * 3_600_000;
const owner = (name: string) => ({ name, email: null, role: "owner", project: null, by: OPERATOR }) as const;

describe.each(ENGINES)("people on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("come in by an invitation, once, within seven days", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const { person, code } = await kernel.access.addPerson(owner("ada"));
    expect(person).toMatchObject({ name: "ada", state: "invited", roles: [{ project: null, role: "owner" }] });
    clock.advance(7 * DAY - 1);
    const { token } = await kernel.access.acceptInvitation(code, NOWHERE);
    expect(await kernel.access.whoHas(token)).toMatchObject({ person: { id: person.id, name: "ada" } });
    expect((await kernel.access.findPerson("ada")).state).toBe("active");
    const late = await kernel.access.addPerson(owner("bob"));
    clock.advance(7 * DAY);
    for (const spent of [code, late.code])
      await expect(kernel.access.acceptInvitation(spent, NOWHERE)).rejects.toMatchObject({
        code: "PRUNELLA_INVITATION_INVALID",
      });
  });

  test("have roles by project and in all, of which the higher counts", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const { person, code } = await kernel.access.addPerson({ ...owner("ada"), role: "viewer" });
    await kernel.projects.add({ id: "shop", by: OPERATOR });
    await kernel.access.setRole(person.id, { project: "shop", role: "operator", by: OPERATOR });
    await expect(
      kernel.access.setRole(person.id, { project: "nowhere", role: "owner", by: OPERATOR }),
    ).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    const { token } = await kernel.access.acceptInvitation(code, NOWHERE);
    const rights = (await kernel.access.whoHas(token))?.rights;
    if (rights === undefined) throw new Error("nobody is signed in");
    expect([roleIn(rights, "shop"), roleIn(rights, "default"), roleIn(rights, null)]).toEqual([
      "operator",
      "viewer",
      "viewer",
    ]);
    expect([projectsWith(rights, "viewer"), projectsWith(rights, "operator")]).toEqual([null, ["shop"]]);
    const found = await kernel.access.listPeople({ sees: ["shop"], limit: 10 });
    expect(found.people.map((each) => each.roles)).toEqual([[{ project: "shop", role: "operator" }]]);
  });

  test("stand in the ledger by id, each change of what they may, and never by name", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const { person, code } = await kernel.access.addPerson({ ...owner("zoe-tyrrell"), email: "zoe@example.org" });
    await kernel.access.acceptInvitation(code, NOWHERE);
    await kernel.access.addPerson(owner("wim"));
    const by = { kind: "person", id: person.id } as const;
    await kernel.access.setRole(person.id, { project: "default", role: "viewer", by });
    await kernel.access.setRole(person.id, { project: "default", role: "viewer", by });
    await kernel.access.removePerson(person.id, OPERATOR);
    const { size } = await kernel.ledger.head();
    const entries = (await kernel.ledger.entries(0, size)).map(({ entry }): unknown => JSON.parse(entry));
    // No name of hex digits: an id could hold it.
    expect(JSON.stringify(entries)).not.toMatch(/zoe|tyrrell|example|wim/);
    const theirs = entries.filter((entry) => Object(entry).person === person.id);
    expect(theirs.map((entry) => [Object(entry).change, Object(entry).role, Object(entry).project])).toEqual([
      ["added", null, null],
      ["role", "owner", null],
      ["invited", null, null],
      ["joined", null, null],
      ["role", "viewer", "default"],
      ["removed", null, null],
    ]);
    expect(theirs[4]).toMatchObject({ by });
  });

  test("who are removed have nothing left that lets them in, and their name goes to nobody else", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await kernel.access.addPerson(owner("ada"));
    const { person, code } = await kernel.access.addPerson({ ...owner("bob"), email: "bob@example.org" });
    const session = await kernel.access.acceptInvitation(code, NOWHERE);
    const { secret } = await kernel.access.createToken({
      personId: person.id,
      title: "CI",
      effects: ["read"],
      project: null,
      expiresAt: null,
    });
    expect(await kernel.access.whoseToken(secret)).not.toBeNull();
    const again = await kernel.access.invite(person.id, OPERATOR);
    await kernel.access.removePerson(person.id, OPERATOR);
    expect(await kernel.access.whoseToken(secret)).toBeNull();
    expect(await kernel.access.whoHas(session.token)).toBeNull();
    await expect(kernel.access.acceptInvitation(again.code, NOWHERE)).rejects.toThrow("used up");
    await expect(kernel.access.addPerson(owner("bob"))).rejects.toThrow("the name stays theirs");
    expect((await kernel.access.listPeople({ sees: null, limit: 10 })).people.map(({ name }) => name)).toEqual(["ada"]);
    expect((await kernel.access.listNames()).map(({ name }) => name)).toEqual(["ada", "bob"]);
    expect(JSON.stringify(await store.engine.reader.selectFrom("person").selectAll().execute())).not.toContain("@");
  });

  test("leave the installation with an owner, whatever is taken from them", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const { person } = await kernel.access.addPerson(owner("ada"));
    const only = { code: "PRUNELLA_CONFLICT", detail: "This is the only owner of the installation." };
    await expect(kernel.access.removePerson(person.id, OPERATOR)).rejects.toMatchObject(only);
    await expect(
      kernel.access.setRole(person.id, { project: null, role: "viewer", by: OPERATOR }),
    ).rejects.toMatchObject(only);
    await kernel.access.addPerson(owner("bob"));
    await kernel.access.setRole(person.id, { project: null, role: "viewer", by: OPERATOR });
  });

  test("have tokens that outlast a restart, end in time, and are written as digests", async () => {
    await using store = await open();
    const clock = testClock();
    let secret = "";
    {
      await using kernel = await openKernel(store.engine, clock);
      const { person } = await kernel.access.addPerson(owner("ada"));
      const expiresAt = clock.now() + DAY;
      const made = await kernel.access.createToken({
        personId: person.id,
        title: "CI",
        effects: ["act", "read"],
        project: "default",
        expiresAt,
      });
      secret = made.secret;
      expect(secret).toMatch(/^prunella_token_[\w-]{43}$/);
      expect(made.token).toMatchObject({ effects: ["read", "act"], used_at: null });
    }
    await using kernel = await openKernel(store.engine, clock);
    expect(await kernel.access.whoseToken(secret)).toMatchObject({
      token: { person: { name: "ada" } },
      // Of an owner's token for one project that project is left.
      rights: { everywhere: null, inProjects: new Map([["default", "owner"]]) },
    });
    const rows = await vi.waitUntil(async () => {
      const found = await store.engine.reader.selectFrom("personal_token").selectAll().execute();
      return found[0]?.used_at === clock.now() && found;
    }, 20_000);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(-43));
    clock.advance(DAY);
    expect(await kernel.access.whoseToken(secret)).toBeNull();
  });

  test("end their sessions one by one, or all but the one that asks", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const { person, code } = await kernel.access.addPerson(owner("ada"));
    const whence = { browser: "Firefox on Linux", address: "192.0.2.7" };
    const tokens = [(await kernel.access.acceptInvitation(code, whence)).token];
    for (let n = 0; n < 2; n += 1) {
      const again = await kernel.access.invite(person.id, OPERATOR);
      tokens.push((await kernel.access.acceptInvitation(again.code, whence)).token);
    }
    const link = (await kernel.access.signIn(await kernel.access.mint())).token;
    const listed = await kernel.access.listSessions(person.id, null);
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({ ...whence, way: "invitation", current: false });
    const current = (await kernel.access.whoHas(tokens[0] ?? ""))?.sessionId ?? "";
    const other = (await kernel.access.whoHas(tokens[1] ?? ""))?.sessionId ?? "";
    // Another's, by its id, is not there.
    await expect(kernel.access.endSession(null, other)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    await kernel.access.endSession(person.id, other);
    expect(await kernel.access.endSessions(person.id, current)).toHaveLength(1);
    expect(await Promise.all([...tokens, link].map((token) => kernel.access.hasSession(token)))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});
