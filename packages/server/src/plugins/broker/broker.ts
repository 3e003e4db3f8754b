import { PrunellaError } from "@prunella/contract";
import {
  accessOf,
  BROKER_ERRORS,
  isSeen,
  readCall,
  type PluginManifest,
  type ReadCall,
} from "@prunella/contract/plugins";
import type { Authorize, BrokerCall, BrokerVerdict, Waiting } from "@prunella/kernel";
import type { Scrubbed } from "@prunella/scrub";
import { digestOf, previewOf } from "./preview.ts";
import type { CallLog } from "./call-log.ts";
import { RpcError } from "./rpc.ts";

/** One invocation, as its calls know it. */
export interface BrokerSession {
  readonly invocation: string;
  readonly projectId: string;
  readonly plugin: { readonly id: string; readonly name: string };
  readonly digest: string;
  readonly manifest: PluginManifest;
  /** What its command was given, as whoever confirmed it saw it; null of an event. */
  readonly input: unknown;
  /** Of bytes that it may still send out. */
  egressLeft: number;
  /** Ends with the invocation. */
  readonly signal: AbortSignal;
  /** Its own time, which stands still while a person is asked. */
  readonly time: Pick<Waiting, "begins" | "ends">;
  /** Of a server of tools: calls one of them, which sees these folders. */
  readonly attach?: (tool: string, args: unknown, roots: readonly Root[]) => Promise<unknown>;
}

/** A folder of the host that was granted. */
export interface Root {
  readonly path: string;
  readonly name: string;
  readonly access: "read" | "write";
}

export interface MethodContext {
  readonly session: BrokerSession;
  /** Of something else that the same call touches; rejects as the call itself would be refused. */
  authorizeToo(scope: string, resource: string): Promise<void>;
}

export type Method = (params: unknown, context: MethodContext) => Promise<unknown>;

export interface BrokerDeps {
  readonly authorize: Authorize;
  /** What carries each method out; one that is allowed and not here has no subject yet. */
  readonly methods: ReadonlyMap<string, Method>;
  readonly scrubText: (text: string) => { readonly text: Scrubbed<string> };
  readonly scrubJson: (value: unknown) => { readonly value: Scrubbed<unknown> };
  /** Hears of each call with its end. */
  readonly log?: Pick<CallLog, "note">;
}

export type Broker = (session: BrokerSession, method: string, params: unknown) => Promise<unknown>;

/** What the host itself does of a plugin, such as to start it elsewhere: checked and audited as if that had asked for it. */
export type Carry = (session: BrokerSession, call: Omit<ReadCall, "kind">, work: Method) => Promise<unknown>;

/**
 * What stands between a plugin and everything else. A call is read, authorized and then carried out by the host; the
 * plugin gets what came of it, or why not with the command that would allow it. It never gets a secret: none is here.
 */
export function createBroker(deps: BrokerDeps): Broker {
  const carry = createCarry(deps);
  return async (session, method, params) => {
    const read = readCall(method, params);
    if (read.kind === "call") {
      const carryOut = deps.methods.get(read.method) ?? (() => Promise.reject(unknownSubject(read.scope)));
      return carry(session, read, carryOut);
    }
    const error =
      read.kind === "invalid"
        ? new RpcError(BROKER_ERRORS.invalid, read.detail)
        : new RpcError(BROKER_ERRORS.unknown_method, `there is no ${deps.scrubText(method).text.value.slice(0, 100)}`);
    deps.log?.note(session, method, null, error);
    throw error;
  };
}

export function createCarry({ authorize, scrubJson, log }: Omit<BrokerDeps, "methods">): Carry {
  const ask = (session: BrokerSession, read: ReadCall): Promise<BrokerVerdict> =>
    authorize(
      { ...callOf(session, read), preview: previewOf(read.params, scrubJson) },
      { ...session.time, signal: session.signal },
    );

  return async (session, call, work) => {
    const read: ReadCall = { ...call, kind: "call" };
    try {
      const result = await carryOut(session, read, work);
      log?.note(session, read.method, read, null);
      return result;
    } catch (error) {
      log?.note(session, read.method, read, error);
      throw error;
    }
  };

  async function carryOut(session: BrokerSession, read: ReadCall, work: Method): Promise<unknown> {
    const verdict = await ask(session, read);
    if (verdict.kind !== "allowed") throw refusalOf(verdict);
    // Of each permit that this call was given, since what came of it is what came of them all.
    const dones = verdict.permit === null ? [] : [verdict.done];
    let isDone = false;
    try {
      const result = await work(read.params, {
        session,
        async authorizeToo(scope, resource) {
          const other = await ask(session, { ...read, scope, resource, access: accessOf(scope) });
          if (other.kind !== "allowed") throw refusalOf(other);
          if (other.permit !== null) dones.push(other.done);
        },
      });
      isDone = true;
      return result;
    } catch (error) {
      throw told(error);
    } finally {
      for (const done of dones) await done(isDone);
    }
  }
}

export const unknownSubject = (scope: string): RpcError =>
  new RpcError(BROKER_ERRORS.denied, `${scope} is known, and nothing stands behind it in this version`, {
    reason: "unknown_capability_subject",
    mend: null,
  });

function callOf(session: BrokerSession, read: ReadCall): Omit<BrokerCall, "preview"> {
  return {
    invocation: session.invocation,
    projectId: session.projectId,
    plugin: session.plugin.id,
    digest: session.digest,
    method: read.method,
    access: read.access,
    scope: read.scope,
    resource: read.resource,
    argumentsDigest: digestOf(read.params),
    isUnseen: !isSeen(read.method, read.params, session.input),
  };
}

export function refusalOf(verdict: Exclude<BrokerVerdict, { kind: "allowed" }>): RpcError {
  switch (verdict.kind) {
    case "denied":
      return new RpcError(BROKER_ERRORS.denied, verdict.detail, { reason: verdict.refusal, mend: verdict.mend });
    case "needs_approval":
      return new RpcError(BROKER_ERRORS.needs_approval, verdict.detail, { escalation: verdict.escalationId });
    case "budget":
      return new RpcError(BROKER_ERRORS.budget, verdict.detail, null);
    case "expired":
      return new RpcError(BROKER_ERRORS.expired, verdict.detail, null);
  }
}

/** What is ours to say of a failure: our own errors have words for it, and a defect has none for a plugin. */
function told(error: unknown): Error {
  if (error instanceof RpcError) return error;
  if (error instanceof PrunellaError && error.code !== "PRUNELLA_INTERNAL")
    return new RpcError(BROKER_ERRORS.failed, error.message, { reason: error.code, mend: error.hint });
  return error instanceof Error ? error : new Error(String(error));
}
