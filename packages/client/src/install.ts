import type { Engine, EngineParts } from "./engine.ts";
import { clearFriction, type FrictionKind, type FrictionMemory, noteFriction } from "./friction.ts";
import type { Reporter } from "./reporter.ts";
import { type Options, type Program, toProgram } from "./program.ts";

/** What an embedding program can say. Nothing in here ever throws. */
export interface Client {
  /** An error that was caught and is a defect all the same. */
  readonly capture: (error: unknown) => void;
  /** A provider (a model, an API, a registry) failed. `status` is its HTTP status or error code. */
  readonly providerFailed: (provider: string, status: number | string) => void;
  /** Something equal is tried again; the fifth time within ten minutes is reported. `key` says what is equal and never leaves the process. */
  readonly retried: (key: string) => void;
  /** A rate limit is waited for; the third time without a success in between is reported. */
  readonly rateLimited: (key: string) => void;
  /** A gate said no; the third time in a row is reported. */
  readonly gateFailed: (gate: string) => void;
  /** What was retried, limited or refused has worked: counting starts anew. */
  readonly succeeded: (key: string) => void;
  /** The step the program is in: REASON, ACT, REFLECT, REVIEW, VERIFY, CLOSE, iteration, CONVERGE. */
  readonly enterPhase: (phase: string) => void;
  /** Shows what is sent, once in the life of the program, when there is a terminal. Done by itself at the first crash. */
  readonly disclose: () => boolean;
  /** Has what waits sent, and waits for it for at most 100 ms. What takes longer goes on in a process of its own. */
  readonly flush: () => Promise<void>;
  /** Takes the listeners off again. */
  readonly uninstall: () => void;
}

/** Ends by a person's hand (128 + SIGHUP, SIGINT, SIGPIPE, SIGTERM) are no crashes. */
const NO_CRASH = new Set([0, 129, 130, 141, 143]);

/** What Node ends with after an exception that nobody took. */
const UNCAUGHT = 1;
/** An exit so soon after an uncaught exception (ms) is its end, which is reported: a host that tidies up first needs a while. */
const SAME_END_MS = 10_000;

/**
 * Captures uncaught exceptions, unhandled rejections and exits with another code than 0. Two listeners
 * are all it does until something happens; neither changes what the host does, prints or returns.
 *
 *     const client = install({ app: "shop", version: "1.4.0", endpoint: "https://crashes.example.org" });
 */
export function install(options: Options): Client {
  const program = toProgram(options ?? {});
  const memory: FrictionMemory = new Map();
  let phase: string | null = null;
  /** Moment of the last uncaught exception (ms, monotonic). */
  let crashedAt = Number.NEGATIVE_INFINITY;
  let engine: Engine | null = null;

  function watch(work: (engine: Engine) => void): void {
    if (program === null) return;
    try {
      engine ??= loadEngine(program);
      work(engine);
    } catch {
      // The host goes on as if we were not there.
    }
  }

  const record = (
    errorClass: string,
    functions: readonly string[],
    exitCode: number | null,
    friction: FrictionKind | null,
  ): void => watch((open) => open.record({ errorClass, functions, exitCode, phase, friction, at: Date.now() }));

  function capture(error: unknown, exitCode: number | null = null): void {
    watch(() => record(classOf(error), functionsOf(error), exitCode, null));
  }

  function note(kind: FrictionKind, key: string): void {
    if (program === null || !noteFriction(memory, kind, keyOf(key), Date.now())) return;
    watch(() => record(`Friction:${kind}`, callersOf(note), null, kind));
  }

  function providerFailed(provider: string, status: number | string): void {
    watch(() => record(`Provider:${name(provider)}:${name(status)}`, callersOf(providerFailed), null, null));
  }

  // The monitor sees what ends the process (and what the host's own listener catches) and changes nothing.
  const onUncaught = (error: unknown): void => {
    crashedAt = performance.now();
    capture(error, isTheEnd() ? UNCAUGHT : null);
  };
  const onExit = (given: unknown): void => {
    // A listener before this one may have set another code; it may also have been given as text.
    const code = Number(process.exitCode ?? given ?? 0);
    if (!Number.isInteger(code) || NO_CRASH.has(code) || performance.now() - crashedAt < SAME_END_MS) return;
    // Whoever called process.exit() is on the stack.
    watch(() => record(`ExitCode:${code}`, callersOf(onExit), code, null));
  };
  if (program !== null) {
    if (typeof process.getBuiltinModule !== "function") prepareOldNode().catch(() => {});
    process.on("uncaughtExceptionMonitor", onUncaught);
    if (options.exits !== false) process.on("exit", onExit);
  }

  return {
    capture: (error) => capture(error),
    providerFailed,
    retried: (key) => note("retry_loop", key),
    rateLimited: (key) => note("rate_limit_loop", key),
    gateFailed: (gate) => note("gate_failure", gate),
    succeeded: (key) => clearFriction(memory, keyOf(key)),
    enterPhase: (next) => {
      phase = next;
    },
    disclose: () => {
      let shown = false;
      watch((open) => (shown = open.disclose()));
      return shown;
    },
    flush: async () => {
      // From here, so that loading the larger part counts too.
      const since = performance.now();
      let done: Promise<void> | undefined;
      watch((open) => {
        done = open.flush(since);
      });
      await done;
    },
    uninstall: () => {
      process.off("uncaughtExceptionMonitor", onUncaught);
      process.off("exit", onExit);
    },
  };
}

