import { z } from "zod";

/** What a call may do at most. `destructive` always needs a person's yes. */
export const Risk = z.enum(["read_only", "write", "destructive"]);
export type Risk = z.infer<typeof Risk>;

export const Access = z.enum(["read", "write", "execute", "attach"]);
export type Access = z.infer<typeof Access>;

export const Capability = z.enum(["seed", "ledger", "state", "provenance", "runtime", "mcp", "handoff", "progress"]);
export type Capability = z.infer<typeof Capability>;

export interface ScopeRule {
  readonly risk: Risk;
  /** Something outside of Prunella changes: such a call passes the gate, and gets a permit or a refusal. */
  readonly isEffect: boolean;
  /** What it allows, after "may". */
  readonly allows: string;
}

const rule = (risk: Risk, allows: string): ScopeRule => ({ risk, isEffect: risk !== "read_only", allows });

/** Of a forge; `forge:` is any of them, `github:` that one alone. */
const OF_FORGES: Readonly<Record<string, ScopeRule>> = {
  "repository:read": rule("read_only", "read what a repository is"),
  "contents:read": rule("read_only", "read files of a repository"),
  "contents:write": rule("write", "change files of a repository on a branch of its own"),
  "branch:delete": rule("destructive", "delete branches"),
  "pull_request:read": rule("read_only", "read pull requests"),
  "pull_request:write": rule("write", "open and change pull requests, never merge them"),
  "pull_request:merge": rule("destructive", "merge pull requests of others, each when a person says so"),
  "issue:read": rule("read_only", "read issues"),
  "issue:write": rule("write", "open and change issues"),
  "comment:read": rule("read_only", "read comments"),
  "comment:write": rule("write", "write comments"),
  "comment:delete": rule("destructive", "delete comments"),
  "check:read": rule("read_only", "read checks and their logs"),
  "workflow:read": rule("read_only", "read workflow runs"),
  "workflow:dispatch": rule("write", "start workflows"),
  "release:read": rule("read_only", "read releases"),
  "release:write": rule("write", "write releases"),
  "release:delete": rule("destructive", "delete releases"),
  "token:receive": rule("write", "get a narrow token of the forge for itself"),
};

const own = (risk: Risk, allows: string): ScopeRule => ({ risk, isEffect: false, allows });

/** What a capability allows, by its access; there are no others. */
const CAPABILITIES: Readonly<Record<string, ScopeRule>> = {
  "capability:seed:read": own("read_only", "read the seed of its work"),
  "capability:ledger:read": own("read_only", "read entries of the ledger"),
  "capability:ledger:write": own("write", "leave digests in the ledger"),
  "capability:state:read": own("read_only", "read what it kept"),
  "capability:state:write": own("write", "keep data of its own, up to its quota"),
  "capability:provenance:read": own("read_only", "read where things came from"),
  "capability:provenance:write": own("write", "say where things came from"),
  "capability:runtime:read": own("read_only", "read what runs and how it is"),
  "capability:runtime:execute": { risk: "write", isEffect: true, allows: "have its process templates run" },
  "capability:mcp:read": own("read_only", "list the tools of its MCP servers"),
  "capability:mcp:attach": { risk: "write", isEffect: true, allows: "call the tools of its MCP servers" },
  "capability:handoff:read": own("read_only", "read what was handed to it"),
  "capability:handoff:write": own("write", "hand its work on"),
  "capability:progress:read": own("read_only", "read the progress of its commands"),
  "capability:progress:write": own("write", "say how far it is"),
};

/**
 * The closed registry: what is not in it cannot be asked for, and so not be granted. No scope implies another: who
 * may write may not read by that.
 */
export const SCOPES: Readonly<Record<string, ScopeRule>> = {
  ...Object.fromEntries(Object.entries(OF_FORGES).map(([name, one]) => [`forge:${name}`, one])),
  ...Object.fromEntries(Object.entries(OF_FORGES).map(([name, one]) => [`github:${name}`, one])),
  "faults:read": own("read_only", "read faults of its project"),
  "faults:note": own("write", "write notes on faults of its project"),
  "events:receive": own("read_only", "hear of events, scrubbed and folded"),
  "net:read": rule("read_only", "fetch from the listed addresses with GET and HEAD"),
  "net:write": rule("write", "send to the listed addresses"),
  "fs:read": rule("read_only", "read files below the listed roots"),
  "fs:write": rule("write", "write files below the listed roots"),
  "process:run": rule("write", "have the listed commands run, without network"),
  ...CAPABILITIES,
};

export const SCOPE_NAMES: readonly string[] = Object.keys(SCOPES);

/** Those that a manifest asks for by name; the others follow from its tables of the same name. */
export const isNamedScope = (scope: string): boolean => /^(?:forge|github|faults):/.test(scope) && scope in SCOPES;

/**
 * `program:` and what a program of another host calls its permissions. It is granted like any other before the program
 * is started; no call of the broker is of it, so nothing is allowed by it beside the start.
 */
export const isOwnScope = (scope: string): boolean =>
  /^program:[a-z][a-z0-9_-]*(?::[a-z][a-z0-9_-]*){0,3}$/.test(scope);

/** Scopes by which a call of this one may be granted: `forge:` is any forge, so who has that may name one of them. */
export const heldBy = (scope: string): [own: string, wider: string] => [scope, scope.replace(/^github:/, "forge:")];
