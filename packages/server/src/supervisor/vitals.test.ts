import type { VitalsBody } from "@prunella/contract";
import { expect, test } from "vitest";
import { createTail } from "./tail.ts";
import { tellVitals } from "./vitals.ts";

/** A clock whose timers fire when the test moves it. */
function begin(given: { run?: string | null; usage?: (pid: number) => { rss_bytes: number; cpu_ms: number } | null }) {
  let now = 0;
  let due: { at: number; run: () => void }[] = [];
  const sent: VitalsBody[] = [];
  const output = createTail(100);
  let pid: number | null = 7;
  const told = tellVitals({
    clock: {
      now: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run };
        due.push(timer);
        return () => void (due = due.filter((other) => other !== timer));
      },
    },
    port: { vitals: async (_run, body) => void sent.push(body) },
    run: () => (given.run === undefined ? "run" : given.run),
    pid: () => pid,
    output,
    usage: given.usage ?? (() => ({ rss_bytes: 1_000, cpu_ms: now / 4 })),
  });
  return {
    told,
    sent,
    output,
    timers: () => due.length,
    goDown: () => void (pid = null),
    advance(ms: number) {
      now += ms;
      for (const timer of due.filter(({ at }) => at <= now)) {
        due = due.filter((other) => other !== timer);
        timer.run();
      }
    },
  };
}

test("memory, the share of one core since the report before, and the last lines are told every ten seconds", () => {
  const all = begin({});
  all.output.push(Buffer.from("\u001b[31mready\u001b[0m\n"));
  all.advance(1_000);
  all.advance(10_000);
  expect(all.sent).toEqual([
    { rss_bytes: 1_000, cpu: null, output: "ready\n" },
    { rss_bytes: 1_000, cpu: 0.25, output: "ready\n" },
  ]);
});

test("of a program that is down only its last lines are told", () => {
  const all = begin({});
  all.goDown();
  all.output.push(Buffer.from("bye\n"));
  all.advance(1_000);
  expect(all.sent).toEqual([{ rss_bytes: null, cpu: null, output: "bye\n" }]);
});

test("nothing is told before anybody knows the run, and nothing after the end", () => {
  const unknown = begin({ run: null });
  unknown.advance(1_000);
  expect(unknown.sent).toEqual([]);
  const over = begin({});
  over.told.stop();
  expect(over.timers()).toBe(0);
  over.advance(1_000);
  expect(over.sent).toEqual([]);
});
