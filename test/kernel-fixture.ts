import {
  createIds,
  createKernel,
  SYSTEM,
  type Clock,
  type Engine,
  type Kernel,
  type KernelDeps,
  type Rng,
} from "@prunella/kernel";
import { createCalendar } from "@prunella/server/platform";
import { Config, type Event } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import { beginLedger, TEST_SIGNER } from "./ledger-rows.ts";

/** A clock that stands still until a test moves it; timers fire while it moves. */
export function testClock(start = Date.UTC(2026, 10, 21, 8)): Clock & { advance(ms: number): void } {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.callback();
    },
  };
}

/**
 * Time goes on until what is awaited has come: whoever begins to wait only after a clock was moved once, or tries
 * again later, would wait for ever.
 */
export async function timePasses<T>(
  clock: { advance(ms: number): void },
  stepMs: number,
  awaited: Promise<T>,
): Promise<T> {
  clock.advance(stepMs);
  const step = setInterval(() => clock.advance(stepMs), 50);
  try {
    return await awaited;
  } finally {
    clearInterval(step);
  }
}

/** Bytes from a linear congruential generator: the same seed gives the same ids. */
export function testRng(seed = 1): Rng {
  let state = seed >>> 0;
  return {
    bytes: (size) =>
      Uint8Array.from({ length: size }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
      }),
  };
}

let openings = 0;

export async function openKernel(
  engine: Engine,
  clock: Clock = testClock(),
  maxPending = 5_000,
  seed?: number,
  scrubber?: Pick<Scrubber, "scrubEvent" | "scrubText" | "scrubJson">,
  given: Partial<KernelDeps> = {},
): Promise<Kernel & AsyncDisposable> {
  await beginLedger(engine, clock.now());
  // Every opening draws other ids, as a restarted process does.
  openings += 1;
  const rng = testRng(seed ?? openings);
  const log = { info() {}, warn: (message: string) => console.warn(message) };
  const kernel = await createKernel({
    engine,
    clock,
    calendar: createCalendar(),
    rng,
    log,
    newId: createIds(clock, rng),
    limits: { ...Config.parse({}).limits, queue_events: maxPending },
    retention: Config.parse({}).retention,
    freeDisk: () => null,
    place: "test",
    signer: TEST_SIGNER,
    ...(scrubber === undefined ? {} : { scrubber }),
    ...given,
  });
  if ((await kernel.projects.list()).length === 0) await kernel.projects.add({ id: "default", by: SYSTEM });
  kernel.begin();
  return { ...kernel, [Symbol.asyncDispose]: () => kernel.close() };
}

let events = 0;

/** A plain TypeError out of `chargeCard`, with a fresh id. */
export function anEvent(given: Partial<Event> = {}): Event {
  events += 1;
  const frame = (name: string, line: number) => ({
    function: name,
    module: null,
    filename: "/srv/shop/src/pay.js",
    line,
    column: 1,
    in_app: true,
    context_line: null,
    pre_context: [],
    post_context: [],
  });
  return {
    id: events.toString(16).padStart(32, "0"),
    source: "sentry",
    trust: "public",
    level: "error",
    at: Date.UTC(2026, 10, 21, 8),
    release: "shop@1.0.0",
    environment: "production",
    platform: "node",
    target: null,
    errors: [
      {
        type: "TypeError",
        value: "Cannot read properties of undefined",
        module: null,
        handled: false,
        mechanism: null,
        frames: [frame("checkout", 3), frame("chargeCard", 2)],
      },
    ],
    message: null,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: null,
    transaction: null,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: {},
    breadcrumbs: [],
    context: {},
    ...given,
  };
}

/** A crash as our own supervisor reports it. */
export const aCrash = (target: string, given: Partial<Event> = {}): Event =>
  anEvent({
    source: "supervisor",
    trust: "local",
    level: "fatal",
    target: target.includes(":") ? target : `program:${target}`,
    exit_code: 1,
    ...given,
  });
