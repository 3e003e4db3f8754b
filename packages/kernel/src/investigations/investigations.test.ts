import { InvestigatorConfig } from "@prunella/contract";
import { scrubText } from "@prunella/scrub";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createHalls } from "../envelopes/fixing-fixture.ts";
import { NO_CHANNELS, type Channels } from "../notify/channels.ts";
import { rungOf, noteUse, usedBy } from "./budget.ts";
import type { Conversation } from "./converse.ts";
import { INVESTIGATOR } from "./investigations.ts";
import { promptOf, TOOLS, toolTable } from "./tools.ts";

const aFinding = (category: string, given: Partial<Parameters<typeof anEvent>[0]> = {}) =>
  anEvent({
    source: "probe",
    trust: "local",
    target: "machine:south/m1",
    tags: { probe: "halls", category },
    sdk_fingerprint: ["probe", "halls", category],
    ...given,
  });

/** A program that says these lines; a function answers what it was told last. */
type Script = readonly (object | string | ((told: string) => object | string))[];
function programOf(script: Script, why: ReturnType<Conversation["why"]> = "ended") {
  const told: string[] = [];
  let ended = 0;
  return {
    told,
    ended: () => ended,
    converse: (): Conversation => ({
      // eslint-disable-next-line typescript/require-await
      lines: (async function* () {
        for (const step of script) {
          const line = typeof step === "function" ? step(told.at(-1) ?? "") : step;
          yield typeof line === "string" ? line : JSON.stringify(line);
        }
      })(),
      write: (line) => void told.push(line),
      end: () => void (ended += 1),
      why: () => why,
    }),
  };
}

/** A program that says nothing before it is let go. */
function aHeldProgram(): ReturnType<typeof programOf> & { begun(): number; release(): void } {
  let begun = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    ...programOf([]),
    begun: () => begun,
    release: () => resolve(),
    converse: () => {
      begun += 1;
      return {
        lines: (async function* () {
          await promise;
          yield JSON.stringify({ message: "It is well again." });
        })(),
        write: () => undefined,
        end: () => undefined,
        why: () => "ended",
      };
    },
  };
}

