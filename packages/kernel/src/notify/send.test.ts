import { MessageRule, QuietHours, RestartPolicy, type Message } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { systemClock } from "@prunella/server/platform";
import type { Kernel } from "../kernel.ts";
import { goesTo, quietUntil, type Channels, type ChannelSpec, type Sent } from "./channels.ts";

const HOUR_MS = 3_600_000;
const spec = (given: Partial<ChannelSpec> = {}): ChannelSpec => ({
  name: "pager",
  perHour: 30,
  quiet: null,
  showsChanges: false,
  isMail: false,
  ...given,
});

/** A channel whose other end does what a test says. */
function aChannel(given: Partial<ChannelSpec> = {}) {
  const got: Message[] = [];
  const next: Sent[] = [];
  const channels: Channels = {
    list: () => [spec(given)],
    rules: () => [],
    async send(_name, message) {
      got.push(message);
      return next.shift() ?? { kind: "sent" };
    },
  };
  return { channels, got, next };
}

let made = 0;
/** A fault that was never seen before. */
async function newFault(kernel: Kernel, at: number, level: "error" | "warning" = "error"): Promise<void> {
  made += 1;
  const type = `Trouble${made.toString(36).replaceAll(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "")}Error`;
  const event = anEvent({ at, level });
  await kernel.report("default", [{ ...event, errors: event.errors.map((error) => ({ ...error, type })) }]);
  await kernel.settle();
}

const states = async (kernel: Kernel) => {
  const all = await kernel.notify.deliveries({ limit: 100 });
  return all.map(({ kind, state, tries }) => ({ kind, state, tries }));
};

