import { z } from "zod";
import { Slug } from "./ids.ts";

/**
 * How a look at something ended. `unhealthy`: it is broken. `degraded`: it works, and something about it
 * needs attention. `unknown`: nobody could tell, which says nothing about it.
 */
export const ProbeStatus = z.enum(["healthy", "degraded", "unhealthy", "unknown"]);
export type ProbeStatus = z.infer<typeof ProbeStatus>;

/** What one check found. All text in it may come from what was looked at; it is scrubbed before it is kept. */
export interface ProbeResult {
  readonly status: ProbeStatus;
  /** What kind of trouble: `timeout`, `status`, `certificate`; `ok` when there is none. Faults are told apart by it. */
  readonly category: string;
  /** One sentence for a person. */
  readonly detail: string;
  /** Numbers with their unit in the name: `latency_ms`, `tls_days_left`. */
  readonly measured: Readonly<Record<string, number>>;
}

/**
 * Where a secret is read from at each use: `env:FLY_API_TOKEN` of the server's environment, or `file:/etc/token`.
 * A probe says the name; the host reads the secret and puts it into the request, so the probe never has it.
 */
export const Credential = z
  .string()
  .max(1_000)
  .regex(
    /^(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:.+)$/,
    "a credential is env:NAME of the server's environment, or file:PATH, such as env:FLY_API_TOKEN",
  );
export type Credential = z.infer<typeof Credential>;

/** Categories are slugs, so that they can stand in names of faults. */
export const ProbeCategory = Slug;

/** Why a hand did not reach what it was sent to. `token_unset`: its credential is not there. */
export type Reached<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly category: string; readonly detail: string };

export interface HttpAsk {
  readonly url: string;
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sent as `authorization: Bearer …`. */
  readonly credential?: Credential;
  /** How much of the answer's body is read; the rest is left. */
  readonly maxBytes: number;
  /** PEM of an authority beside those of the system. */
  readonly caFile?: string;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body was longer than what was read. */
  readonly isCut: boolean;
  /** When the certificate ends; null without TLS. */
  readonly tlsValidTo: number | null;
  readonly tookMs: number;
}

/**
 * Everything outside that a probe can touch. Each is bounded by the check's signal, resolves with why it
 * failed, and never rejects. The host makes them; a sandboxed program gets the same by messages.
 */
export interface ProbeHands {
  now(this: void): number;
  http(this: void, ask: HttpAsk, signal: AbortSignal): Promise<Reached<HttpAnswer>>;
  tcp(
    this: void,
    ask: { readonly host: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<Reached<{ readonly tookMs: number }>>;
  /** `server`: `address` or `address:port`; null: those of the system. */
  dns(
    this: void,
    ask: { readonly name: string; readonly type: DnsType; readonly server: string | null },
    signal: AbortSignal,
  ): Promise<Reached<{ readonly answers: readonly string[]; readonly tookMs: number }>>;
  /** Program and arguments, no shell, with the few variables of the environment that programs need. */
  spawn(
    this: void,
    ask: { readonly command: readonly string[]; readonly maxBytes: number },
    signal: AbortSignal,
  ): Promise<Reached<Spawned>>;
  readFile(
    this: void,
    ask: { readonly path: string; readonly maxBytes: number },
    signal: AbortSignal,
  ): Promise<Reached<{ readonly text: string }>>;
  disk(this: void, ask: { readonly path: string }, signal: AbortSignal): Promise<Reached<DiskSpace>>;
  processes(this: void, signal: AbortSignal): Promise<Reached<{ readonly running: readonly ProcessSeen[] }>>;
  /** One read-only question to a PostgreSQL whose address is a credential. */
  query(
    this: void,
    ask: { readonly credential: Credential; readonly sql: string },
    signal: AbortSignal,
  ): Promise<Reached<{ readonly rows: readonly Readonly<Record<string, unknown>>[]; readonly tookMs: number }>>;
}

export const DnsType = z.enum(["A", "AAAA", "CNAME", "MX", "NS", "TXT"]);
export type DnsType = z.infer<typeof DnsType>;

interface Spawned {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** 0 where the file system counts none. */
  readonly totalFiles: number;
  readonly freeFiles: number;
}

interface ProcessSeen {
  readonly pid: number;
  readonly name: string;
  /** Arguments with spaces between them; empty where the system does not say. */
  readonly command: string;
}

/**
 * A kind of probe, as a plain object. `settings` is parsed once when the configuration is read; `check`
 * gets what came of it. It looks and changes nothing, and ends soon after its signal does.
 */
export interface Probe<Settings = unknown> {
  readonly kind: string;
  readonly settings: z.ZodType<Settings>;
  /** How bad it is when it is unhealthy; absent: an error. */
  readonly severity?: "error" | "warning";
  check(settings: Settings, hands: ProbeHands, signal: AbortSignal): Promise<ProbeResult>;
}
