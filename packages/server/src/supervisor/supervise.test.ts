import { existsSync } from "node:fs";
import { describe as group, expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { PrunellaError } from "@prunella/contract";
import { processOf } from "../platform/processes.ts";
import { spawnProgram } from "../platform/spawn.ts";
import { createLocalPort } from "./local-port.ts";
import { takePlace } from "./place.ts";
import { supervise, type SuperviseDeps } from "./supervise.ts";
import { collect, openKernel, quickPolicy, testClock, testRng } from "./supervisor-fixture.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

type Opened = Awaited<ReturnType<typeof openKernel>>;

async function start(opened: Opened, command: string[], max = 2, over: Partial<SuperviseDeps> = {}) {
  const place = takePlace({ dataFolder: opened.data, project: "default", name: "shop", sharesTerminal: false });
  const events: SupervisorEvent[] = [];
  const [out, err] = [collect(), collect()];
  const supervision = await supervise({
    port: createLocalPort(opened.kernel, testClock),
    spawn: spawnProgram,
    clock: testClock,
    rng: testRng,
    platform: "linux",
    program: {
      name: "shop",
      command,
      cwd: opened.folder,
      env: {},
      inherits: "all" as const,
      project: "default",
      policy: quickPolicy(max),
      stopSignal: "SIGTERM",
      stopGraceMs: 1_000,
    },
    place,
    stdio: { kind: "prefix", out, err },
    onEvent: (event) => events.push(event),
    ...over,
  });
  const until = async (kind: SupervisorEvent["kind"]): Promise<SupervisorEvent> => {
    for (let tries = 0; tries < 2_000; tries += 1) {
      const found = events.find((event) => event.kind === kind);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`no ${kind} among ${JSON.stringify(events)}`);
  };
  return { supervision, events, out, err, until };
}

const faultsOf = async ({ kernel }: Opened) => {
  await kernel.settle();
  return (await kernel.faults.list({ status: "all", limit: 50 })).faults;
};

group("a supervised program", () => {
  test("is restarted within its budget, then held with one escalation, and left stopped when decided", async () => {
    await using opened = await openKernel();
    const { supervision, events, until, err } = await start(opened, [
      "sh",
      "-c",
      "echo 'FATAL: cache is gone' >&2; exit 3",
    ]);
    const held = await until("held");
    expect(events.filter((event) => event.kind === "restarted")).toHaveLength(2);
    const { escalations } = await opened.kernel.escalations.list("open");
    expect(escalations).toHaveLength(1);
    expect(held).toMatchObject({ refusal: "budget_exhausted", escalation_id: escalations[0]?.id });
    await opened.kernel.escalations.decide(escalations[0]?.id ?? "", "leave_stopped");
    expect(await until("left_stopped")).toMatchObject({ isDecided: true });
    await supervision.stop("SIGTERM", 500);
    expect(await supervision.done).toEqual({ code: 3, signal: null });
    expect(await faultsOf(opened)).toMatchObject([{ count: 3, title: expect.stringContaining("cache is gone") }]);
    expect(err.text()).toBe("shop | FATAL: cache is gone\n".repeat(3));
  });

  test("is restarted once more when a person says so", async () => {
    await using opened = await openKernel();
    const { supervision, events, until } = await start(opened, ["sh", "-c", "exit 3"], 0);
    await until("held");
    const [escalation] = (await opened.kernel.escalations.list("open")).escalations;
    await opened.kernel.escalations.decide(escalation?.id ?? "", "restart_once");
    expect(await until("restarted")).toMatchObject({ asked_by: "person", restarts: 1 });
    while (events.filter((event) => event.kind === "held").length < 2)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await supervision.stop("SIGTERM", 500);
    expect(await supervision.done).toEqual({ code: 3, signal: null });
  });

  test("tells at once what it wrote last before a crash, on both streams", async () => {
    await using opened = await openKernel();
    const { supervision, until } = await start(
      opened,
      ["sh", "-c", "echo listening; echo 'out of stock' >&2; exit 3"],
      0,
    );
    await until("held");
    const lines = async () => (await opened.kernel.supervised.output("default", "shop")).lines.toSorted();
    await expect.poll(lines, { timeout: 10_000 }).toEqual(["listening", "out of stock"]);
    expect(await opened.kernel.supervised.list()).toMatchObject([{ vitals: { rss_bytes: null, cpu: null } }]);
    await supervision.stop("SIGTERM", 500);
  });

  const alive = ["sh", "-c", "echo up; trap 'exit 0' TERM; while :; do sleep 0.01; done"];
  const byHand = (opened: Opened, action: "start" | "stop" | "restart") =>
    opened.kernel.act("default", "shop", action, { kind: "person", id: "operator" });
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; !isSo() && tries < 2_000; tries += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isSo()).toBe(true);
  };

  test("is stopped, started and restarted by a person, each through the gate, and no policy acts in between", async () => {
    await using opened = await openKernel();
    const { supervision, events, out } = await start(opened, alive);
    const ups = () => out.text().split("up").length - 1;
    await until(() => ups() === 1);
    expect(await byHand(opened, "stop")).toMatchObject({ verdict: "permitted" });
    await until(() => events.some(({ kind }) => kind === "stopped"));
    expect(supervision.pid()).toBeNull();
    expect(await opened.kernel.supervised.list()).toMatchObject([{ state: "stopped", pid: null }]);
    expect(await faultsOf(opened)).toEqual([]);
    expect(await byHand(opened, "stop")).toMatchObject({ verdict: "refused", refusal: "target_already_healthy" });
    expect(await byHand(opened, "start")).toMatchObject({ verdict: "permitted" });
    await until(() => ups() === 2);
    await until(() => supervision.pid() !== null);
    const before = supervision.pid();
    await opened.kernel.settle();
    expect(await byHand(opened, "start")).toMatchObject({ verdict: "refused", refusal: "target_already_healthy" });
    expect(await byHand(opened, "restart")).toMatchObject({ verdict: "permitted" });
    await until(() => ups() === 3);
    expect(supervision.pid()).not.toBe(before);
    const { attempts } = await opened.kernel.attempts.list({ limit: 9 });
    expect(
      attempts.filter(({ state }) => state !== "refused").map(({ action, subject }) => [action, subject.kind]),
    ).toEqual([
      ["restart", "person"],
      ["start", "person"],
      ["stop", "person"],
    ]);
    await supervision.stop("SIGTERM", 500);
    await supervision.done;
    expect(await faultsOf(opened)).toEqual([]);
  });

  test("that waits for a person is started by hand, which answers the question", async () => {
    await using opened = await openKernel();
    const { supervision, until: untilEvent, events } = await start(opened, ["sh", "-c", "exit 3"], 0);
    await untilEvent("held");
    expect(await byHand(opened, "start")).toMatchObject({ verdict: "permitted" });
    await until(() => events.some(({ kind }) => kind === "restarted"));
    await until(() => events.filter(({ kind }) => kind === "held").length === 2);
    const { escalations } = await opened.kernel.escalations.list("all");
    expect(escalations.map(({ status }) => status).toSorted()).toEqual(["expired", "open"]);
    await supervision.stop("SIGTERM", 500);
    await supervision.done;
  });

  test("that ignores the stop signal is killed after its grace, and stays stopped", async () => {
    await using opened = await openKernel();
    const deaf = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.01; done"];
    const { supervision, events, out } = await start(opened, deaf, 2, {});
    await until(() => out.text().includes("up"));
    await byHand(opened, "stop");
    await until(() => events.some(({ kind }) => kind === "stopped"));
    expect(events.some(({ kind }) => kind === "killed")).toBe(true);
    await supervision.stop("SIGTERM", 500);
    await supervision.done;
  });

  test("is never restarted after a clean exit", async () => {
    await using opened = await openKernel();
    const { supervision, events } = await start(opened, ["sh", "-c", "echo Error: not really >&2; exit 0"]);
    expect(await supervision.done).toEqual({ code: 0, signal: null });
    expect(events.map((event) => event.kind)).toEqual(["started", "ended"]);
    expect(await faultsOf(opened)).toEqual([]);
    expect(await opened.kernel.supervised.list()).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "is never restarted after a person's %s, even when it ends badly",
    async (signal) => {
      await using opened = await openKernel();
      const { supervision, events, out } = await start(opened, [
        "sh",
        "-c",
        "trap 'exit 9' INT TERM HUP QUIT; echo up; while :; do sleep 0.01; done",
      ]);
      while (!out.text().includes("up")) await new Promise((resolve) => setTimeout(resolve, 5));
      supervision.forward(signal);
      expect(await supervision.done).toEqual({ code: 9, signal: null });
      expect(events.map((event) => event.kind)).toEqual(["started", "ended"]);
    },
  );

  test("ends its waiting when a person stops it while it is down", async () => {
    await using opened = await openKernel();
    const { supervision, until } = await start(opened, ["sh", "-c", "exit 4"], 0);
    await until("held");
    supervision.forward("SIGINT");
    expect(await supervision.done).toEqual({ code: 4, signal: null });
  });

  test("that ignores TERM is killed after the grace, with what it started", async () => {
    await using opened = await openKernel();
    const { supervision, out } = await start(opened, [
      "sh",
      "-c",
      "trap '' TERM; echo up; while :; do sleep 0.01; done",
    ]);
    while (!out.text().includes("up")) await new Promise((resolve) => setTimeout(resolve, 5));
    await supervision.stop("SIGTERM", 50);
    expect(await supervision.done).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("is told how often it was restarted", async () => {
    await using opened = await openKernel();
    const { supervision, out } = await start(opened, [
      "sh",
      "-c",
      'echo "run $PRUNELLA_RUN_ATTEMPT"; test "$PRUNELLA_RUN_ATTEMPT" = 2',
    ]);
    expect(await supervision.done).toEqual({ code: 0, signal: null });
    expect(out.text()).toBe("shop | run 0\nshop | run 1\nshop | run 2\n");
  });

  test.each([
    ["a signal", ["sh", "-c", "kill -SEGV $$"], "SIGSEGV"],
    ["an exit code without a word", ["sh", "-c", "exit 7"], "exited with code 7"],
    ["a JavaScript stack", [process.execPath, "-e", "function placeOrder() { null.id }\nplaceOrder()"], "TypeError"],
    ["output that is not UTF-8", ["sh", "-c", "printf 'Error: \\377\\376\\000\\n' >&2; exit 1"], "Error"],
  ])("leaves a fault after %s", async (_, command, title) => {
    await using opened = await openKernel();
    const { supervision, until } = await start(opened, command, 0);
    await until("held");
    await supervision.stop("SIGTERM", 500);
    expect(await faultsOf(opened)).toMatchObject([{ count: 1, title: expect.stringContaining(title), level: "fatal" }]);
  });

  test.skipIf(!needs("python3", existsSync("/usr/bin/python3")))(
    "leaves a fault after a Python traceback",
    async () => {
      await using opened = await openKernel();
      const { supervision, until } = await start(opened, ["python3", "-c", "def pay(): return {}['card']\npay()"], 0);
      await until("held");
      await supervision.stop("SIGTERM", 500);
      expect(await faultsOf(opened)).toMatchObject([{ count: 1, title: expect.stringContaining("KeyError") }]);
    },
  );

  test("may flood stderr: all of it passes through and the crash is told by its end", async () => {
    await using opened = await openKernel();
    const err = collect();
    const { supervision, until } = await start(
      opened,
      ["sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo 'fatal: the end' >&2; exit 1"],
      0,
      { stdio: { kind: "inherit", sharesTerminal: false, err } },
    );
    await until("held");
    await supervision.stop("SIGTERM", 500);
    expect(err.bytes().length).toBe(3_000_000 + 1 + 15);
    expect(await faultsOf(opened)).toMatchObject([{ title: expect.stringContaining("the end") }]);
  });

  test("does not wait for a grandchild that keeps stderr open", async () => {
    await using opened = await openKernel();
    const { supervision } = await start(opened, ["sh", "-c", "sleep 20 & exit 0"]);
    expect(await supervision.done).toEqual({ code: 0, signal: null });
  });

  test("stays down while the kill switch is on and comes back after it", async () => {
    await using opened = await openKernel();
    await opened.kernel.switches.kill(true);
    const { supervision, until, out } = await start(opened, [
      "sh",
      "-c",
      'test "$PRUNELLA_RUN_ATTEMPT" = 1 && echo back && exec sleep 20; exit 5',
    ]);
    expect(await until("held")).toMatchObject({ refusal: "killed", escalation_id: null });
    await opened.kernel.switches.kill(false);
    await until("restarted");
    while (!out.text().includes("back")) await new Promise((resolve) => setTimeout(resolve, 5));
    await supervision.stop("SIGTERM", 500);
  });

  test("that cannot be started says why", async () => {
    await using opened = await openKernel();
    await expect(start(opened, ["no-such-program-here"])).rejects.toMatchObject({ reason: "not_found" });
    await expect(start(opened, ["/etc/passwd"])).rejects.toMatchObject({ reason: "not_executable" });
    await using nowhere = await openKernel();
    await expect(start({ ...nowhere, folder: "/no/such/folder" }, ["sh"])).rejects.toMatchObject({
      reason: "no_such_folder",
    });
  });

  test("keeps running while nobody owns the folder, and is restarted once somebody does", async () => {
    await using opened = await openKernel();
    let isGone = true;
    const port = createLocalPort(opened.kernel, testClock);
    const away = {
      ...port,
      announce: (given: Parameters<typeof port.announce>[0]) =>
        isGone ? Promise.reject(new PrunellaError("PRUNELLA_SERVER_NOT_FOUND")) : port.announce(given),
    };
    const { supervision, until, events } = await start(
      opened,
      ["sh", "-c", 'test "$PRUNELLA_RUN_ATTEMPT" = 1; exit $((3 * $?))'],
      2,
      { port: away },
    );
    await until("owner_lost");
    await until("crashed");
    isGone = false;
    expect(await supervision.done).toEqual({ code: 0, signal: null });
    expect(events.map((event) => event.kind).filter((kind) => kind !== "waiting")).toEqual(
      expect.arrayContaining(["owner_lost", "crashed", "owner_found", "restarted", "ended"]),
    );
    expect(events.filter((event) => event.kind === "owner_lost")).toHaveLength(1);
  });

  test("does not restart when the answer to redeeming was lost, and the attempt does not stay open", async () => {
    await using opened = await openKernel();
    const port = createLocalPort(opened.kernel, testClock);
    const lossy = {
      ...port,
      redeem: async (permitId: string, fence: number) => {
        await port.redeem(permitId, fence);
        throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND");
      },
    };
    const { supervision, until, events } = await start(opened, ["sh", "-c", "exit 3"], 5, { port: lossy });
    await until("refused");
    expect((await opened.kernel.escalations.list("open")).open).toBe(1);
    await supervision.stop("SIGTERM", 100);
    expect(events.some((event) => event.kind === "restarted")).toBe(false);
    const { attempts } = await opened.kernel.attempts.list({ limit: 10 });
    expect(attempts).toMatchObject([{ state: "failed" }]);
  });

  test("of an owner that began anew is told to it from the beginning", async () => {
    await using opened = await openKernel();
    const port = createLocalPort(opened.kernel, testClock);
    let announced = 0;
    const forgetful = {
      ...port,
      announce: async (given: Parameters<typeof port.announce>[0]) => {
        announced += 1;
        return announced === 1 ? { runId: "01a1fd39-1b81-70d8-9e80-1b91f9fa5461" } : port.announce(given);
      },
    };
    const { supervision } = await start(opened, ["sh", "-c", 'test "$PRUNELLA_RUN_ATTEMPT" = 1'], 2, {
      port: forgetful,
    });
    expect(await supervision.done).toEqual({ code: 0, signal: null });
    expect(announced).toBe(2);
  });

  test("asks again when a permit that is still good was refused once", async () => {
    await using opened = await openKernel();
    const port = createLocalPort(opened.kernel, testClock);
    let tries = 0;
    const early = {
      ...port,
      redeem: (permitId: string, fence: number) => {
        tries += 1;
        return tries === 1
          ? Promise.reject(new PrunellaError("PRUNELLA_PERMIT_INVALID"))
          : port.redeem(permitId, fence);
      },
    };
    const { supervision } = await start(opened, ["sh", "-c", 'test "$PRUNELLA_RUN_ATTEMPT" = 1'], 2, { port: early });
    expect(await supervision.done).toEqual({ code: 0, signal: null });
    expect(tries).toBe(2);
  });

  test("waits for the time of a permit even when timers fire early", async () => {
    await using opened = await openKernel();
    const hasty = {
      ...testClock,
      after: (ms: number, callback: () => void) => testClock.after(Math.max(0, ms - 3), callback),
    };
    const { until, events, supervision } = await start(opened, ["sh", "-c", "exit 3"], 4, { clock: hasty });
    await until("held");
    await supervision.stop("SIGTERM", 100);
    expect(events.filter((event) => event.kind === "refused")).toEqual([]);
    expect(events.filter((event) => event.kind === "restarted")).toHaveLength(4);
  });

  test("frees what it had started before it is restarted, and after a stop", async () => {
    await using opened = await openKernel();
    const {
      supervision,
      events,
      until: untilEvent,
      out,
    } = await start(opened, [
      "sh",
      "-c",
      'sleep 293 & echo "started $!"; test "$PRUNELLA_RUN_ATTEMPT" = 1 || exit 3; trap "exit 0" INT; echo up; while :; do sleep 0.05; done',
    ]);
    await untilEvent("restarted");
    while (!out.text().includes("up")) await new Promise((resolve) => setTimeout(resolve, 5));
    const [first = 0, second = 0] = [...out.text().matchAll(/started (\d+)/g)].map(([, pid]) => Number(pid));
    expect(processOf(first)).toBeNull();
    // Between fork and exec it still has the shell's name.
    await until(() => processOf(second)?.name === "sleep");
    const order = events.map((event) => event.kind).filter((kind) => kind !== "waiting");
    expect(order).toEqual(["started", "crashed", "leftovers_ended", "restarted"]);
    // A background process of a shell ignores INT: TERM follows.
    await supervision.stop("SIGINT", 5_000);
    expect(processOf(second)).toBeNull();
  });

  test("that ends by itself leaves what it had started, by name", async () => {
    await using opened = await openKernel();
    const { supervision, events, out } = await start(opened, ["sh", "-c", "sleep 292 & echo $!; exit 0"]);
    await supervision.done;
    const pid = Number(/\d+/.exec(out.text())?.[0]);
    expect(events).toContainEqual({ kind: "left", processes: [`sleep (pid ${pid})`], why: "clean_end" });
    expect(processOf(pid)?.name).toBe("sleep");
    process.kill(pid, "SIGKILL");
  });

  test.skipIf(!needs("/proc with environments", existsSync("/proc/self/environ")))(
    "names what went into a session of its own, and leaves it",
    async () => {
      await using opened = await openKernel();
      const daemon = `require("child_process").spawn("sleep", ["291"], { detached: true, stdio: "ignore" }).once("spawn", () => process.exit(3))`;
      const { supervision, events, until } = await start(opened, [process.execPath, "-e", daemon], 1);
      await until("held");
      await supervision.stop("SIGTERM", 1_000);
      const left = events.flatMap((event) => (event.kind === "left" ? [event] : []));
      expect(left).toHaveLength(2);
      expect(new Set(left.map(({ why }) => why))).toEqual(new Set(["own_session"]));
      for (const { processes } of left) process.kill(Number(/\d+/.exec(processes[0] ?? "")?.[0]), "SIGKILL");
    },
  );

  test("ends what it had started in time, also what ignores TERM, and a person need not wait for it", async () => {
    await using opened = await openKernel();
    const deaf = "trap '' TERM; echo deaf; while :; do sleep 0.05; done";
    const { supervision, until, out } = await start(opened, [
      "sh",
      "-c",
      `sh -c "${deaf}" & echo "started $!"; trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done`,
    ]);
    while (!/up[^]*deaf|deaf[^]*up/.test(out.text())) await new Promise((resolve) => setTimeout(resolve, 5));
    const stopped = supervision.stop("SIGTERM", 600_000);
    while (supervision.pid() !== null) await new Promise((resolve) => setTimeout(resolve, 5));
    supervision.force();
    await stopped;
    expect(await until("leftovers_ended")).toMatchObject({
      processes: expect.arrayContaining([expect.stringContaining("sh (pid")]),
    });
    expect(processOf(Number(/started (\d+)/.exec(out.text())?.[1]))).toBeNull();
  });
});