describe.each(ENGINES)("messages on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test.each([
    { isMail: false, perHour: 30, kind: "sent", seam: "notification.dispatched", state: "sent" },
    { isMail: true, perHour: 30, kind: "sent", seam: "notification.email_dispatched", state: "sent" },
    { isMail: true, perHour: 30, kind: "refused", seam: "notification.email_dispatched", state: "failed" },
    // In the digest of its hour.
    { isMail: true, perHour: 0, kind: "sent", seam: "notification.email_dispatched", state: "sent" },
  ] as const)("of an investigation end its story: %j", async ({ isMail, perHour, kind, seam, state }) => {
    await using store = await open();
    const clock = testClock();
    const { channels, got } = aChannel({ isMail, perHour });
    const { send } = channels;
    channels.send = async (name, message) =>
      kind === "sent" ? send(name, message) : { kind, error: "nobody has this address" };
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    const tags = { probe: "web", category: "down" };
    await kernel.report("default", [anEvent({ at: clock.now(), source: "probe", trust: "local", tags })]);
    await kernel.settle();
    clock.advance(3_600_000);
    await kernel.settle();
    if (kind === "sent" && perHour > 0)
      expect(got.find((one) => one.kind === "investigation")).toMatchObject({ title: "Looked into web: down" });
    const story = (await kernel.timeline.list({ limit: 9 })).events.map(({ row }) => row).toReversed();
    expect(story.map((row) => row.seam)).toEqual(["probe.wake_requested", "probe.investigation_completed", seam]);
    expect(new Set(story.map((row) => row.caller_session_id)).size).toBe(1);
    expect(story[1]?.details).toMatchObject({ dm_status: state === "sent" ? "sent" : "failed_send" });
    expect(story[2]?.details).toMatchObject({ channel: "pager", kind: "investigation", state, tries: 1 });
  });

  test("arrive once, and what became of each stands there", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, got } = aChannel();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    await newFault(kernel, clock.now());
    await kernel.settle();
    expect(got.map(({ kind, level, state }) => ({ kind, level, state }))).toEqual([
      { kind: "fault_new", level: "error", state: "open" },
    ]);
    expect(await states(kernel)).toEqual([{ kind: "fault_new", state: "sent", tries: 1 }]);
  });

  test("are tried again with the same id, later each time and not before the other end says so", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, got, next } = aChannel();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    next.push(
      { kind: "later", error: "it answers with status 503", afterMs: null },
      { kind: "later", error: "it answers with status 429", afterMs: 60_000 },
    );
    await newFault(kernel, clock.now());
    expect(await states(kernel)).toEqual([{ kind: "fault_new", state: "waiting", tries: 1 }]);
    clock.advance(2_000);
    await kernel.settle();
    expect(got).toHaveLength(2);
    clock.advance(30_000);
    await kernel.settle();
    expect(got).toHaveLength(2);
    clock.advance(30_000);
    await kernel.settle();
    expect(await states(kernel)).toEqual([{ kind: "fault_new", state: "sent", tries: 3 }]);
    expect(new Set(got.map(({ id }) => id)).size).toBe(1);
    expect(await store.engine.reader.selectFrom("escalation_attempts").selectAll().execute()).toEqual([]);
  });

  test("that were refused stand there with the reason until a person has them tried again", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, next } = aChannel();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    next.push({ kind: "refused", error: "it answers with status 410" });
    await newFault(kernel, clock.now());
    const [failed] = await kernel.notify.deliveries({ limit: 10 });
    expect(failed).toMatchObject({ state: "failed", error: "it answers with status 410" });
    await kernel.notify.retry(failed?.message_id ?? "", "pager");
    await kernel.settle();
    expect(await states(kernel)).toMatchObject([{ state: "sent" }]);
    await expect(kernel.notify.retry(failed?.message_id ?? "", "pager")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
  });

  test("are at most so many an hour, and one digest of the others", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, got } = aChannel({ perHour: 4 });
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    for (let at = 0; at < 6; at += 1) await newFault(kernel, clock.now());
    // One of the four is kept for escalations.
    expect(got.map(({ kind }) => kind)).toEqual(["fault_new", "fault_new", "fault_new"]);
    clock.advance(HOUR_MS);
    await kernel.settle();
    await kernel.settle();
    const [digest, ...more] = got.slice(3);
    expect(more).toEqual([]);
    expect(digest).toMatchObject({ kind: "digest", project: null, title: "3 further messages of the last hour" });
    expect(digest?.sections[0]?.lines).toEqual(["3 new faults"]);
    expect(digest?.sections[1]?.lines).toHaveLength(3);
    expect((await states(kernel)).filter(({ state }) => state === "digested")).toHaveLength(3);
  });

  test("are of one thing three an hour, whatever it does, and what is more stands in the digest", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, got } = aChannel();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    for (let at = 0; at < 5; at += 1) {
      await kernel.report("default", [anEvent({ at: clock.now() })]);
      await kernel.settle();
      const [fault] = (await kernel.faults.list({ status: "all", limit: 1 })).faults;
      clock.advance(1_000);
      await kernel.faults.triage(fault?.id ?? "", { action: "resolve" });
      clock.advance(1_000);
    }
    await newFault(kernel, clock.now());
    expect(got.map(({ kind }) => kind)).toEqual(["fault_new", "fault_regressed", "fault_regressed", "fault_new"]);
    clock.advance(HOUR_MS);
    await kernel.settle();
    await kernel.settle();
    expect(got[4]?.sections[0]?.lines).toEqual(["2 faults that are back"]);
  });

  test("below error wait until the quiet hours are over", async () => {
    await using store = await open();
    const clock = testClock(Date.UTC(2026, 10, 21, 23, 30));
    const { channels, got } = aChannel({ quiet: QuietHours.parse({ from: "22:00", to: "07:00" }) });
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    await newFault(kernel, clock.now(), "warning");
    await newFault(kernel, clock.now(), "error");
    expect(got.map(({ level }) => level)).toEqual(["error"]);
    clock.advance(7.5 * HOUR_MS);
    await kernel.settle();
    expect(got.map(({ level }) => level)).toEqual(["error", "warning"]);
  });

  test("of one escalation are its opening and its end, also when its target is gone, and nothing between", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, got } = aChannel();
    await using kernel = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels });
    const policy = RestartPolicy.parse({ budget: { max: 0, window_ms: 60_000 } });
    const announce = () => kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy });
    const { runId } = await announce();
    for (let at = 0; at < 3; at += 1) {
      await kernel.supervised.crash(runId, (name) => aCrash(name));
      await kernel.settle();
      clock.advance(1_000);
    }
    const opened = got.filter(({ kind }) => kind === "escalation_opened");
    expect(opened).toHaveLength(1);
    expect(opened[0]?.sections.map(({ title }) => title)).toEqual([
      "What failed",
      "Impact and trend",
      "What was tried",
      "What was not done, and why",
    ]);
    expect(opened[0]?.question).toMatchObject({ default: "leave_stopped" });
    expect(opened[0]?.links[0]?.url).toMatch(/^\/escalations\//);
    // Another run of the name: what was asked about is gone.
    await announce();
    await kernel.settle();
    const ended = got.filter(({ kind }) => kind === "escalation_resolved");
    expect(ended).toMatchObject([{ state: "resolved", question: null, thread: opened[0]?.thread }]);
    expect(ended[0]?.sections[0]?.lines.join(" ")).toContain("Settled without an answer");
    expect(got.filter(({ kind }) => kind.startsWith("escalation_"))).toHaveLength(2);
  });

  test("that were on their way when a process was killed go out again, with the same id", async () => {
    await using store = await open();
    const clock = testClock();
    const { channels, got } = aChannel();
    const handed = Promise.withResolvers<Message>();
    const killed: Channels = {
      ...channels,
      send(_name, message) {
        handed.resolve(message);
        // The other end has it, and nothing of it is written down any more.
        return new Promise(() => undefined);
      },
    };
    const first = await openKernel(store.engine, clock, undefined, undefined, undefined, { channels: killed });
    await first.report("default", [anEvent({ at: clock.now() })]);
    void first.settle();
    const sent = await handed.promise;
    const later = testClock(clock.now() + 31_000);
    await using second = await openKernel(await store.again(), later, undefined, undefined, undefined, { channels });
    await second.settle();
    expect(got.map(({ id }) => id)).toEqual([sent.id]);
    expect(await states(second)).toMatchObject([{ kind: "fault_new", state: "sent" }]);
    const closed = first.close();
    const advancing = setInterval(() => clock.advance(6_000), 5);
    await closed;
    clearInterval(advancing);
  });

  test("can be tried by hand", async () => {
    await using store = await open();
    const { channels, next } = aChannel();
    await using kernel = await openKernel(store.engine, systemClock, undefined, undefined, undefined, { channels });
    expect(await kernel.notify.test("pager")).toMatchObject({ kind: "test", state: "sent" });
    next.push({ kind: "later", error: "nobody listens there", afterMs: null });
    expect(await kernel.notify.test("pager")).toMatchObject({ state: "waiting", error: "nobody listens there" });
    await expect(kernel.notify.test("pagr")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });
});

