import type { Writable } from "node:stream";
import type { CrashBody, Instruction, RestartPolicy } from "@prunella/contract";
import type { Clock, Permit, Rng } from "@prunella/kernel";
import type { Exit, Spawn, Spawned } from "../platform/spawn.ts";
import { wayOut } from "./crash-event.ts";
import { createLeftovers } from "./leftovers.ts";
import { insist, sleep, STOPPED, unlessAborted, type Insisted, type InsistDeps } from "./insist.ts";
import { passLines, passThrough } from "./pass-through.ts";
import { createPersonsStop } from "./persons-stop.ts";
import type { Place } from "./place.ts";
import { listen, type Order } from "./listen.ts";
import type { SupervisorPort } from "./port.ts";
import { createStarter, type Program } from "./starter.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";
import { createTail, type Tail } from "./tail.ts";
import { tellVitals } from "./vitals.ts";

/** What of stderr goes into a crash, bytes. */
const TAIL_BYTES = 16_384;
/** What of both streams is shown to people, bytes. */
const OUTPUT_BYTES = 8_192;
/** How long stderr may go on after the program ended, when something that it started holds it open. */
const DRAIN_MS = 250;
/** After a permit that could not be used, before asking again. */
const AGAIN_MS = 500;
/** What a finished program waits for the owner to hear of it. */
const GOODBYE_MS = 1_000;

/** With these a person says that it shall end. */
const ENDS: ReadonlySet<string> = new Set(["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"]);

/** `inherit`: the program has our terminal. `prefix`: its lines share ours, each under its name. */
export type Stdio =
  | { readonly kind: "inherit"; readonly sharesTerminal: boolean; readonly err: Writable }
  | { readonly kind: "prefix"; readonly out: Writable; readonly err: Writable };

export interface SuperviseDeps {
  readonly port: SupervisorPort;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly program: Program & {
    readonly project: string;
    readonly policy: RestartPolicy;
    /** Asks it to end. */
    readonly stopSignal: NodeJS.Signals;
    /** What it, and what it had started, get to end. */
    readonly stopGraceMs: number;
  };
  /** Left when the program has ended for good. */
  readonly place: Place;
  readonly stdio: Stdio;
  readonly platform: string;
  readonly onEvent?: (event: SupervisorEvent) => void;
}

export interface Supervision {
  /** How the program ended for good. Never rejects. */
  readonly done: Promise<Exit>;
  /** Of the program; null while it is down. */
  pid(): number | null;
  /** A signal that the program has had already, from the terminal that it shares with us. */
  heard(signal: NodeJS.Signals): void;
  /** Passes a signal on. INT, TERM, QUIT and HUP are a person's stop: no restart follows. */
  forward(signal: NodeJS.Signals): void;
  /** Ends the program for good: `signal`, then KILL after `graceMs`. Resolves when it is gone. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
  /** Nobody will wait: kills what runs now. After {@link Supervision.stop}. */
  force(): void;
}

/**
 * Starts a program and keeps it healed: a crash is reported, and a restart happens when the gate
 * grants one and only then. A clean exit or a person's stop is final.
 * @throws SpawnFailure when the first start fails.
 */
