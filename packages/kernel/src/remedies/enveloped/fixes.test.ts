import { FixEnvelope, type Fix, type FixHands } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { aCrash, openKernel } from "../../../../../test/kernel-fixture.ts";
import { NO_HANDS } from "../../envelopes/fixing-fixture.ts";
import type { Remedy } from "../../gate/remedy.ts";
import { clear } from "../clear/fix.ts";
import { command } from "../command/fix.ts";
import { httpCall } from "../http-call/fix.ts";
import { remedySuite, suiteTrigger } from "../remedy-suite.ts";
import { wake } from "../wake/fix.ts";

const TARGET = "service:shop";

/** For tests: programs and an address that do what they are told to, and a service that is well or not. */
function createService() {
  let isWell = true;
  let works = true;
  let acts = 0;
  const ran: string[] = [];
  let begun = Promise.withResolvers<void>();
  let waiting: (() => void)[] = [];
  const act = async (): Promise<boolean> => {
    begun.resolve();
    await new Promise<void>((go) => waiting.push(go));
    if (!works) return false;
    acts += 1;
    isWell = true;
    return true;
  };
  const hands: FixHands = {
    ...NO_HANDS,
    async spawn({ command: [program = "", ...rest] }) {
      ran.push([program, ...rest].join(" "));
      if (program === "nowhere") return { ok: false, category: "not_started", detail: "It is not there." };
      const code = program === "check" ? (isWell ? 0 : 1) : program === "act" ? ((await act()) ? 0 : 1) : 0;
      return { ok: true, code, stdout: "" };
    },
    async http({ url, method, body }) {
      ran.push(`${method} ${url} ${body ?? ""}`.trim());
      return { ok: true, status: (await act()) ? 204 : 500, body: "" };
    },
    async signal({ pidFile, name }) {
      ran.push(`${name} ${pidFile}`);
      return (await act()) ? { ok: true } : { ok: false, category: "no_process", detail: "It is gone." };
    },
  };
  return {
    hands,
    ran,
    fail: () => void (isWell = false),
    acts: () => acts,
    begun: () => begun.promise,
    carryOut(isGood: boolean) {
      works = isGood;
      begun = Promise.withResolvers();
      const going = waiting;
      waiting = [];
      for (const go of going) go();
    },
  };
}

const WAYS: readonly [string, Fix, object][] = [
  ["a wake-up by a command", wake, { command: ["act", "now"] }],
  ["a clearing away", clear, { command: ["act"], dry_run: ["look-first"] }],
  ["a command", command, { command: ["act"] }],
  ["a call", httpCall, { url: "https://shop.example/mend", method: "PUT", body: "{}" }],
];

for (const [name, fix, told] of WAYS)
  remedySuite(name, async (engine, clock, budget) => {
    const service = createService();
    const action = { do: fix.name, targets: [TARGET, "service:gone"], check: ["check"], ...told };
    // What is not there has a check that cannot be run.
    const gone = { ...action, targets: ["service:gone"], check: ["nowhere"] };
    const envelopes = [
      FixEnvelope.parse({ probe: "shop", begins_at: "auto", actions: [{ ...action, targets: [TARGET] }, gone] }),
    ];
    const kernel = await openKernel(engine, clock, 5_000, undefined, undefined, {
      fixing: {
        envelopes: () => envelopes,
        switches: { isOn: (probe) => probe === "shop", setBy: () => "file", turn: () => undefined },
        hands: service.hands,
        timeout: () => new AbortController().signal,
        fixes: [],
      },
    });
    await kernel.triggers.register(suiteTrigger(fix.name, TARGET, budget));
    const remedy = kernel.remedies.get(fix.name);
    if (!remedy) throw new Error(`${fix.name} is not known`);
    return {
      kernel,
      remedy,
      target: TARGET,
      missingTarget: "service:gone",
      async fail() {
        service.fail();
        await kernel.report("default", [aCrash(TARGET, { source: "probe", level: "error" })]);
        await Promise.race([kernel.settle(), service.begun()]);
      },
      async carryOut(works) {
        await service.begun();
        service.carryOut(works);
        await kernel.settle();
      },
      acts: service.acts,
      [Symbol.asyncDispose]: () => kernel.close(),
    };
  });

describe("what a fix is told", () => {
  const signal = new AbortController().signal;
  const tell = async (fix: Fix, told: object) => {
    const service = createService();
    const [action] = FixEnvelope.parse({
      probe: "shop",
      actions: [{ do: fix.name, targets: [TARGET], ...told }],
    }).actions;
    if (!action) throw new Error("there is no action");
    const asked = fix.act(TARGET, { action, baseUrl: null, credential: null }, service.hands, signal);
    await Promise.race([service.begun(), asked]);
    service.carryOut(true);
    return { done: await asked, ran: service.ran };
  };

  it("is carried out exactly as the envelope has it", async () => {
    expect(await tell(wake, { signal: { pid_file: "/run/shop.pid", name: "SIGUSR1" } })).toEqual({
      done: true,
      ran: ["SIGUSR1 /run/shop.pid"],
    });
    expect(await tell(wake, { url: "http://127.0.0.1:9/wake" })).toEqual({
      done: true,
      ran: ["POST http://127.0.0.1:9/wake"],
    });
    expect(await tell(clear, { command: ["act", "-f"], dry_run: ["look-first", "-n"] })).toEqual({
      done: true,
      ran: ["look-first -n", "act -f"],
    });
  });

  it("is not begun when its dry run does not end well", async () => {
    expect(await tell(clear, { command: ["act"], dry_run: ["nowhere"] })).toEqual({ done: false, ran: ["nowhere"] });
  });

  it.each([
    ["wake", {}],
    ["wake", { command: ["a"], url: "https://shop.example/" }],
    ["clear", { command: ["rm"] }],
    ["command", { url: "https://shop.example/" }],
    ["http_call", { url: "http://10.0.0.1/" }],
    ["http_call", { url: "https://name:word@shop.example/" }],
    ["command", { command: ["true"], targets: ["service:*"] }],
    ["command", { command: ["true"], targets: ["service:sh\u043ep"] }],
  ])("must be what %s takes, and no more: %j", (name, told) => {
    const given = { do: name, targets: [TARGET], ...told };
    expect(FixEnvelope.safeParse({ probe: "shop", actions: [given] }).success).toBe(false);
  });

  it("does nothing without a permit, and nothing twice with one", async () => {
    const remedy: Pick<Remedy, "act"> = (await import("./remedy.ts")).remedyOf(command, {
      book: { all: () => [], of: () => null },
      hands: NO_HANDS,
      timeout: () => signal,
    });
    const forged: unknown = { projectId: "default", action: "command", target: TARGET, args: {} };
    // What only looks like a permit, as somebody who reads the types away would pass it.
    await expect(Reflect.apply(remedy.act ?? (() => null), null, [forged])).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
  });
});