describe("where a message goes", () => {
  const told = { kind: "fault_new", project_id: "shop", subject: "a", level: "warning" } as const;
  const channels = (rules: readonly unknown[]): Channels => ({
    list: () => [spec(), spec({ name: "chat", showsChanges: true })],
    rules: () => rules.map((rule) => MessageRule.parse(rule)),
    send: async () => ({ kind: "sent" }),
  });
  const names = (rules: readonly unknown[], given: Partial<Parameters<typeof goesTo>[1]> = {}) =>
    goesTo(channels(rules), { ...told, ...given }).map(({ name }) => name);

  it("is every channel without rules, but for what only shows that something goes on", () => {
    expect(names([])).toEqual(["pager", "chat"]);
    expect(names([], { kind: "escalation_opened" })).toEqual(["pager", "chat"]);
    expect(names([], { kind: "escalation_changed" })).toEqual(["chat"]);
    expect(names([], { kind: "attempt_ineffective" })).toEqual([]);
    expect(names([], { kind: "test", subject: "chat" })).toEqual(["chat"]);
  });

  it("is what a rule says of kind, project and level", () => {
    const rules = [
      { channels: ["pager"], of: ["escalation"] },
      { channels: ["chat"], projects: ["shop"], min_level: "error" },
    ];
    expect(names(rules)).toEqual([]);
    expect(names(rules, { level: "fatal" })).toEqual(["chat"]);
    expect(names(rules, { level: "fatal", project_id: "other" })).toEqual([]);
    expect(names(rules, { kind: "escalation_resolved" })).toEqual(["pager"]);
  });
});

describe("quiet hours", () => {
  const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 21, hour, minute);
  const quiet = QuietHours.parse({ from: "22:00", to: "07:00", time_zone: "Europe/Vienna" });
  const until = (now: number, given: Partial<QuietHours> = {}, kind = "fault_new" as const) =>
    quietUntil(now, spec({ quiet: { ...quiet, ...given } }), { kind, level: "warning" });

  it("hang on the clock of their place, over midnight too", () => {
    expect(until(at(20, 59))).toBeNull();
    expect(until(at(21))).toBe(at(30));
    expect(until(at(5, 59))).toBe(at(6));
    expect(until(at(6))).toBeNull();
    expect(until(at(12), { from: "12:00", to: "14:00" })).toBe(at(13));
  });

  it("let escalations through unless they may not", () => {
    const ask = (escalations: boolean) =>
      quietUntil(at(23), spec({ quiet: { ...quiet, escalations } }), { kind: "escalation_opened", level: "warning" });
    expect(ask(true)).toBeNull();
    expect(ask(false)).toBe(at(30));
  });
});