export async function supervise(deps: SuperviseDeps): Promise<Supervision> {
  const { clock, program, port } = deps;
  const emit = deps.onEvent ?? (() => undefined);
  const { place, stdio } = deps;
  const starter = createStarter({
    spawn: deps.spawn,
    program,
    stdio: stdio.kind === "inherit" ? "inherit" : "pipe",
    sharesTerminal: stdio.kind === "inherit" && stdio.sharesTerminal,
    mark: place.mark,
  });
  const personsStop = createPersonsStop();
  const ending = new AbortController();
  const hurry = new AbortController();
  const leftovers = createLeftovers({ place, clock, hurry: hurry.signal, emit });
  const asking: InsistDeps = {
    clock,
    signal: ending.signal,
    onLost: () => emit({ kind: "owner_lost" }),
    onFound: () => emit({ kind: "owner_found" }),
  };
  let isStopping = false;
  /** What it had started had the signal too. */
  let wereAllAsked = false;
  let deadline: number | null = null;
  let isNoted = true;
  let restarts = 0;
  /** Goes on over restarts: what came before a crash explains it. */
  const output = createTail(OUTPUT_BYTES);
  let knownRun: string | null = null;
  let current: Child | null = watch(await firstOrLeave());
  const vitals = tellVitals({ clock, port, run: () => knownRun, pid: () => current?.pid ?? null, output });
  emit({ kind: "started", pid: current.pid, restarts });

  async function firstOrLeave(): Promise<Spawned> {
    try {
      return await starter.first();
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  function watch(spawned: Spawned): Child {
    const wasNoted = isNoted;
    isNoted = place.started(spawned.pid);
    if (wasNoted && !isNoted) emit({ kind: "unnoted" });
    const tail = createTail(TAIL_BYTES);
    const keep = (chunk: Uint8Array) => {
      tail.push(chunk);
      output.push(chunk);
    };
    if (stdio.kind === "inherit") passThrough(spawned.stderr, stdio.err, keep);
    else {
      passLines(spawned.stderr, stdio.err, `${program.name} | `, keep);
      if (spawned.stdout) passLines(spawned.stdout, stdio.out, `${program.name} | `, output.push);
    }
    const drained = new Promise<void>((resolve) => spawned.stderr.once("close", resolve));
    return { pid: spawned.pid, startedAt: clock.now(), tail, exit: spawned.exit, drained, kill: spawned.kill };
  }

  /** Null when the owner will not have this program. */
  async function announce(pid: number | null): Promise<string | null> {
    const answer = await insist(
      () => port.announce({ name: program.name, project: program.project, pid, policy: program.policy }),
      asking,
    );
    if (answer === STOPPED) return null;
    if ("value" in answer) return (knownRun = answer.value.runId);
    emit({ kind: "unsupervised", message: answer.error.message });
    return null;
  }

  async function live(first: Child): Promise<Exit> {
    let announced = announce(first.pid);
    let child = first;
    let reported: Promise<unknown> = announced;
    for (;;) {
      const event = await whatComes(child, announced, reported);
      const next = "exit" in event ? await afterExit(child, event.exit) : await obey(event.order, event.run, child);
      if ("exit" in next) return goodbye(next.exit, announced, reported);
      ({ child, reported } = next);
    }

    async function afterExit(ended: Child, exit: Exit): Promise<Next> {
      const at = clock.now();
      current = null;
      await Promise.race([ended.drained, sleep(DRAIN_MS, { clock, signal: new AbortController().signal })]);
      if (isStopping || exit.code === 0 || personsStop.explains(exit, at)) {
        await afterEnd(exit, at);
        return { exit };
      }
      emit({
        kind: "crashed",
        exit: wayOut({ exit_code: exit.code, signal: exit.signal }),
        uptime_ms: at - ended.startedAt,
      });
      const crash = crashOf(ended, exit, at);
      // Only now: what is ended may still write, and that would not be of the crash.
      const cleared = leftovers.endAfterCrash(program.stopGraceMs);
      await reported;
      const run = await report(await announced, crash);
      if (run !== null) announced = Promise.resolve(run);
      void vitals.tell();
      const next = run === null ? null : await untilStarted(run, cleared);
      if (next !== null) return next;
      await cleared;
      return { exit };
    }

    /** A permit that was void by the time it was to be used leaves the program as it is. */
    async function obey(order: Order, run: string, running: Child): Promise<Next> {
      const asIs = { child: running, reported: Promise.resolve() };
      const permit = await redeemed(order);
      if (permit === null || current === null) return asIs;
      const exit = await end(running);
      if (order.kind !== "stop") return (await startWith(permit, order)) ?? waitFor(run, exit);
      await carryOut(order, async () => void starter.stop(permit));
      emit({ kind: "stopped", asked_by: order.subject.kind });
      return waitFor(run, exit);
    }

    async function waitFor(run: string, exit: Exit): Promise<Next> {
      return (await untilStarted(run, Promise.resolve())) ?? { exit };
    }
  }

  /** A running program ends by itself, or a person has something done with it. */
  async function whatComes(
    child: Child,
    announced: Promise<string | null>,
    reported: Promise<unknown>,
  ): Promise<{ exit: Exit } | { order: Order; run: string }> {
    const isOver = new AbortController();
    const exited = child.exit.then((exit) => ({ exit }));
    const ordered = reported.then(async () => {
      const run = await announced;
      const order =
        run === null
          ? null
          : await listen(port, run, { clock, signal: AbortSignal.any([ending.signal, isOver.signal]) });
      return order === null || run === null ? exited : { order, run };
    });
    try {
      return await Promise.race([exited, ordered]);
    } finally {
      isOver.abort();
    }
  }

  /** Asks it to end, kills it when it does not, and ends what it had started. */
  async function end(child: Child): Promise<Exit> {
    const deadline = clock.now() + program.stopGraceMs;
    child.kill(program.stopSignal);
    const gone = new AbortController();
    const exit = child.exit.finally(() => gone.abort());
    await sleep(program.stopGraceMs, { clock, signal: AbortSignal.any([gone.signal, hurry.signal]) });
    if (!gone.signal.aborted) {
      emit({ kind: "killed", signal: program.stopSignal, after_ms: program.stopGraceMs });
      child.kill("SIGKILL");
    }
    const ended = await exit;
    current = null;
    await leftovers.endAfterStop(program.stopSignal === "SIGTERM", deadline);
    return ended;
  }

  /** After an end that is no crash. */
  async function afterEnd(exit: Exit, at: number): Promise<void> {
    const isClean = exit.code === 0 && !isStopping && !personsStop.isAsked(at);
    if (isClean) return leftovers.tell();
    await leftovers.endAfterStop(wereAllAsked, deadline ?? at + program.stopGraceMs);
  }

  function crashOf(child: Child, exit: Exit, at: number): CrashBody {
    return {
      event_id: Buffer.from(deps.rng.bytes(16)).toString("hex"),
      at,
      exit_code: exit.code,
      signal: exit.signal,
      stderr_tail: child.tail.text(),
      uptime_ms: Math.max(0, at - child.startedAt),
      platform: deps.platform,
    };
  }

  /** The run under which the crash is durable; null when there is nobody who will have it. */
  async function report(runId: string | null, crash: CrashBody): Promise<string | null> {
    if (runId === null) return null;
    const answer = await insist(() => port.crash(runId, crash), asking);
    if (answer === STOPPED) return null;
    if ("value" in answer) return runId;
    // An owner with another data folder does not know this run: it is told from the beginning.
    const fresh = answer.error.code === "PRUNELLA_NOT_FOUND" ? await announce(null) : null;
    const again = fresh === null ? null : await insist(() => port.crash(fresh, crash), asking);
    if (again !== null && again !== STOPPED && "value" in again) return fresh;
    if (!ending.signal.aborted) emit({ kind: "unsupervised", message: answer.error.message });
    return null;
  }

  /** Asks for instructions until one ends in a running program (or in none, for good). */
  async function untilStarted(runId: string, cleared: Promise<void>): Promise<Started | null> {
    let seen: string | null = null;
    for (;;) {
      const asked: string | null = seen;
      const answer: Insisted<Instruction> = await insist(() => port.next(runId, asked, ending.signal), asking);
      if (answer === STOPPED) return null;
      if (!("value" in answer)) {
        emit({ kind: "unsupervised", message: answer.error.message });
        return null;
      }
      const instruction: Instruction = answer.value;
      switch (instruction.kind) {
        case "wait":
          break;
        case "over":
          emit({ kind: "left_stopped", isDecided: false });
          return null;
        case "stopped":
          seen = instruction.seen;
          if (instruction.escalation_id !== null) emit({ kind: "left_stopped", isDecided: true });
          break;
        case "hold":
          seen = instruction.attempt_id;
          emit({
            kind: "held",
            refusal: instruction.refusal,
            detail: instruction.detail,
            escalation_id: instruction.escalation_id,
          });
          break;
        case "stop": {
          const permit = await redeemed(instruction);
          if (permit === null) await sleep(AGAIN_MS, asking);
          else if (await carryOut(instruction, async () => void starter.stop(permit)))
            emit({ kind: "stopped", asked_by: instruction.subject.kind });
          break;
        }
        case "start":
        case "restart": {
          // What the crashed one had started may hold its port.
          const permit = await redeemed(instruction, cleared);
          const started = permit === null ? null : await startWith(permit, instruction);
          if (started !== null) return started;
          // Not marked as seen: a permit that is still good is offered again, a void one is not.
          await sleep(AGAIN_MS, asking);
        }
      }
    }
  }

  const outcomeOf = ({ attempt_id, fence }: Order, state: "succeeded" | "failed", pid: number | null) =>
    insist(() => port.outcome(attempt_id, fence, state, pid), asking);

  /** Null when it was void by the time it was to be used. */
  async function redeemed(order: Order, cleared: Promise<void> = Promise.resolve()): Promise<Permit | null> {
    emit({ kind: "waiting", action: order.kind, not_before: order.not_before, asked_by: order.subject.kind });
    // A timer may fire a millisecond before the wall clock says so, and a permit is void before its time.
    while (clock.now() < order.not_before && !ending.signal.aborted) {
      await sleep(order.not_before - clock.now() + 1, asking);
    }
    await unlessAborted(cleared, ending.signal);
    const answer = await insist(() => port.redeem(order.permit_id, order.fence), asking);
    if (answer === STOPPED) return null;
    if ("value" in answer) return answer.value;
    // An earlier try may have redeemed it without our hearing so; the attempt must not stay open.
    if (answer.wasRepeated) await outcomeOf(order, "failed", null);
    emit({ kind: "refused", action: order.kind, message: answer.error.message });
    return null;
  }

  async function startWith(permit: Permit, order: Order): Promise<Started | null> {
    let started: Started | null = null;
    await carryOut(order, async () => {
      // Between the permit and this line somebody may have asked us to end.
      if (isStopping) throw new Error("it was told to stop");
      const child = watch(await starter.again(permit));
      current = child;
      if (isStopping) child.kill("SIGKILL");
      restarts += 1;
      emit({ kind: "restarted", pid: child.pid, restarts, asked_by: order.subject.kind });
      started = { child, reported: outcomeOf(order, "succeeded", child.pid) };
    });
    return started;
  }

  /** Does what was permitted; says so where `act` has not, and says when it failed. */
  async function carryOut(order: Order, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      if (order.kind === "stop") await outcomeOf(order, "succeeded", null);
      return true;
    } catch (error) {
      emit({ kind: "not_restarted", message: error instanceof Error ? error.message : "unknown" });
      await port.outcome(order.attempt_id, order.fence, "failed", null).catch(() => undefined);
      return false;
    }
  }

  /** Tells the owner that this run is over, if it listens. */
  async function goodbye(exit: Exit, announced: Promise<string | null>, reported: Promise<unknown>): Promise<Exit> {
    const said = reported
      .then(() => announced)
      .then((runId) => (runId === null ? undefined : port.end(runId)))
      .catch(() => undefined);
    await Promise.race([said, sleep(GOODBYE_MS, { clock, signal: new AbortController().signal })]);
    ending.abort();
    vitals.stop();
    place.leave();
    emit({ kind: "ended", exit: wayOut({ exit_code: exit.code, signal: exit.signal }) });
    return exit;
  }

  const done = live(current);
  const isDone = new AbortController();
  void done.finally(() => isDone.abort());

  function heard(signal: NodeJS.Signals): void {
    personsStop.note(signal, clock.now());
    if (!ENDS.has(signal) || current !== null) return;
    // While it is down nothing would hear the signal; then the person's stop ends the waiting.
    isStopping = true;
    ending.abort();
  }

  function pass(signal: NodeJS.Signals): void {
    current?.kill(signal);
    if (signal === "SIGTERM" && current !== null) wereAllAsked = true;
  }

  function force(): void {
    current?.kill("SIGKILL");
    hurry.abort();
  }

  return {
    done,
    pid: () => current?.pid ?? null,
    heard,
    forward(signal) {
      pass(signal);
      heard(signal);
    },
    async stop(signal, graceMs) {
      isStopping = true;
      deadline = clock.now() + graceMs;
      pass(signal);
      if (current === null) ending.abort();
      await unlessAborted(
        Promise.race([done, sleep(graceMs, { clock, signal: AbortSignal.any([isDone.signal, hurry.signal]) })]),
        isDone.signal,
      );
      if (current !== null && !hurry.signal.aborted) emit({ kind: "killed", signal, after_ms: graceMs });
      current?.kill("SIGKILL");
      await done;
    },
    force,
  };
}

/** A start that its owner hears of. */
interface Started {
  readonly child: Child;
  readonly reported: Promise<unknown>;
}

/** How it goes on: with a program that runs, or not at all. */
type Next = Started | { readonly exit: Exit };

interface Child {
  readonly pid: number;
  readonly startedAt: number;
  readonly tail: Tail;
  readonly exit: Promise<Exit>;
  /** Resolves when stderr has been read to its end. */
  readonly drained: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}
