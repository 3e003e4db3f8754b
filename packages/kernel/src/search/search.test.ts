import type { Event } from "@prunella/contract";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { SYSTEM } from "../actors.ts";
import type { FaultsWanted } from "../faults/list.ts";

const HOUR = 3_600_000;
const frame = (name: string, filename: string) => ({
  function: name,
  module: null,
  filename,
  line: 1,
  column: 1,
  in_app: true,
  context_line: null,
  pre_context: [],
  post_context: [],
});

/** A failure that groups by its own name, whatever it holds. */
const aFailure = (name: string, given: Partial<Event> = {}): Event =>
  anEvent({
    sdk_fingerprint: [name],
    errors: [
      {
        type: "Error",
        value: name,
        module: null,
        handled: false,
        mechanism: null,
        frames: [frame("run", "/srv/run.js")],
      },
    ],
    ...given,
  });

describe.each(ENGINES)("search on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** A shop whose failures differ in one thing each. */
  async function shop() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    await kernel.projects.add({ id: "other", by: SYSTEM });
    const cart = aFailure("cart timeout", {
      at: clock.now(),
      release: "shop@1.4.0",
      tags: { browser: "Fire fox", Plan: "gold" },
      context: { user: { id: "u-17", plan: "gold" } },
      errors: [
        {
          type: "RangeError",
          value: "root of it",
          module: null,
          handled: null,
          mechanism: null,
          frames: [frame("parseBasket", "/srv/basket.ts")],
        },
        {
          type: "Error",
          value: "cart timeout",
          module: null,
          handled: false,
          mechanism: null,
          frames: [frame("chargeCard", "/srv/shop/pay.js")],
        },
      ],
    });
    await kernel.report("default", [cart]);
    await kernel.settle();
    clock.advance(HOUR);
    await kernel.report("default", [
      aFailure("mail bounced", {
        at: clock.now(),
        level: "warning",
        environment: "staging",
        server_name: "web-2",
        message: "mail bounced late",
      }),
      aCrash("shop", { at: clock.now(), sdk_fingerprint: ["down"], message: "shop went down", errors: [] }),
    ]);
    await kernel.report("other", [aFailure("支払い失敗", { at: clock.now(), release: null })]);
    await kernel.settle();
    const find = async (q: string, given: Partial<FaultsWanted> = {}) => {
      const page = await kernel.faults.list({ status: "all", limit: 50, q, ...given });
      return page.faults.map(({ title }) => title.replace(/^Error: /, "")).toSorted();
    };
    return {
      store,
      clock,
      kernel,
      cart,
      find,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("finds a fault by everything that its events say", async () => {
    await using all = await shop();
    const { find, cart, kernel } = all;
    const id = (await kernel.faults.list({ status: "all", limit: 50, q: '"cart timeout"' })).faults[0]?.id ?? "";
    for (const q of [
      "cart",
      "CART tim",
      '"cart timeout"',
      "timeout cart",
      "RangeError",
      "root",
      "chargeCard",
      "card",
      "charge",
      "parseBasket",
      "/srv/shop/pay.js",
      "pay.js",
      "basket.ts",
      "shop@1.4.0",
      "fox",
      "gold",
      "u-17",
      cart.id,
      cart.id.toUpperCase(),
      id,
      id.slice(0, 13),
      id.slice(-8),
      id.slice(-8, -3),
      id.replaceAll("-", ""),
      "release:shop@1.4.0",
      "release:shop@1.4*",
      "user:u-17",
      'tag.browser:"Fire fox"',
      "tag.Plan:gold",
      "has:user",
      "has:tag.browser",
      "before:2026-11-21T08:30",
      "cart -staging",
      "-level:warning cart",
      "cart !is:resolved",
    ])
      expect(await find(q), q).toEqual(["cart timeout"]);
    expect(await find("late")).toEqual(["mail bounced"]);
    expect(await find("支払")).toEqual(["支払い失敗"]);
  });

  test("finds nothing where words or conditions do not all fit", async () => {
    await using all = await shop();
    for (const q of [
      '"timeout cart"',
      "cart bounced",
      "artichoke",
      "release:shop@1.4",
      "tag.plan:gold",
      "-cart release:shop@1.4.0",
      "project:nobody",
      "user:u-1",
    ])
      expect(await all.find(q), q).toEqual([]);
  });

  test("filters by state, level, project, environment, source, target, server and time", async () => {
    await using all = await shop();
    const { find, kernel } = all;
    expect(await find("level:warning,fatal")).toEqual(["mail bounced", "shop went down"]);
    expect(await find("project:other")).toEqual(["支払い失敗"]);
    expect(await find("environment:staging")).toEqual(["mail bounced"]);
    expect(await find("source:supervisor")).toEqual(["shop went down"]);
    expect(await find("target:program:shop")).toEqual(["shop went down"]);
    expect(await find("server:web-2")).toEqual(["mail bounced"]);
    expect(await find("since:30m")).toEqual(["mail bounced", "shop went down", "支払い失敗"]);
    expect(await find("-has:release")).toEqual(["支払い失敗"]);
    expect(await find("", { level: "warning" })).toEqual(["mail bounced"]);
    expect(await find("mail", { level: "fatal" })).toEqual([]);
    expect(await find("", { since: "30m", environment: "production" })).toEqual(["shop went down", "支払い失敗"]);
    const mail = (await kernel.faults.list({ status: "all", limit: 5, q: "bounced" })).faults[0];
    await kernel.faults.triage(mail?.id ?? "", { action: "mute" });
    expect(await find("is:muted")).toEqual(["mail bounced"]);
    expect(await find("is:muted", { status: "open" })).toEqual(["mail bounced"]);
    expect(await find("-is:muted level:warning")).toEqual([]);
    expect(await find("is:snoozed")).toEqual([]);
    await kernel.faults.triage(mail?.id ?? "", { action: "snooze", events: 100 });
    expect(await find("is:snoozed")).toEqual(["mail bounced"]);
    expect(await find("is:snoozed,resolved", { status: "open" })).toEqual(["mail bounced"]);
    expect(await find("-is:snoozed level:warning,fatal")).toEqual(["shop went down"]);
  });

  test("finds what somebody looks after, and what nobody does", async () => {
    await using all = await shop();
    const { find, kernel } = all;
    const [mail, cart] = await Promise.all(
      ["bounced", "cart"].map(async (q) => (await kernel.faults.list({ status: "all", limit: 1, q })).faults[0]),
    );
    await kernel.faults.triage(mail?.id ?? "", { action: "assign", assignee: "Mia" });
    await kernel.faults.triage(cart?.id ?? "", { action: "assign", assignee: "ops on call" });
    expect(await find("assignee:mia")).toEqual(["mail bounced"]);
    expect(await find('assigned:"ops on call",mia')).toEqual([]);
    expect(await find('assignee:"ops on call"')).toEqual(["cart timeout"]);
    expect(await find("assignee:m*")).toEqual(["mail bounced"]);
    expect((await find("has:assignee")).toSorted()).toEqual(["cart timeout", "mail bounced"]);
    expect((await find("assignee:*")).toSorted()).toEqual(["cart timeout", "mail bounced"]);
    // Whoever asks is called Mia; the operator has no name, and is looked after as "me" by that word.
    const asMia = async (q: string) => {
      const { faults } = await kernel.faults.list({ status: "all", limit: 5, q }, null, "Mia");
      return faults.map(({ id }) => id);
    };
    expect(await asMia("assignee:me")).toEqual([mail?.id]);
    expect(await asMia("-assignee:ME has:assignee")).toEqual([cart?.id]);
    expect(await find("assignee:me")).toEqual([]);
    const mine = await kernel.faults.suggest({ q: "assignee:m", limit: 5 }, null, "Mia");
    expect(mine.suggestions.map(({ text }) => text)).toEqual(["assignee:me", "assignee:Mia"]);
    const nobodys = await find("-has:assignee");
    expect(nobodys).toContain("shop went down");
    expect(nobodys).not.toContain("mail bounced");
    const { suggestions } = await kernel.faults.suggest({ q: "assignee:", limit: 5 });
    expect(suggestions.map(({ text }) => text)).toEqual(["assignee:Mia", 'assignee:"ops on call"']);
    expect((await kernel.faults.suggest({ q: "is:sno", limit: 5 })).suggestions[0]?.text).toBe("is:snoozed");
  });

  test("says where it looked, and counts what fits by state", async () => {
    await using all = await shop();
    const { kernel } = all;
    const page = await kernel.faults.list({ status: "active", limit: 50, q: "artichoke level:error" });
    expect(page).toMatchObject({ faults: [], total: 0, next: null });
    expect(page.searched).toEqual(expect.arrayContaining(["titles", "messages", "functions and files", "level"]));
    expect((await kernel.faults.list({ status: "active", limit: 50 })).searched).toEqual([]);
    const { counts, total } = await kernel.faults.list({ status: "active", limit: 1, q: "level:error" });
    expect({ ...counts, total }).toEqual({ open: 2, resolved: 0, regressed: 0, muted: 0, total: 2 });
  });

  test("refuses what it does not understand and says what was meant", async () => {
    await using all = await shop();
    await expect(all.find("cart relase:1")).rejects.toMatchObject({
      code: "PRUNELLA_QUERY_INVALID",
      detail: expect.stringContaining("At character 6"),
      hint: "Did you mean release: ?",
    });
    await expect(all.find("", { since: "soon" })).rejects.toMatchObject({ code: "PRUNELLA_QUERY_INVALID" });
  });

  test("finds a merged fault where it is shown, and by its own words when it is taken out", async () => {
    await using all = await shop();
    const { find, kernel } = all;
    const idOf = async (q: string) => (await kernel.faults.list({ status: "all", limit: 5, q })).faults[0]?.id ?? "";
    const [cart, mail] = [await idOf("cart"), await idOf("bounced")];
    await kernel.faults.merge(mail, cart);
    expect(await find("cart")).toEqual(["mail bounced"]);
    expect(await find("release:shop@1.4.0")).toEqual(["mail bounced"]);
    const merged = (await kernel.faults.list({ status: "all", limit: 5, sort: "users" })).faults[0];
    expect([merged?.id, merged?.users]).toEqual([mail, 1]);
    await kernel.faults.unmerge(cart);
    expect(await find("cart")).toEqual(["cart timeout"]);
    expect((await kernel.faults.list({ status: "all", limit: 5, q: "bounced" })).faults[0]?.users).toBe(0);
  });

  test("keeps nothing of an erased fault, and nothing of a body that has aged", async () => {
    await using all = await shop();
    const { find, kernel, store } = all;
    await store.engine.writer.deleteFrom("event_sample").where("body", "like", "%staging%").execute();
    await store.engine.writer
      .insertInto("search_due")
      .values(
        (await kernel.faults.list({ status: "all", limit: 1, q: "bounced" })).faults.map((fault) => ({
          project_id: fault.project_id,
          fault_id: fault.id,
        })),
      )
      .execute();
    await kernel.settle();
    expect(await find("web-2")).toEqual([]);
    expect(await find("server:web-2")).toEqual([]);
    expect(await find("bounced")).toEqual(["mail bounced"]);
    const [cart] = (await kernel.faults.list({ status: "all", limit: 5, q: "cart" })).faults;
    await kernel.faults.erase(cart?.id ?? "");
    expect(await find("cart")).toEqual([]);
    for (const table of ["fault_document", "fault_facet", "search_due"] as const) {
      const rows = await store.engine.reader
        .selectFrom(table)
        .selectAll()
        .where("fault_id", "=", cart?.id ?? "")
        .execute();
      expect(rows, table).toEqual([]);
    }
    if (store.engine.kind === "sqlite") {
      const { rows } = await sql<{ block: Uint8Array }>`select block from fault_text_data`.execute(store.engine.reader);
      expect(rows.map(({ block }) => Buffer.from(block).toString("latin1")).join()).not.toContain("basket");
    }
  });

  test("finds an event whose body is no longer kept, while its id is remembered", async () => {
    await using all = await shop();
    const { find, kernel, clock } = all;
    const events = Array.from({ length: 30 }, () => aFailure("cart timeout", { at: clock.now() }));
    await kernel.report("default", events);
    await kernel.settle();
    const kept = (
      await kernel.faults.detail((await kernel.faults.list({ status: "all", limit: 1, q: "cart" })).faults[0]?.id ?? "")
    ).samples;
    const lost = events.find(({ id }) => !kept.some((sample) => sample.event_id === id));
    expect(lost).toBeDefined();
    expect(await find(lost?.id ?? "")).toEqual(["cart timeout"]);
    expect(await find(`-${lost?.id ?? ""} cart`)).toEqual([]);
  });

  test("suggests keys, and the values that faults were seen with, those of the most faults first", async () => {
    await using all = await shop();
    const { kernel } = all;
    const texts = async (q: string, project?: string) => {
      const { from, suggestions } = await kernel.faults.suggest({ q, project, limit: 20 });
      return [from, suggestions.map(({ text, faults }) => (faults === null ? text : `${text} ${faults}`))];
    };
    expect(await texts("cart re")).toEqual([5, ["release:"]]);
    expect(await texts("cart -rel")).toEqual([6, ["release:"]]);
    expect(await texts("relaese")).toEqual([0, ["release:"]]);
    expect(await texts("release:")).toEqual([0, ["release:shop@1.0.0 2", "release:shop@1.4.0 1"]]);
    expect(await texts("env:st")).toEqual([0, ["env:staging 1"]]);
    expect(await texts("environment:", "other")).toEqual([0, ["environment:production 1"]]);
    expect(await texts("level:e")).toEqual([0, ["level:error"]]);
    expect(await texts("level:error,fa")).toEqual([0, ["level:error,fatal"]]);
    expect(await texts("project:o")).toEqual([0, ["project:other"]]);
    expect(await texts("tag.")).toEqual([0, ["tag.Plan:", "tag.browser:"].toSorted()]);
    expect(await texts('tag.browser:"Fi')).toEqual([0, ['tag.browser:"Fire fox" 1']]);
    expect(await texts("has:tag.b")).toEqual([0, ["has:tag.browser"]]);
    expect(await texts("since:2")).toEqual([0, ["since:24h"]]);
    expect(await texts('"cart')).toEqual([0, []]);
    expect(await texts("nothing:")).toEqual([0, []]);
    const [, keys] = await texts("");
    expect(keys).toEqual(expect.arrayContaining(["is:", "level:", "has:", "since:"]));
    // What is suggested is understood.
    for (const q of [
      "release:",
      "env:",
      "tag.browser:",
      "level:",
      "is:",
      "has:",
      "since:",
      "source:",
      "target:",
      "user:",
      "assignee:",
    ])
      for (const { text } of (await kernel.faults.suggest({ q, limit: 20 })).suggestions)
        await expect(kernel.faults.list({ status: "all", limit: 1, q: text }), text).resolves.toBeDefined();
  });

  test("keeps a search under a name, without secrets, and forgets the name", async () => {
    await using all = await shop();
    const { views } = all.kernel;
    const filter = { status: "active", sort: "count" } as const;
    const secret = ["ghp_", "x7Kq9mZ2vB4nL8pR1tY6wE3uI5oA0sD7fGhJ"].join("");
    const { id } = await views.add({ name: "Carts", filter: { ...filter, q: `cart ${secret}` } });
    expect(JSON.stringify(await views.list())).not.toContain(secret);
    await views.add({ name: "Carts", filter: { ...filter, q: "level:fatal" } });
    expect(await views.list()).toMatchObject([{ id, name: "Carts", filter: { q: "level:fatal", sort: "count" } }]);
    await expect(views.add({ name: "Wrong", filter: { ...filter, q: "levle:1" } })).rejects.toMatchObject({
      code: "PRUNELLA_QUERY_INVALID",
    });
    await views.remove(id);
    await expect(views.remove(id)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("gives every order in pages that hold each fault once", async () => {
    await using all = await shop();
    const { kernel, clock } = all;
    for (let at = 0; at < 7; at += 1) {
      const users = Array.from({ length: at % 3 }, (_, user) => ({ user: { id: `u-${user}` } }));
      const events = Array.from({ length: 1 + (at % 4) }, (_, nth) =>
        aFailure(`row ${"abcdefg"[at]}`, { at: clock.now(), context: users[nth] ?? {} }),
      );
      await kernel.report("default", events);
      clock.advance(at % 2 === 0 ? 0 : HOUR);
      await kernel.settle();
    }
    for (const sort of ["last_seen", "first_seen", "count", "trend", "users"] as const)
      for (const q of ["", "row"]) {
        const met: string[] = [];
        const values: number[] = [];
        let cursor: string | null = "";
        while (cursor !== null) {
          const page = await kernel.faults.list({
            status: "all",
            limit: 2,
            sort,
            q,
            ...(cursor === "" ? {} : { cursor }),
          });
          met.push(...page.faults.map(({ id }) => id));
          if (sort !== "trend") values.push(...page.faults.map((fault) => fault[sort]));
          cursor = page.next;
          if (met.length > 100) throw new Error("the pages have no end");
        }
        expect([sort, q, new Set(met).size, met.length]).toEqual([sort, q, q === "" ? 11 : 7, q === "" ? 11 : 7]);
        expect(values).toEqual(values.toSorted((a, b) => b - a));
      }
    const first = await kernel.faults.list({ status: "all", limit: 2, sort: "count" });
    await expect(
      kernel.faults.list({ status: "all", limit: 2, sort: "users", cursor: first.next ?? "" }),
    ).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
    });
  });

  test("orders by what is seen lately: one event now is more than a few of a week ago, and fewer than many of this day", async () => {
    await using all = await shop();
    const { kernel, clock } = all;
    const send = async (name: string, count: number) => {
      await kernel.report(
        "default",
        Array.from({ length: count }, () => aFailure(name, { at: clock.now() })),
      );
      await kernel.settle();
    };
    await send("old", 20);
    clock.advance(7 * 24 * HOUR);
    await send("many", 9);
    clock.advance(3 * HOUR);
    await send("new", 2);
    const titles = (await kernel.faults.list({ status: "all", limit: 3, sort: "trend" })).faults.map(
      ({ title }) => title,
    );
    expect(titles).toEqual(["Error: many", "Error: new", "Error: old"]);
  });
});
