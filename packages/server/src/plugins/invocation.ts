import type { Actor, Refusal } from "@prunella/contract";
import type { PluginCommand, PluginInvocation, PluginManifest } from "@prunella/contract/plugins";
import type { Kernel, Once } from "@prunella/kernel";
import type { Scrubbed } from "@prunella/scrub";
import type { Sandbox, Standing } from "../platform/sandbox/sandbox.ts";
import type { Broker } from "./broker/broker.ts";
import type { HowItFailed } from "./outside/failure.ts";
import type { Programs } from "./program.ts";

export interface InvokeDeps {
  readonly kernel: Pick<Kernel, "plugins">;
  readonly broker: Broker;
  readonly sandbox: Sandbox;
  /** A folder for each digest. */
  readonly bundles: string;
  /** Where processes have what they need while they run. */
  readonly work: string;
  readonly scrubText: (text: string) => { readonly text: Scrubbed<string> };
  readonly scrubJson: (value: unknown) => { readonly value: Scrubbed<unknown> };
  readonly now: () => number;
  readonly programs: Programs;
  /** By the plugin's name, as the configuration has them. */
  readonly settings: () => Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly idleMs?: number;
  /** Left out: nothing reaches what runs elsewhere. */
  readonly outside?: {
    run(asked: Invoke, of: Admitted): Promise<Invoked>;
    size(): number;
    settled(): Promise<unknown>;
  };
}

export interface Invoke {
  readonly projectId: string;
  /** Name or id. */
  readonly plugin: string;
  readonly from?: string;
  /** Of its commands, or `event:` and one that it listens to. */
  readonly command: string;
  /** By name; of an event the batch as `events`. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly by: Actor;
  readonly via: PluginInvocation["via"];
  readonly isConfirmed?: boolean;
  /** Where it wants a yes that nobody gave, a person is asked in the inbox; told once they are. */
  readonly onParked?: (invocation: string, escalation: string) => void;
  /** Parked by a server that has ended since: it was admitted, and goes on with what a person says. */
  readonly adopted?: { readonly invocationId: string; readonly escalationId: string };
  readonly bindings?: Readonly<Record<string, string>>;
  /** It begins only where none of these was seen. */
  readonly once?: readonly Once[];
  readonly signal?: AbortSignal;
}

/** `engine`: what held it. `log`: what it said, scrubbed. */
export interface Ran {
  readonly invocation: string;
  readonly engine: string;
  readonly log: readonly string[];
}

export type Invoked =
  | ({ readonly status: "success"; readonly output: unknown } & Ran)
  | ({
      readonly status: "failed";
      readonly reason: "failed" | "cancelled" | "timeout";
      readonly detail: string;
      /** Of one that runs elsewhere. */
      readonly how?: HowItFailed;
    } & Ran)
  | {
      readonly status: "blocked";
      readonly invocation: string;
      readonly refusal: Refusal | "not_declared" | "not_used" | null;
      readonly detail: string;
      readonly mend: string | null;
    }
  /** This server ends while a person is asked: whoever comes after it goes on. */
  | { readonly status: "parked"; readonly invocation: string; readonly escalation: string }
  /** Nothing ran and nothing was written down; the arguments as they may be shown. */
  | { readonly status: "needs_confirmation"; readonly risk: string; readonly arguments: unknown };

/** One that was admitted. */
export interface Admitted {
  readonly invocation: string;
  readonly plugin: Awaited<ReturnType<Kernel["plugins"]["find"]>>;
  readonly manifest: PluginManifest;
  readonly command: PluginCommand | null;
  readonly input: Readonly<Record<string, unknown>>;
  /** Of whoever asked, and of the end of this server. */
  readonly outer: AbortSignal;
  readonly timeoutMs: number;
  block(refusal: Refusal | null, detail: string, mend: string | null): Promise<Invoked>;
}

/** With what holds it here. */
export interface Running extends Admitted {
  readonly standing: Standing & { kind: "ready" };
}
