import { Config, type Event, type TriageConfig } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, anEvent, openKernel, testClock, timePasses } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Engine } from "../store/engine.ts";
import { TRIAGE_GRANT } from "./look.ts";
import type { FiledIssue, IssuePort, Told } from "./port.ts";
import { PROMOTE_ISSUE, TRIAGE_ISSUE } from "./remedies.ts";

const HOUR_MS = 3_600_000;
const WATCH_MS = 3 * 24 * HOUR_MS;

/** A double of the place where issues are: it keeps what it is told, and fails on request. */
function aPlace() {
  const issues: { place: string; title: string; body: string; marker: string; labels: string[] }[] = [];
  const comments = new Map<string, string>();
  const state: { isPrivate: boolean; fails: { message: string; retryAfterMs: number | null; isLost?: boolean }[] } = {
    isPrivate: true,
    fails: [],
  };
  const port: IssuePort = {
    isPrivate: async () => ({ ok: true, value: state.isPrivate }),
    async file(place, { marker, title, body, labels }): Promise<Told<FiledIssue>> {
      const at = (number: number): Told<FiledIssue> => ({
        ok: true,
        value: { number, url: `https://example.com/${place}/${number}` },
      });
      const found = issues.findIndex((one) => one.place === place && one.marker === marker);
      if (found !== -1) return at(found + 1);
      const failure = state.fails.shift();
      if (failure === undefined || failure.isLost === true)
        issues.push({ place, title, body, marker, labels: [...labels] });
      return failure === undefined ? at(issues.length) : { ok: false, ...failure };
    },
    async comment(place, issue, { marker, body }) {
      comments.set(`${place}#${issue} ${marker}`, body);
      return { ok: true, value: null };
    },
    labelled: async (place, label) => ({
      ok: true,
      value: issues.flatMap((one, at) => (one.place === place && one.labels.includes(label) ? [at + 1] : [])),
    }),
  };
  return { issues, comments, state, port, in: (place: string) => issues.filter((one) => one.place === place) };
}

const PRIVATE = "acme/triage";
const PUBLIC = "acme/shop";
const settingsOf = (more: object = {}): TriageConfig => {
  const forge = {
    base_url: "https://git.example.com",
    kind: "gitea",
    token: { env: "TOKEN" },
    webhook_secret: { env: "SECRET" },
    triage: { repo: PRIVATE, public_repo: PUBLIC, projects: ["default"], ...more },
  };
  const { triage } = Config.parse({ forge }).forge ?? {};
  if (triage == null) throw new Error("no triage");
  return triage;
};

const named = (type: string, given: Partial<Event> = {}): Partial<Event> => ({
  errors: [
    {
      type,
      value: "secret text of a message",
      module: null,
      handled: false,
      mechanism: null,
      frames: [frame("@acme/billing.charge"), frame(`pay${type}`)],
    },
  ],
  ...given,
});
const frame = (name: string) => ({
  function: name,
  module: null,
  filename: "/srv/acme/pay.js",
  line: 1,
  column: 1,
  in_app: true,
  context_line: null,
  pre_context: [],
  post_context: [],
});
/** Of so many different senders. */
const forged = (type: string, sender: number): Event =>
  anEvent(named(type, { context: { user: { id: `sender-${sender}` } } }));

