import {
  misfits,
  readCall,
  readManifest,
  problemLine,
  requestsOf,
  covers,
  heldBy,
  SCOPES,
  withDefaults,
  BROKER_ERRORS,
  type PluginManifest,
} from "@prunella/contract/plugins";
import type { Plugin } from "./index.ts";
import type { PluginContext } from "./context.ts";
import { contextOver } from "./test-context.ts";

export interface TestCall {
  readonly method: string;
  readonly scope: string | null;
  readonly resource: string | null;
  readonly verdict: "allowed" | "denied" | "unknown" | "invalid";
}

export interface TestRun {
  readonly status: "success" | "failed";
  readonly output: unknown;
  /** What it threw; null on success. */
  readonly error: unknown;
  readonly calls: readonly TestCall[];
  readonly log: readonly string[];
  readonly progress: readonly unknown[];
}

export interface TestOptions {
  /** The text of `prunella.plugin.json`. */
  readonly manifest: string;
  readonly plugin: Plugin;
  /** Answers by method; a function is given the parameters. State is kept without one. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** What an operator set; the manifest's defaults come beside it. */
  readonly settings?: PluginContext["settings"];
  /** Scopes that nobody granted. Left out: all that it asks for is granted. */
  readonly denied?: readonly string[];
}

export interface TestedPlugin {
  readonly manifest: { readonly name: string; readonly version: string };
  run(command: string, args?: Readonly<Record<string, unknown>>, denied?: readonly string[]): Promise<TestRun>;
  /** What the plugin does when it is told of these events, at most a hundred at once. */
  hear(event: string, events: readonly unknown[]): Promise<TestRun>;
  /** Empty: it holds. Commands run with their defaults, once with all granted and once with nothing. */
  conformance(samples?: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<Shortfall[]>;
}

/** A claim about the plugin that does not hold. */
export interface Shortfall {
  readonly claim: string;
  readonly detail: string;
}

/** What a refused call rejects with, as in the sandbox. */
export class TestBrokerError extends Error {
  override readonly name = "BrokerError";
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** A command that is not done by then hangs. */
const PATIENCE_MS = 2_000;

/** @throws Error that names the first field that the manifest's `config` has not, or not so */
function settingsOf(manifest: PluginManifest, given: PluginContext["settings"]): PluginContext["settings"] {
  const settings = withDefaults(manifest.config, given);
  const [wrong] = misfits(manifest.config, settings);
  if (wrong !== undefined) throw new Error(`settings.${wrong.path}: expected ${wrong.expected}`);
  return settings;
}

/**
 * Runs a plugin in this process against a host that allows exactly what its manifest asks for, without a sandbox
 * and without anything outside: for its author's own tests. `conformance()` holds it against what every host expects.
 *
 * @example
 * const greeter = testPlugin({ plugin, manifest: readFileSync("prunella.plugin.json", "utf8") });
 * expect((await greeter.run("hi", { name: "Ada" })).output).toEqual({ text: "hi Ada" });
 * expect(await greeter.conformance()).toEqual([]);
 */
export function testPlugin(options: TestOptions): TestedPlugin {
  const read = readManifest(options.manifest);
  if (read.kind === "invalid") throw new Error(read.problems.map(problemLine).join("\n"));
  const { manifest } = read;
  const { plugin } = options;
  const state = new Map<string, unknown>();

  async function run(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    denied = options.denied ?? [],
  ): Promise<TestRun> {
    const declared = manifest.commands.find(({ name }) => name === command);
    if (declared === undefined)
      throw new Error(
        `the manifest has no command ${command}; it has ${manifest.commands.map(({ name }) => name).join(", ")}`,
      );
    const input = withDefaults(declared.input, args);
    const wrong = misfits(declared.input, input);
    if (wrong.length > 0)
      throw new Error(wrong.map(({ path, expected }) => `${path}: expected ${expected}`).join("; "));
    const own = Object.hasOwn(plugin.commands ?? {}, command) ? plugin.commands?.[command] : undefined;
    if (own === undefined) throw new Error(`the plugin has no function for its command ${command}`);
    return carryOut(own, input, declared.uses, denied);
  }

  async function carryOut(
    own: unknown,
    input: unknown,
    uses: readonly string[],
    denied: readonly string[],
  ): Promise<TestRun> {
    const calls: TestCall[] = [];
    const log: string[] = [];
    const progress: unknown[] = [];
    const context = contextOver({
      call: async (method, params) =>
        answer(method, params, { manifest, uses, denied, calls, state, answers: options.answers ?? {} }),
      log: (text) => log.push(text),
      progress: (said) => progress.push(said),
      settings: settingsOf(manifest, options.settings ?? {}),
      signal: new AbortController().signal,
    });
    try {
      const output: unknown = (await Reflect.apply(asFunction(own), undefined, [input, context])) ?? null;
      return { status: "success", output, error: null, calls, log, progress };
    } catch (error) {
      return { status: "failed", output: null, error, calls, log, progress };
    }
  }

  async function hear(event: string, events: readonly unknown[]): Promise<TestRun> {
    const declared = manifest.listens.find((one) => one.event === event);
    const own = Object.hasOwn(plugin.events ?? {}, event) ? plugin.events?.[event] : undefined;
    if (declared === undefined || own === undefined)
      throw new Error(
        `it does not listen to ${event}; it listens to ${manifest.listens.map((one) => one.event).join(", ")}`,
      );
    return carryOut(own, events, declared.uses, options.denied ?? []);
  }

  return {
    manifest,
    run,
    hear,

    async conformance(samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {}): Promise<Shortfall[]> {
      const short: Shortfall[] = [];
      const no = (claim: string, detail: string): void => void short.push({ claim, detail });
      const names = manifest.commands.map(({ name }) => name);
      for (const name of names)
        if (!Object.hasOwn(plugin.commands ?? {}, name)) no("every command of the manifest is there", name);
      for (const name of Object.keys(plugin.commands ?? {}))
        if (!names.includes(name)) no("every function is a command of the manifest", name);
      for (const { event } of manifest.listens)
        if (!Object.hasOwn(plugin.events ?? {}, event)) no("every event of the manifest is listened to", event);
      for (const { name } of manifest.hooks)
        if (!Object.keys(plugin.hooks ?? {}).includes(name)) no("every hook of the manifest is there", name);
      const used = new Set<string>();
      for (const { name, output, input } of manifest.commands) {
        if (!Object.hasOwn(plugin.commands ?? {}, name)) continue;
        const args = { ...sampleOf(input), ...samples[name] };
        const ran = await patiently(run(name, args, []));
        if (ran === null) no("a command ends", name);
        for (const { verdict, method, scope, resource } of ran?.calls ?? []) {
          if (verdict === "allowed") used.add(scope ?? "");
          else if (verdict === "denied")
            no("a command asks for what it declares alone", `${name}: ${method} of ${scope} ${resource}`);
          else no("a call is one that the host knows", `${name}: ${method} is ${verdict}`);
        }
        if (ran?.status === "success" && Object.keys(output.properties ?? {}).length > 0)
          for (const { path, expected } of misfits(output, ran.output))
            no("an output fits what is declared", `${name}: ${path}: expected ${expected}`);
        if (ran !== null && !isJson(ran.output)) no("an output is JSON", name);
        if ((await patiently(run(name, args, Object.keys(SCOPES)))) === null)
          no("a command that is refused everything ends", name);
      }
      return short;
    },
  };
}

interface Host {
  readonly manifest: PluginManifest;
  readonly uses: readonly string[];
  readonly denied: readonly string[];
  readonly calls: TestCall[];
  readonly state: Map<string, unknown>;
  readonly answers: Readonly<Record<string, unknown>>;
}

async function answer(method: string, params: unknown, host: Host): Promise<unknown> {
  const read = readCall(method, params);
  if (read.kind !== "call") {
    const verdict = read.kind === "invalid" ? "invalid" : "unknown";
    host.calls.push({ method, scope: null, resource: null, verdict });
    throw read.kind === "invalid"
      ? new TestBrokerError(BROKER_ERRORS.invalid, read.detail)
      : new TestBrokerError(BROKER_ERRORS.unknown_method, `there is no ${method}`);
  }
  const scopes = heldBy(read.scope);
  const isHeld = requestsOf(host.manifest).some(
    ({ scope, resources }) =>
      scopes.some((one) => one === scope) &&
      host.uses.includes(scope) &&
      covers(
        scope,
        resources.map((one) => (one.startsWith("$event.") ? "*" : one)),
        read.resource,
      ),
  );
  const isAllowed = isHeld && !host.denied.includes(read.scope);
  const verdict = isAllowed ? "allowed" : "denied";
  host.calls.push({ method, scope: read.scope, resource: read.resource, verdict });
  if (!isAllowed)
    throw new TestBrokerError(
      BROKER_ERRORS.denied,
      `${host.manifest.name} may not: ${read.scope} of ${read.resource}`,
      { reason: isHeld ? "not_granted" : "not_declared", mend: null },
    );
  if (Object.hasOwn(host.answers, method)) {
    const given = host.answers[method];
    return typeof given === "function" ? await Reflect.apply(given, undefined, [read.params]) : given;
  }
  return ownAnswer(method, read.params, host.state);
}

/** What a host answers that has nothing: state that is kept in memory, and empty lists. */
function ownAnswer(method: string, params: unknown, state: Map<string, unknown>): unknown {
  const { key = "", value, prefix = "" }: { key?: string; value?: unknown; prefix?: string } = Object(params);
  switch (method) {
    case "state.get":
      return { value: state.get(key) ?? null };
    case "state.put":
      state.set(key, structuredClone(value));
      return {};
    case "state.delete":
      return { deleted: state.delete(key) };
    case "state.list":
      return { keys: [...state.keys()].filter((one) => one.startsWith(prefix)).toSorted() };
    case "faults.list":
      return { faults: [] };
    case "net.fetch":
      return { status: 200, headers: {}, body: "" };
    case "fs.read":
      return { body: "" };
    case "fs.list":
      return { entries: [] };
    default:
      return {};
  }
}

/** Something that fits, for a command that is tried without its author's sample. */
function sampleOf(input: {
  properties?: Record<string, { type: string; enum?: unknown; minimum?: unknown; default?: unknown }> | undefined;
  required?: string[] | undefined;
}): Record<string, unknown> {
  const simple = (field: { type: string; enum?: unknown; minimum?: unknown } | undefined): unknown => {
    if (Array.isArray(field?.enum)) return field.enum[0];
    if (field?.type === "string") return "sample";
    if (field?.type === "boolean") return false;
    if (field?.type === "array") return [];
    return field?.type === "object" ? {} : (field?.minimum ?? 1);
  };
  return Object.fromEntries((input.required ?? []).map((name) => [name, simple(input.properties?.[name])]));
}

const asFunction = (value: unknown): ((input: unknown, context: PluginContext) => unknown) => {
  if (typeof value !== "function") throw new TypeError("a command is a function");
  return (...given) => Reflect.apply(value, undefined, given);
};

async function patiently<Result>(work: Promise<Result>): Promise<Result | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, null)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}