interface EngineModule {
  readonly openEngine: (program: Program, parts: EngineParts) => Engine;
  readonly functionNames: (stack: string, message?: string) => string[];
}

let loaded: EngineModule | null = null;

/** Loaded synchronously: a process that ends waits for no promise. Sources in development, the built file elsewhere. */
function engineModule(): EngineModule {
  loaded ??= requireHere()(`./engine${extension()}`);
  if (loaded === null) throw new Error("The engine is not there.");
  return loaded;
}

function loadEngine(program: Program): Engine {
  const folder = requireHere()
    .resolve(`./engine${extension()}`)
    .replace(/[\\/][^\\/]+$/, "");
  return engineModule().openEngine(program, {
    sender: { folder, extension: extension() },
    loadReporter: () => {
      const { reporter }: { reporter: Reporter } = requireHere()(`./reporter${extension()}`);
      return reporter;
    },
  });
}

type Modules = Pick<typeof import("node:module"), "createRequire">;

/** Only for Node before 20.16. */
let modules: Modules | null = null;

/** A static import of `node:module` would be most of what the start costs. */
function requireHere(): NodeJS.Require {
  const found: Modules | null =
    typeof process.getBuiltinModule === "function" ? process.getBuiltinModule("node:module") : modules;
  if (found === null) throw new Error("This Node cannot load the engine yet.");
  return found.createRequire(import.meta.url);
}

async function prepareOldNode(): Promise<void> {
  modules = await import("node:module");
}

const extension = (): string => (import.meta.url.endsWith(".ts") ? ".ts" : ".cjs");

/** Whether nobody takes an uncaught exception, so that the process ends now. */
const isTheEnd = (): boolean =>
  process.listenerCount("uncaughtException") === 0 && !process.hasUncaughtExceptionCaptureCallback();

/** Also of an error of another realm, which is no `Error` of ours; an error that fights back has no class. */
function classOf(error: unknown): string {
  try {
    if (!isError(error)) return "UnknownError";
    // A class of one's own that sets no name says "Error".
    const given: unknown = error.name === "Error" ? error.constructor.name : error.name;
    return typeof given === "string" ? given : "UnknownError";
  } catch {
    return "UnknownError";
  }
}

function functionsOf(error: unknown): string[] {
  try {
    if (!isError(error)) return [];
    const stack: unknown = error.stack;
    const message: unknown = error.message;
    return typeof stack === "string"
      ? engineModule().functionNames(stack, typeof message === "string" ? message : "")
      : [];
  } catch {
    return [];
  }
}

const isError = (value: unknown): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";

/** The host's functions that led here: everything above `entry`, which is ours. */
function callersOf(entry: (...args: never[]) => void): string[] {
  const here: { stack?: unknown } = {};
  Error.captureStackTrace(here, entry);
  // A host may give stacks another form.
  if (typeof here.stack !== "string") return [];
  return engineModule()
    .functionNames(here.stack)
    .filter((each) => !OURS.test(each));
}

/** The one frame of ours between {@link Client} and `note`. */
const OURS = /^Object\.(?:retried|rateLimited|gateFailed)$/;

const name = (given: unknown): string => (/^[A-Za-z0-9_.-]{1,24}$/.test(keyOf(given)) ? keyOf(given) : "unknown");

/** What cannot be written as text is one key. */
function keyOf(given: unknown): string {
  try {
    return String(given);
  } catch {
    return "";
  }
}
