import type { Writable } from "node:stream";
import type { CrashBody, Instruction, RestartPolicy } from "@prunella/contract";
import type { Clock, Rng } from "@prunella/kernel";
import type { Exit, Spawn, Spawned } from "../platform/spawn.ts";
import { wayOut } from "./crash-event.ts";
import { createLeftovers } from "./leftovers.ts";
import { insist, sleep, STOPPED, unlessAborted, type Insisted, type InsistDeps } from "./insist.ts";
import { passLines, passThrough } from "./pass-through.ts";
import { createPersonsStop } from "./persons-stop.ts";
import type { Place } from "./place.ts";
import type { SupervisorPort } from "./port.ts";
import { createStarter, type Program } from "./starter.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";
import { createTail, type Tail } from "./tail.ts";

/** What of stderr goes into a crash, bytes. */
const TAIL_BYTES = 16_384;
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
  let current: Child | null = watch(await firstOrLeave());
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
    if (stdio.kind === "inherit") passThrough(spawned.stderr, stdio.err, tail.push);
    else {
      passLines(spawned.stderr, stdio.err, `${program.name} | `, tail.push);
      if (spawned.stdout) passLines(spawned.stdout, stdio.out, `${program.name} | `);
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
    if ("value" in answer) return answer.value.runId;
    emit({ kind: "unsupervised", message: answer.error.message });
    return null;
  }

  async function live(first: Child): Promise<Exit> {
    let announced = announce(first.pid);
    let child = first;
    for (let reported: Promise<unknown> = announced; ;) {
      const exit = await child.exit;
      const at = clock.now();
      current = null;
      await Promise.race([child.drained, sleep(DRAIN_MS, { clock, signal: new AbortController().signal })]);
      if (isStopping || exit.code === 0 || personsStop.explains(exit, at)) {
        await afterEnd(exit, at);
        return goodbye(exit, announced, reported);
      }
      emit({
        kind: "crashed",
        exit: wayOut({ exit_code: exit.code, signal: exit.signal }),
        uptime_ms: at - child.startedAt,
      });
      const crash = crashOf(child, exit, at);
      // Only now: what is ended may still write, and that would not be of the crash.
      const cleared = leftovers.endAfterCrash(program.stopGraceMs);
      await reported;
      const run = await report(await announced, crash);
      if (run !== null) announced = Promise.resolve(run);
      const next = run === null ? null : await untilRestarted(run, cleared);
      if (next === null) {
        await cleared;
        return goodbye(exit, announced, reported);
      }
      child = next.child;
      reported = next.reported;
    }
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
  async function untilRestarted(
    runId: string,
    cleared: Promise<void>,
  ): Promise<{ child: Child; reported: Promise<unknown> } | null> {
    let seen: string | null = null;
    for (;;) {
      const asked: string | null = seen;
      const answer: Insisted<Instruction> = await insist(() => port.next(runId, asked), asking);
      if (answer === STOPPED) return null;
      if (!("value" in answer)) {
        emit({ kind: "unsupervised", message: answer.error.message });
        return null;
      }
      const instruction: Instruction = answer.value;
      switch (instruction.kind) {
        case "wait":
          break;
        case "stop":
          emit({ kind: "left_stopped", isDecided: instruction.escalation_id !== null });
          return null;
        case "hold":
          seen = instruction.attempt_id;
          emit({
            kind: "held",
            refusal: instruction.refusal,
            detail: instruction.detail,
            escalation_id: instruction.escalation_id,
          });
          break;
        case "restart": {
          const restarted = await restart(instruction, cleared);
          if (restarted !== null) return restarted;
          // Not marked as seen: a permit that is still good is offered again, a void one is not.
          await sleep(AGAIN_MS, asking);
        }
      }
    }
  }

  async function restart(granted: Extract<Instruction, { kind: "restart" }>, cleared: Promise<void>) {
    const { kind: asked_by } = granted.subject;
    emit({ kind: "waiting", not_before: granted.not_before, asked_by });
    // A timer may fire a millisecond before the wall clock says so, and a permit is void before its time.
    while (clock.now() < granted.not_before && !ending.signal.aborted) {
      await sleep(granted.not_before - clock.now() + 1, asking);
    }
    // What the crashed one had started may hold its port.
    await unlessAborted(cleared, ending.signal);
    const outcome = (state: "succeeded" | "failed", pid: number | null) =>
      insist(() => port.outcome(granted.attempt_id, granted.fence, state, pid), asking);
    const redeemed = await insist(() => port.redeem(granted.permit_id, granted.fence), asking);
    if (redeemed === STOPPED) return null;
    if (!("value" in redeemed)) {
      // An earlier try may have redeemed it without our hearing so; the attempt must not stay open.
      if (redeemed.wasRepeated) await outcome("failed", null);
      emit({ kind: "refused", message: redeemed.error.message });
      return null;
    }
    try {
      // Between the permit and this line somebody may have asked us to end.
      if (isStopping) throw new Error("it was told to stop");
      const child = watch(await starter.again(redeemed.value));
      current = child;
      if (isStopping) child.kill("SIGKILL");
      restarts += 1;
      emit({ kind: "restarted", pid: child.pid, restarts, asked_by });
      return { child, reported: outcome("succeeded", child.pid) };
    } catch (error) {
      emit({ kind: "not_restarted", message: error instanceof Error ? error.message : "unknown" });
      await port.outcome(granted.attempt_id, granted.fence, "failed", null).catch(() => undefined);
      return null;
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

interface Child {
  readonly pid: number;
  readonly startedAt: number;
  readonly tail: Tail;
  readonly exit: Promise<Exit>;
  /** Resolves when stderr has been read to its end. */
  readonly drained: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}