describe.each(ENGINES)("triage and promotion on $name", ({ name: engineName, open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin(more: object = {}, given: { engine?: Engine; place?: ReturnType<typeof aPlace> } = {}) {
    const store = given.engine === undefined ? await open() : null;
    const place = given.place ?? aPlace();
    const clock = testClock();
    const engine = given.engine ?? store?.engine;
    if (engine === undefined) throw new Error("no store");
    const kernel = await openKernel(engine, clock, 50_000, undefined, undefined, {
      issuing: { settings: settingsOf(more), port: place.port },
    });
    await kernel.callers.set([
      {
        grant: {
          id: TRIAGE_GRANT,
          project_id: "default",
          actions: [TRIAGE_ISSUE, PROMOTE_ISSUE],
          targets: ["issue:private/*", "issue:public/*"],
          budgets: [{ scope: "target", max: 12, window_ms: HOUR_MS }],
          ceilings: [{ scope: "target", max: 1 }],
          expires_at: null,
        },
        key: null,
      },
    ]);
    /** Time goes on until it is so. */
    const until = async (holds: () => Promise<boolean> | boolean, stepMs = 500): Promise<void> => {
      await expect
        .poll(
          async () => {
            clock.advance(stepMs);
            await kernel.settle();
            return holds();
          },
          { timeout: 60_000, interval: 10 },
        )
        .toBe(true);
    };
    const standings = () => kernel.promotions.list({ projects: null, limit: 500 });
    return {
      clock,
      engine,
      kernel,
      place,
      until,
      standings,
      first: async () =>
        (await standings())[0] ??
        (() => {
          throw new Error("nothing is triaged");
        })(),
      /** Looks happen, and nothing more comes of them. */
      async quiet(times = 8): Promise<void> {
        for (let at = 0; at < times; at += 1) {
          clock.advance(61_000);
          await kernel.settle();
        }
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store?.[Symbol.asyncDispose]();
      },
    };
  }

  test("a new fault is one private issue, and after that its count, at most once an hour", async () => {
    await using all = await begin();
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(() => all.place.issues.length === 1);
    await all.kernel.report("default", [forged("A", 2), forged("A", 3)]);
    await all.quiet();
    expect([all.place.issues.length, all.place.comments.size]).toEqual([1, 0]);
    all.clock.advance(HOUR_MS);
    await all.until(() => all.place.comments.size === 1);
    expect([...all.place.comments.values()][0]).toContain("Seen 3 times by 3 senders");
    expect(all.place.in(PRIVATE)).toHaveLength(1);
    expect(await all.first()).toMatchObject({
      status: "new",
      private_issue: { place: PRIVATE, number: 1 },
      public_issue: null,
    });
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("what anybody could have sent only asks: its default is no, and nobody is asked twice", async () => {
    await using all = await begin();
    for (let at = 0; at < 12; at += 1) await all.kernel.report("default", [forged("A", at)]);
    await all.until(async () => (await all.first()).asked_at !== null);
    const open = async () => (await all.kernel.escalations.list("open")).escalations;
    const [question] = await open();
    expect(question).toMatchObject({ asker: PROMOTE_ISSUE, default_decision: "keep_private", status: "open" });
    const { public_draft: draft } = await all.kernel.promotions.read(question?.fault_id ?? "");
    expect(question?.args).toEqual({ step: "file", place: PUBLIC, title: draft?.title, body: draft?.body });
    all.clock.advance(25 * HOUR_MS);
    await all.until(async () => (await open()).length === 0);
    for (let at = 0; at < 200; at += 1) await all.kernel.report("default", [forged("A", at)]);
    await all.quiet();
    expect([await open(), all.place.in(PUBLIC)]).toEqual([[], []]);
    expect(await all.first()).toMatchObject({ status: "confirmed", refused_at: null });
  });

  test("two thousand forged reports make no public issue, and a handful of questions", async () => {
    await using all = await begin({ most_per_hour: 500 });
    // Twenty faults, each told of by a hundred projects.
    for (let batch = 0; batch < 20; batch += 1)
      await all.kernel.report(
        "default",
        Array.from({ length: 100 }, (_, at) => forged(`Forged${at % 20}`, batch * 5 + Math.floor(at / 20))),
      );
    await all.until(() => all.place.in(PRIVATE).length === 20, 1_000);
    await all.quiet(20);
    expect(all.place.in(PUBLIC)).toEqual([]);
    const { escalations } = await all.kernel.escalations.list("open");
    expect(escalations.filter(({ asker }) => asker === PROMOTE_ISSUE)).toHaveLength(5);
    expect((await all.standings()).every(({ public_issue }) => public_issue === null)).toBe(true);
  }, 120_000);

  test("a person's yes sends what stood in the question, once", async () => {
    await using all = await begin();
    for (let at = 0; at < 12; at += 1) await all.kernel.report("default", [forged("A", at)]);
    await all.until(async () => (await all.first()).asked_at !== null);
    const [question] = (await all.kernel.escalations.list("open")).escalations;
    const decided = all.kernel.escalations.decide(question?.id ?? "", "promote_once");
    await all.until(() => all.place.in(PUBLIC).length === 1);
    await decided;
    expect(all.place.in(PUBLIC)[0]).toMatchObject({
      title: question?.args?.["title"],
      body: question?.args?.["body"],
      labels: [],
    });
    await all.until(async () => (await all.first()).status === "promoted");
    await all.quiet();
    expect(all.place.in(PUBLIC)).toHaveLength(1);
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("a person's no holds: neither label nor rule promotes it, until somebody says otherwise", async () => {
    await using all = await begin({ promote: { events: 1 } });
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(() => all.place.issues.length === 1);
    const { fault_id: id } = await all.first();
    await all.kernel.promotions.say(id, { do: "refuse" });
    all.place.issues[0]?.labels.push("promote");
    await all.kernel.report("default", [aCrash("shop", named("A"))]);
    await all.quiet();
    expect(all.place.in(PUBLIC)).toEqual([]);
    await expect(all.kernel.promotions.say(id, { do: "promote", sha256: null })).rejects.toThrow(
      "would not have it public",
    );
    await all.kernel.promotions.say(id, { do: "confirm" });
    await all.until(() => all.place.in(PUBLIC).length === 1);
  });

  test("whoever may label in the private repository promotes by a label", async () => {
    await using all = await begin();
    await all.kernel.report("default", [forged("A", 1), forged("B", 1)]);
    await all.until(() => all.place.in(PRIVATE).length === 2);
    all.place.issues[1]?.labels.push("promote");
    await all.until(() => all.place.in(PUBLIC).length === 1, 10_000);
    await all.quiet();
    expect(all.place.in(PUBLIC)).toHaveLength(1);
    expect((await all.standings()).map(({ status }) => status).toSorted()).toEqual(["new", "promoted"]);
  });

  test("a rule promotes by what known senders sent, and counts nothing else", async () => {
    await using all = await begin({ promote: { events: 3 } });
    for (let at = 0; at < 30; at += 1) await all.kernel.report("default", [forged("A", 1)]);
    await all.kernel.report("default", [aCrash("shop", named("A")), aCrash("shop", named("A"))]);
    await all.until(() => all.place.in(PRIVATE).length === 1);
    await all.quiet();
    expect(all.place.in(PUBLIC)).toEqual([]);
    await all.kernel.report("default", [aCrash("shop", named("A"))]);
    await all.until(() => all.place.in(PUBLIC).length === 1);
  });

  test("says yes to what was seen, and to nothing else", async () => {
    await using all = await begin();
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(() => all.place.issues.length === 1);
    const { fault_id: id } = await all.first();
    const { public_draft: draft } = await all.kernel.promotions.read(id);
    await expect(all.kernel.promotions.say(id, { do: "promote", sha256: "0".repeat(64) })).rejects.toThrow(
      "not what was shown",
    );
    const said = all.kernel.promotions.say(id, { do: "promote", sha256: draft?.sha256 ?? "" });
    await all.until(() => all.place.in(PUBLIC).length === 1);
    await all.until(async () => (await all.first()).status === "promoted");
    expect(await timePasses(all.clock, 500, said)).toMatchObject({ verdict: "done" });
    await expect(all.kernel.promotions.say(id, { do: "promote", sha256: null })).rejects.toThrow("public already");
    await expect(all.kernel.promotions.say(id, { do: "refuse" })).rejects.toThrow("public already");
  });

  test("sends no message, path, private name or word of the private repository", async () => {
    await using all = await begin({ internal_names: ["billing"] });
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(() => all.place.issues.length === 1);
    const { fault_id: id } = await all.first();
    const said = all.kernel.promotions.say(id, { do: "promote", sha256: null });
    await all.until(() => all.place.in(PUBLIC).length === 1);
    await timePasses(all.clock, 500, said);
    const [issue] = all.place.in(PUBLIC);
    const text = `${issue?.title} ${issue?.body}`;
    expect(text).toContain("payA");
    for (const word of ["billing", "acme", "triage", "secret text", "/srv", id]) expect(text).not.toContain(word);
  });

  test("files nothing where everybody would see it, and goes on when that is mended", async () => {
    await using all = await begin();
    all.place.state.isPrivate = false;
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(async () => (await all.first()).trouble !== null);
    expect([all.place.issues, (await all.first()).trouble]).toEqual([[], expect.stringContaining("is not private")]);
    all.place.state.isPrivate = true;
    await all.until(() => all.place.issues.length === 1, 10_000);
  });

  test("a lost answer makes no second issue, and a limit is waited for", async () => {
    await using all = await begin();
    all.place.state.fails.push({ message: "no answer", retryAfterMs: null, isLost: true });
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(async () => (await all.first()).private_issue !== null, 10_000);
    expect(all.place.issues).toHaveLength(1);
    all.place.state.fails.push({ message: "slow down", retryAfterMs: 30 * 60_000 });
    await all.kernel.report("default", [forged("B", 1), forged("C", 1)]);
    await all.until(async () => (await all.standings()).some(({ trouble }) => trouble === "slow down"));
    await all.quiet(20);
    expect(all.place.issues).toHaveLength(1);
    await all.until(() => all.place.issues.length === 3, 60_000);
  });

  test("is kept over the end of a server", async () => {
    await using store = await open();
    const place = aPlace();
    {
      await using all = await begin({}, { engine: store.engine, place });
      place.state.fails.push({ message: "no answer", retryAfterMs: null, isLost: true });
      await all.kernel.report("default", [forged("A", 1)]);
      await all.until(async () => (await all.first()).trouble !== null);
    }
    await using all = await begin({}, { engine: await store.again(), place });
    all.clock.advance(5 * 60_000);
    await all.until(async () => (await all.first()).private_issue !== null, 10_000);
    expect(place.issues).toHaveLength(1);
  });

  test("counts as fixed when the release that mends it was quiet, and the public issue hears of it once", async () => {
    await using all = await begin();
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(() => all.place.issues.length === 1);
    const { fault_id: id } = await all.first();
    all.place.issues[0]?.labels.push("promote");
    await all.until(async () => (await all.first()).status === "promoted", 10_000);
    await all.kernel.promotions.say(id, {
      do: "fixed",
      release: "shop@2.0.0",
      pull: "https://example.com/acme/shop/pulls/9",
    });
    expect(await all.first()).toMatchObject({
      fix: { release: "shop@2.0.0", pull: "https://example.com/acme/shop/pulls/9" },
    });
    all.clock.advance(WATCH_MS);
    await all.quiet();
    expect((await all.first()).status).toBe("promoted");
    // Now it is out: another failure comes from it.
    await all.kernel.report("default", [{ ...forged("Other", 1), release: "shop@2.0.0", at: all.clock.now() }]);
    await all.quiet();
    expect((await all.standings()).find(({ fault_id }) => fault_id === id)?.status).toBe("promoted");
    await all.until(async () => (await all.standings()).some(({ status }) => status === "fixed"), 6 * HOUR_MS);
    await all.quiet();
    const told = [...all.place.comments].filter(([at]) => at.startsWith(`${PUBLIC}#`));
    expect(told).toEqual([[expect.stringContaining(":fixed"), expect.stringContaining("version 2.0.0")]]);
    expect((await all.kernel.faults.detail(id)).fault.status).toBe("resolved");
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("is not fixed by a release in which it is seen again", async () => {
    await using all = await begin();
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(() => all.place.issues.length === 1);
    const { fault_id: id } = await all.first();
    all.place.issues[0]?.labels.push("promote");
    await all.until(async () => (await all.first()).status === "promoted", 10_000);
    await all.kernel.promotions.say(id, { do: "fixed", release: "shop@2.0.0", pull: null });
    await all.kernel.report("default", [{ ...forged("A", 2), release: "shop@2.0.0", at: all.clock.now() }]);
    await all.until(async () => (await all.first()).fix === null, 10_000);
    all.clock.advance(WATCH_MS);
    await all.quiet();
    expect((await all.first()).status).toBe("promoted");
  });

  test("has no question left once somebody refused or promoted it otherwise", async () => {
    await using all = await begin();
    for (let at = 0; at < 12; at += 1) await all.kernel.report("default", [forged("A", at), forged("B", at)]);
    const open = async () => (await all.kernel.escalations.list("open")).escalations;
    await all.until(async () => (await open()).length === 2);
    const [first, second] = await all.standings();
    await all.kernel.promotions.say(first?.fault_id ?? "", { do: "refuse" });
    expect((await open()).map(({ fault_id }) => fault_id)).toEqual([second?.fault_id]);
    const said = all.kernel.promotions.say(second?.fault_id ?? "", { do: "promote", sha256: null });
    await all.until(async () => (await open()).length === 0);
    expect(await timePasses(all.clock, 500, said)).toMatchObject({ verdict: "done" });
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("files those with the most events first, and no more than so many an hour", async () => {
    await using all = await begin({ most_per_hour: 2 });
    await all.kernel.switches.kill(true);
    const times = { Rare: 1, Often: 9, Some: 4 };
    for (const [type, events] of Object.entries(times))
      for (let at = 0; at < events; at += 1) await all.kernel.report("default", [forged(type, at)]);
    await all.quiet(2);
    await all.kernel.switches.kill(false);
    await all.until(() => all.place.issues.length === 2, 10_000);
    await all.quiet();
    expect(all.place.issues.map(({ title }) => title.split(" ")[0])).toEqual(["Often", "Some"]);
    await all.until(() => all.place.issues.length === 3, 5 * 60_000);
  });

  test("forgets what was never filed with its fault, and keeps what was", async () => {
    await using all = await begin();
    await all.kernel.report("default", [forged("A", 1)]);
    await all.until(async () => (await all.first()).private_issue !== null);
    const { fault_id: filed } = await all.first();
    all.place.state.isPrivate = false;
    await all.kernel.report("default", [forged("B", 1)]);
    await all.until(async () => (await all.standings()).some(({ trouble }) => trouble !== null));
    for (const { fault_id: id } of await all.standings()) await all.kernel.faults.erase(id);
    expect((await all.standings()).map(({ fault_id: id }) => id)).toEqual([filed]);
  });

  test("tries less and less often while the place is gone, whatever waits", async () => {
    await using all = await begin();
    for (let at = 0; at < 50; at += 1) all.place.state.fails.push({ message: "nobody is there", retryAfterMs: null });
    await all.kernel.report("default", [forged("A", 1), forged("B", 1), forged("C", 1)]);
    await all.quiet(60);
    const tried = 50 - all.place.state.fails.length;
    expect([tried > 2, tried < 8, all.place.issues.length]).toEqual([true, true, 0]);
  });

  it.skipIf(isMissing || engineName === "sqlite")(
    "is one issue in each place, however many servers look after it",
    async () => {
      await using store = await open();
      const place = aPlace();
      await using one = await begin({}, { engine: store.engine, place });
      await using other = await begin({}, { engine: await store.again(), place });
      const types = Array.from({ length: 6 }, (_, at) => `Shared${at}`);
      await Promise.all(
        types.map((type, at) => (at % 2 === 0 ? one : other).kernel.report("default", [forged(type, 1)])),
      );
      const both = async (holds: () => boolean): Promise<void> =>
        one.until(async () => {
          other.clock.advance(500);
          await other.kernel.settle();
          return holds();
        });
      await both(() => place.in(PRIVATE).length >= types.length);
      for (const issue of place.in(PRIVATE)) issue.labels.push("promote");
      await Promise.all([one.kernel.promotions.askForLabels(), other.kernel.promotions.askForLabels()]);
      await both(() => place.in(PUBLIC).length >= types.length);
      await one.quiet();
      await other.quiet();
      expect([place.in(PRIVATE).length, place.in(PUBLIC).length]).toEqual([types.length, types.length]);
      expect(await verifyRows(store.engine)).toEqual([]);
    },
  );

  test("stands still while the kill switch is on", async () => {
    await using all = await begin();
    await all.kernel.switches.kill(true);
    await all.kernel.report("default", [forged("A", 1)]);
    await all.quiet();
    expect(all.place.issues).toEqual([]);
    await all.kernel.switches.kill(false);
    await all.until(() => all.place.issues.length === 1, 10_000);
  });
});
