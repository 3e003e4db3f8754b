import { z } from "zod";
import { FrameError } from "../platform/sandbox/frames.ts";
import type { LaunchSpec, SandboxedProcess, SandboxEngine } from "../platform/sandbox/engine.ts";
import { createPeer, PeerBroke, RpcError, type Peer } from "./broker/rpc.ts";

/** A process that nobody needed for so long is ended. */
const IDLE_MS = 30_000;
const MAX_CALLS = 1_000;
/** Of one process; it is started anew long before. */
const LIFE_MS = 3_600_000;
/** Invocations of one plugin that wait for its process. */
const MAX_WAITING = 32;

/** What makes two invocations share a process. */
export interface ProcessKey {
  readonly plugin: string;
  readonly digest: string;
  readonly projectId: string;
  /** Anything that differs when what it was granted differs. */
  readonly grants: string;
}

export interface ProcessSpec extends Omit<LaunchSpec, "limits"> {
  readonly memoryMb: number;
  readonly cpuSeconds: number;
}

/** What a plugin says while one invocation of it runs; at other times it is not listened to. */
export interface Listener {
  onCall(method: string, params: unknown, id: number | string): Promise<unknown>;
  onNotice(method: string, params: unknown): void;
}

export interface Borrowed {
  readonly peer: Peer;
  stderr(): string;
  /** Why it ended, in words; null while it runs. */
  ended(): Promise<string | null>;
  /** `spent`: it is not used again. */
  giveBack(how: "well" | "spent"): Promise<void>;
}

interface Held {
  readonly process: SandboxedProcess;
  readonly peer: Peer;
  listener: Listener | null;
  calls: number;
  /** For how long invocations had it: it cannot have used much more of a processor. */
  busyMs: number;
  isOver: boolean;
  failure: Error | null;
}

const Started = z.object({ protocol: z.literal(1) });

/**
 * One process for each plugin, digest, grants and project, and one invocation in it at a time. It ends when it was
 * idle for half a minute, after a thousand calls, and whenever its invocation did not end well; nothing that may
 * destroy shares one.
 */
export function createPool(given: { readonly engine: SandboxEngine; readonly idleMs?: number }) {
  const { engine, idleMs = IDLE_MS } = given;
  const closing = new AbortController();
  const idle = new Map<string, { readonly held: Held; readonly timer: NodeJS.Timeout }>();
  const lanes = new Map<string, { last: Promise<void>; waiting: number }>();
  const alive = new Set<Held>();

  async function start(spec: ProcessSpec): Promise<Held> {
    const { memoryMb, cpuSeconds, ...rest } = spec;
    const process = await engine.launch({ ...rest, limits: { memoryMb, cpuSeconds, wallMs: LIFE_MS } }, closing.signal);
    const held: Held = {
      process,
      listener: null,
      calls: 0,
      busyMs: 0,
      isOver: false,
      failure: null,
      peer: createPeer({
        send: (frame) => process.send(frame),
        frames: process.frames,
        onCall(method, params, id) {
          held.calls += 1;
          const { listener } = held;
          // It asks while nothing of it runs: a timer of an invocation that is over.
          if (listener === null) return Promise.reject(new RpcError(-32004, "no invocation runs"));
          return listener.onCall(method, params, id);
        },
        onNotice: (method, params) => held.listener?.onNotice(method, params),
      }),
    };
    alive.add(held);
    const over = (failure: Error | null): void => {
      held.isOver = true;
      held.failure ??= failure;
    };
    held.peer.over.then(
      async (failure) => {
        over(failure);
        await process.kill();
      },
      () => undefined,
    );
    process.exited.then(
      () => (over(null), alive.delete(held)),
      () => undefined,
    );
    return held;
  }

  async function end(held: Held): Promise<void> {
    held.isOver = true;
    await held.process.kill();
    alive.delete(held);
  }

  return {
    /** Processes that run now. */
    size: () => alive.size,

    /** `isFresh`: for what may destroy: nobody used it before, and nobody will after. */
    async borrow(
      key: ProcessKey,
      spec: ProcessSpec,
      listener: Listener,
      isFresh: boolean,
      signal: AbortSignal,
    ): Promise<Borrowed> {
      const name = JSON.stringify([key.plugin, key.digest, key.projectId, key.grants, isFresh]);
      const leave = await enter(lanes, name, signal);
      try {
        const waits = idle.get(name);
        idle.delete(name);
        clearTimeout(waits?.timer);
        const held = waits !== undefined && !waits.held.isOver ? waits.held : await start(spec);
        held.listener = listener;
        const since = performance.now();
        return {
          peer: held.peer,
          stderr: () => held.process.stderr(),
          ended: () => howItEnded(held),
          async giveBack(how) {
            held.listener = null;
            held.busyMs += performance.now() - since;
            // The kernel's limit is of the whole process: one that is half used up may not reach the end of the next run.
            const isTired = held.calls >= MAX_CALLS || held.busyMs > spec.cpuSeconds * 500;
            if (how === "spent" || isFresh || held.isOver || isTired || closing.signal.aborted) await end(held);
            else idle.set(name, { held, timer: setTimeout(() => (idle.delete(name), void end(held)), idleMs).unref() });
            leave();
          },
        };
      } catch (error) {
        leave();
        throw error;
      }
    },

    async close(): Promise<void> {
      closing.abort(new Error("the server ends"));
      for (const { timer } of idle.values()) clearTimeout(timer);
      idle.clear();
      await Promise.all([...alive].map(end));
    },
  };
}
export type Pool = ReturnType<typeof createPool>;

export async function initialize(peer: Peer, params: object, signal: AbortSignal): Promise<void> {
  Started.parse(await peer.ask("$/initialize", { protocol: 1, ...params }, signal));
}

/** One after the other; who gives up while waiting leaves its place. */
async function enter(
  lanes: Map<string, { last: Promise<void>; waiting: number }>,
  name: string,
  signal: AbortSignal,
): Promise<() => void> {
  const lane = lanes.get(name) ?? { last: Promise.resolve(), waiting: 0 };
  lanes.set(name, lane);
  if (lane.waiting >= MAX_WAITING) throw new RpcError(-32003, `${MAX_WAITING} invocations of it wait already`);
  lane.waiting += 1;
  const { promise: mine, resolve: leave } = Promise.withResolvers<void>();
  const before = lane.last;
  lane.last = before.then(() => mine);
  const done = (): void => {
    lane.waiting -= 1;
    if (lane.waiting === 0 && lanes.get(name) === lane) lanes.delete(name);
    leave();
  };
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("given up"));
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([before, givenUp]);
    return done;
  } catch (error) {
    done();
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
    givenUp.catch(() => undefined);
  }
}

async function howItEnded(held: Held): Promise<string | null> {
  if (
    held.failure instanceof FrameError ||
    (held.failure instanceof PeerBroke && held.failure.message !== "it has ended")
  )
    return held.failure.message;
  return held.isOver ? howProcessEnded(held.process) : null;
}

/** In words, when it has. */
export async function howProcessEnded(process: SandboxedProcess): Promise<string> {
  const { code, signal, ended } = await process.exited;
  if (ended === "memory" || /out of memory|Allocation failed|memory allocation/i.test(process.stderr()))
    return "it took more memory than its limit";
  if (ended === "wall") return "its process was too old";
  if (signal === "SIGXCPU" || code === 152 || code === 137)
    return "it took more processor time or memory than its limit";
  return `its process ended (${code === null ? signal : `code ${code}`})`;
}