describe("what an investigator can do", () => {
  it("is a pinned list, of which exactly two change something", () => {
    expect(Object.keys(TOOLS)).toEqual([
      "read_deltas",
      "read_probe_history",
      "read_releases",
      "read_neighbours",
      "autofix",
      "mail_operator",
    ]);
    expect(toolTable().flatMap(({ name, mutates }) => (mutates ? [name] : []))).toEqual(["autofix", "mail_operator"]);
  });

  it("is said alike to programs and to people", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../../docs/guides/investigator.md"), "utf8");
    for (const { name, mutates, summary } of toolTable()) {
      expect(promptOf()).toContain(`- ${name}${mutates ? " (changes something)" : ""}: ${summary}`);
      expect(page).toContain(`| \`${name}\` | ${mutates ? "yes" : "no"} | ${summary} |`);
    }
    expect(page.match(/^\| `/gm)).toHaveLength(toolTable().length);
  });
});

describe.each(ENGINES)("an investigation, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const begin = async (
    program: ReturnType<typeof programOf> | null = null,
    budget: object = {},
    channels: Channels = NO_CHANNELS,
  ) => {
    const store = await open();
    const halls = createHalls();
    halls.add("machine:south/m1");
    const clock = testClock();
    const config = InvestigatorConfig.parse({
      kind: program === null ? "scripted" : "command",
      command: program === null ? [] : ["investigate"],
      budget,
    });
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, {
      channels,
      fixing: halls.fixing,
      investigating: { config: () => config, converse: program?.converse ?? programOf([]).converse },
    });
    const rows = async () => (await kernel.timeline.list({ limit: 50 })).events.map(({ row }) => row).toReversed();
    return {
      store,
      halls,
      clock,
      kernel,
      rows,
      async find(category = "timeout") {
        await kernel.report("default", [aFinding(category)]);
        await kernel.settle();
      },
      ended: async () => (await rows()).filter(({ seam }) => seam === "probe.investigation_completed"),
      messages: () =>
        store.engine.reader.selectFrom("notify_outbox").selectAll().where("kind", "=", "investigation").execute(),
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  };

  test("is asked for once in ten minutes for each sort of failure, and ends with one message", async () => {
    await using all = await begin();
    await all.find();
    all.clock.advance(1_000);
    await all.find();
    await all.find("refused");
    const sessions = (await all.ended()).map(({ caller_session_id }) => caller_session_id);
    expect(sessions).toHaveLength(2);
    expect((await all.messages()).map(({ subject }) => subject).toSorted()).toEqual(sessions.toSorted());
    const story = await all.kernel.timeline.read(sessions[0] ?? "");
    expect(story.events.map(({ row }) => row.seam)).toEqual(["probe.wake_requested", "probe.investigation_completed"]);
    expect(story.events[1]?.row.details).toMatchObject({
      model: "none",
      cost_micros: 0,
      // Nobody is there to be told.
      dm_status: "failed_send",
      autofix_attempted: false,
      fallback_reason: null,
      summary: expect.stringMatching(/^halls reports timeout of machine:south\/m1\.\nSeen once within the last hour/),
    });
    expect(JSON.stringify(story)).toContain("it is off: PRUNELLA_AUTOFIX_HALLS_ENABLED");
    all.clock.advance(600_000);
    await all.find();
    expect(await all.ended()).toHaveLength(3);
    // Each of the two counts once, though it was asked for and came to its end.
    expect((await all.ended())[2]?.details).toMatchObject({
      summary: expect.stringContaining("investigated 2 times before."),
    });
  });

  test("goes on eight at once, and leaves room for what else waits for something outside", async () => {
    const program = aHeldProgram();
    await using all = await begin(program);
    all.halls.turn(true);
    await all.kernel.report(
      "default",
      Array.from({ length: 12 }, (_, at) => aFinding(`sort${at}`)),
    );
    all.clock.advance(1_000);
    await expect.poll(program.begun).toBe(8);
    const fixed = await all.kernel.envelopes.autofix({
      projectId: "default",
      subject: { kind: "person", id: "operator" },
      source: "operator",
      probe: "halls",
      action: "mend",
      target: "m1",
      reason: "it is dark",
      callerSessionId: null,
    });
    expect(fixed).toMatchObject({ status: "attempted", under_way: false });
    expect(program.begun()).toBe(8);
    program.release();
    await all.kernel.settle();
    expect(await all.ended()).toHaveLength(12);
  });

  test("ends once, also where it was given up before it ended", async () => {
    const program = aHeldProgram();
    await using all = await begin(program);
    await all.kernel.report("default", [aFinding("timeout")]);
    all.clock.advance(1_000);
    await expect.poll(program.begun).toBe(1);
    all.clock.advance(400_000);
    await expect.poll(async () => (await all.ended()).length).toBe(1);
    program.release();
    await all.kernel.settle();
    expect(await all.ended()).toMatchObject([{ details: { fallback_reason: "investigator_lost" } }]);
    expect(await all.messages()).toHaveLength(1);
  });

  test("keeps nothing of what a program calls its model and its calls that is a secret", async () => {
    const secret = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].join("");
    const usage = { model: secret, input_tokens: 1, output_tokens: 1, cost_micros: 1 };
    const program = programOf([
      { usage: { ...usage, call_id: secret } },
      { usage: { ...usage, call_id: `${secret}2` } },
      { message: "done" },
    ]);
    await using all = await begin(program);
    await all.find();
    const used = await all.store.engine.reader.selectFrom("model_use").selectAll().execute();
    expect(used).toHaveLength(2);
    expect(JSON.stringify(used)).not.toContain(secret);
  });

  test.each([
    ["sent", null, "sent"],
    ["refused", null, "failed_send"],
    ["sent", [], "engine_unavailable_fallback"],
    ["refused", [], "engine_unavailable_failed_send"],
  ] as const)("says what became of its message: %s, with an engine that says %j: %s", async (kind, script, status) => {
    const channels: Channels = {
      list: () => [{ name: "house", perHour: 100, quiet: null, showsChanges: false, isMail: false }],
      rules: () => [{ channels: ["house"], of: ["investigation"], projects: null, min_level: "debug" }],
      send: async () => (kind === "sent" ? { kind } : { kind, error: "it is not taken" }),
    };
    await using all = await begin(script === null ? null : programOf(script), {}, channels);
    await all.find();
    await all.kernel.settle();
    expect(await all.ended()).toMatchObject([{ details: { dm_status: status } }]);
    expect(await all.rows()).toMatchObject([
      { seam: "probe.wake_requested" },
      { seam: "probe.investigation_completed" },
      {
        seam: "notification.dispatched",
        details: { kind: "investigation", channel: "house", state: kind === "sent" ? "sent" : "failed" },
      },
    ]);
    expect((await all.kernel.timeline.list({ limit: 5, dmStatus: status })).events).toHaveLength(1);
  });

  test("is not said to have been sent before a channel has answered, and then also where another fails", async () => {
    let came: Awaited<ReturnType<Channels["send"]>> = { kind: "later", error: "it is busy", afterMs: null };
    const channels: Channels = {
      list: () =>
        ["bad", "slow"].map((name) => ({ name, perHour: 9, quiet: null, showsChanges: false, isMail: false })),
      rules: () => [{ channels: ["bad", "slow"], of: ["investigation"], projects: null, min_level: "debug" }],
      send: async (name) => (name === "slow" ? came : { kind: "later", error: "it is away", afterMs: null }),
    };
    await using all = await begin(null, {}, channels);
    await all.find();
    await all.kernel.settle();
    expect(await all.ended()).toMatchObject([{ details: { dm_status: null } }]);
    came = { kind: "sent" };
    all.clock.advance(10_000);
    await all.kernel.settle();
    expect(await all.ended()).toMatchObject([{ details: { dm_status: "sent" } }]);
    // The other is given up after a day.
    for (let hour = 0; hour < 26; hour += 1) {
      all.clock.advance(3_600_000);
      await all.kernel.settle();
    }
    expect((await all.rows()).filter(({ seam }) => seam === "notification.dispatched")).toMatchObject([
      { details: { channel: "slow", state: "sent" } },
      { details: { channel: "bad", state: "failed" } },
    ]);
    expect(await all.ended()).toMatchObject([{ details: { dm_status: "sent" } }]);
  });

  test("is not begun by what an outsider sends", async () => {
    await using all = await begin();
    await all.kernel.report("default", [aFinding("timeout", { trust: "public" }), aFinding("a", { source: "sentry" })]);
    await all.kernel.settle();
    expect(await all.rows()).toEqual([]);
  });

  test("lets a program ask for its tools, says whether the envelope is on, and counts each call of a model once", async () => {
    const usage = { call_id: "c1", model: "some-model", input_tokens: 100, output_tokens: 7, cost_micros: 123_457 };
    const program = programOf([
      { call: { id: "1", tool: "read_neighbours", input: {} } },
      { usage },
      { usage },
      { call: { id: "2", tool: "autofix", input: { action: "mend", target: "m1", reason: "it is down" } } },
      { call: { id: "3", tool: "mail_operator", input: { text: "The machine m1 was down; it is mended." } } },
      { message: "done" },
    ]);
    await using all = await begin(program);
    all.halls.turn(true);
    await all.kernel.callers.set([
      {
        grant: {
          id: INVESTIGATOR,
          project_id: "default",
          actions: ["mend_machine"],
          targets: ["machine:south/*"],
          budgets: [],
          ceilings: [],
          expires_at: null,
        },
        key: null,
      },
    ]);
    // It waits for the fix, which this very worker carries out.
    await all.find();
    expect(JSON.parse(program.told[0] ?? "")).toMatchObject({ rung: "full", brief: { envelope: { is_on: true } } });
    expect(program.told.map((line) => JSON.parse(line).result?.status)).toContain("attempted");
    expect(await all.ended()).toMatchObject([
      {
        details: {
          model: "some-model",
          input_tokens: 100,
          output_tokens: 7,
          cost_micros: 123_457,
          autofix_attempted: true,
          summary: "The machine m1 was down; it is mended.",
          dm_status: "failed_send",
        },
      },
    ]);
    expect(all.halls.acts()).toBe(1);
    const [first] = await all.rows();
    const story = await all.kernel.timeline.read(first?.caller_session_id ?? "");
    expect(story.events.map(({ row }) => row.seam)).toEqual([
      "probe.wake_requested",
      "tool.probe_autofix_attempted",
      "probe.investigation_completed",
    ]);
  });

  test("refuses its fix when the switch is flipped in mid-investigation", async () => {
    let flip = () => {};
    const program = programOf([
      () => {
        flip();
        return { call: { id: "1", tool: "autofix", input: { action: "mend", target: "m1", reason: "down" } } };
      },
      { message: "It was refused." },
    ]);
    await using all = await begin(program);
    all.halls.turn(true);
    flip = () => all.halls.turn(false);
    await all.find();
    expect(JSON.parse(program.told[1] ?? "")).toMatchObject({ result: { rejection_reason: "envelope_disabled" } });
    expect(all.halls.acts()).toBe(0);
  });

  test.each<[string, ReturnType<typeof programOf>]>([
    ["engine_garbage", programOf(["I think that"])],
    ["engine_garbage", programOf([{ call: { id: "1", tool: "autofix", input: {} }, more: 1 }])],
    ["engine_empty", programOf([{ message: "  " }])],
    ["engine_empty", programOf([])],
    ["engine_down", programOf([], "not_started")],
    ["engine_timeout", programOf([], "timeout")],
    ["engine_flood", programOf([], "flood")],
    [
      "engine_too_many_calls",
      programOf(Array.from({ length: 60 }, () => ({ call: { id: "1", tool: "read_deltas", input: {} } }))),
    ],
  ])("tells people word for word that it failed: %s", async (reason, program) => {
    await using all = await begin(program);
    await all.find();
    expect(await all.ended()).toMatchObject([
      {
        details: {
          dm_status: "engine_unavailable_failed_send",
          fallback_reason: reason,
          summary: `The investigation did not end with an answer (${reason}). What the probe halls found stands: timeout of machine:south/m1.`,
        },
      },
    ]);
    expect(await all.messages()).toHaveLength(1);
    expect(program.ended()).toBe(1);
  });

  test("knows no third tool that changes something, whatever it is called", async () => {
    const program = programOf([
      { call: { id: "1", tool: "run_shell", input: { command: "id" } } },
      { call: { id: "2", tool: "__proto__", input: {} } },
      { call: { id: "3", tool: "toString", input: {} } },
      { call: { id: "4", tool: "autofix", input: { action: "mend", target: "m1", reason: "x", probe: "watcher" } } },
      { message: "Nothing helped." },
    ]);
    await using all = await begin(program);
    all.halls.turn(true);
    await all.find();
    const answers = program.told.slice(1).map((line) => JSON.parse(line));
    for (const answer of answers.slice(0, 3))
      expect(answer).toMatchObject({ error: expect.stringMatching(/^unknown_tool/) });
    expect(answers[3]).toMatchObject({ error: expect.stringMatching(/^invalid_input/) });
    expect(all.halls.acts()).toBe(0);
  });

  test("goes down the rungs as its budget is used, and adds up to the cent under two at once", async () => {
    const budget = {
      investigation: { calls: 10, tokens: 1_000, cost_micros: 100 },
      project: { calls: 1_000, tokens: 1_000_000, cost_micros: 1_000_000 },
      day: { calls: 1_000, tokens: 1_000_000, cost_micros: 1_000_000 },
    };
    await using all = await begin();
    const { budget: parsed } = InvestigatorConfig.parse({ budget });
    const { createWriter } = await import("../store/writer.ts");
    const writer = createWriter(all.store.engine);
    const note = (sessionId: string, callId: string, costMicros: number) =>
      writer.run(async (tx) =>
        noteUse(
          tx,
          { scrubText },
          {
            projectId: "default",
            sessionId,
            now: 1,
            usage: { callId, model: "m", inputTokens: 1, outputTokens: 1, costMicros },
          },
        ),
      );
    const db = all.store.engine.reader;
    const rung = () => rungOf(db, { now: 2, projectId: "default", sessionId: "a", budget: parsed });
    const rungs = [await rung()];
    for (const [at, cost] of [49, 1, 40, 9, 1].entries()) {
      await Promise.all([note("a", `c${at}`, cost), note("b", `c${at}`, cost * 3), note("a", `c${at}`, cost)]);
      rungs.push(await rung());
    }
    expect(rungs).toEqual(["full", "full", "cheap", "detect_only", "detect_only", "stop"]);
    expect(await usedBy(db, "default", "a")).toMatchObject({ calls: 5, cost_micros: 100 });
    expect(await usedBy(db, "default", "b")).toMatchObject({ calls: 5, cost_micros: 300 });
    await writer.close();
  });
});
