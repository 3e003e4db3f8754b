import type { Json } from "./index.ts";

/** What it keeps: a namespace of its own in each project, up to its quota. Needs `capability:state`. */
export interface State {
  get(key: string): Promise<Json>;
  put(key: string, value: Json): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  list(prefix?: string): Promise<string[]>;
}
/** As `state.get` gives it. */
export type FetchedState = Awaited<ReturnType<State["get"]>>;

/** Files below a root that the manifest names and somebody granted. */
export interface Files {
  read(root: string, path: string): Promise<Uint8Array>;
  readText(root: string, path: string): Promise<string>;
  list(root: string, path?: string): Promise<{ name: string; type: "file" | "folder" | "other" }[]>;
  write(root: string, path: string, content: string | Uint8Array): Promise<unknown>;
}

/** Command templates of the manifest, run by the host in a sandbox of their own without network. */
export interface Processes {
  readonly exec: (
    template: readonly string[],
    args?: Readonly<Record<string, string | number>>,
  ) => Promise<{ code: number | null; stdout: string; stderr: string; isCut: boolean }>;
}

export interface Ledger {
  append(entry: { sha256: string }): Promise<unknown>;
}

export interface Faults {
  list(query?: { limit?: number }): Promise<{
    faults: { id: string; title: string; status: string; count: number; last_seen: number }[];
  }>;
  note(note: { fault: string; note: string }): Promise<unknown>;
}

export interface Progress {
  readonly done?: number;
  readonly total?: number;
  readonly text?: string;
}

/** `forge.issue.read({ repo, … })`: a noun and a verb of the registry of scopes. */
export type Forge = Readonly<
  Record<string, Readonly<Record<string, (params: { repo: string } & Record<string, Json>) => Promise<Json>>>>
>;

/**
 * What a command is given beside its input. Each call is asked of the host, which may refuse it: the promise then
 * rejects with an error whose `code` is -32001 (denied), -32002 (a person is asked), -32003 (budget) or -32004
 * (the invocation is over), and whose `data.mend` is the command line that would allow it.
 */
export interface PluginContext {
  readonly invocation: { readonly id: string; readonly correlationId: string; readonly deadline: number };
  /** What an operator set, by the fields of the manifest's `config`, with its defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Aborts when the command is cancelled or out of time. */
  readonly signal: AbortSignal;
  /** One line for whoever runs the command. */
  log(value: unknown): void;
  progress(progress: Progress): void;
  /** As the standard's, by way of the host; `globalThis.fetch` is the same. */
  readonly fetch: typeof fetch;
  readonly state: State;
  readonly fs: Files;
  readonly process: Processes;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly forge: Forge;
  readonly github: Forge;
  /** Any method of the broker by its name. */
  call(method: string, params?: Readonly<Record<string, Json>>): Promise<Json>;
}
