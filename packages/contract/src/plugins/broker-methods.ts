import { z } from "zod";
import { AnyForgeParams, FORGE_PARAMS, isForgeMethod } from "./forge-methods.ts";
import { addressOf } from "./requests.ts";
import { SCOPES, type Access } from "./scopes.ts";

/** Codes of JSON-RPC by which a plugin is told why not; the standard's own stand beside them. */
export const BROKER_ERRORS = {
  denied: -32001,
  needs_approval: -32002,
  budget: -32003,
  expired: -32004,
  failed: -32000,
  unknown_method: -32601,
  invalid: -32602,
} as const;

const Key = z.string().min(1).max(200);
/** Base64 of what fits into a frame with room to spare. */
const Body = z
  .string()
  .max(2_900_000)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, "base64");
const Path = z.string().min(1).max(1_000);
const Root = z.string().max(48);
const Exec = z.strictObject({
  /** As the manifest declares it, part by part. */
  template: z.array(z.string().max(200)).min(1).max(64),
  args: z.record(z.string().max(32), z.union([z.string().max(200), z.int()])).default({}),
});
const Progress = z.strictObject({
  text: z.string().max(300).optional(),
  done: z.number().min(0).optional(),
  total: z.number().min(0).optional(),
});

export const BROKER_PARAMS = {
  "state.get": z.strictObject({ key: Key }),
  "state.list": z.strictObject({ prefix: z.string().max(200).default("") }),
  "state.put": z.strictObject({ key: Key, value: z.json() }),
  "state.delete": z.strictObject({ key: Key }),
  "ledger.read": z.strictObject({
    limit: z.int().min(1).max(100).default(20),
    /** Only what stands before this index. */
    before: z.int().min(0).optional(),
  }),
  "ledger.append": z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 hex digits") }),
  "provenance.read": z.strictObject({}),
  "provenance.write": z.strictObject({ of: z.string().max(200), from: z.array(z.string().max(200)).max(100) }),
  "runtime.read": z.strictObject({}),
  "runtime.execute": Exec,
  "mcp.read": z.strictObject({}),
  "mcp.attach": z.strictObject({ tool: z.string().max(200), arguments: z.json().optional() }),
  "progress.read": z.strictObject({}),
  "progress.write": Progress,
  "seed.read": z.strictObject({}),
  "handoff.read": z.strictObject({}),
  "handoff.write": z.strictObject({ to: z.string().max(200), what: z.json() }),
  "faults.list": z.strictObject({ limit: z.int().min(1).max(100).default(20) }),
  "faults.note": z.strictObject({ fault: z.string().max(64), note: z.string().min(1).max(2_000) }),
  "net.fetch": z.strictObject({
    url: z.url({ protocol: /^https?$/ }).max(4_000),
    method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]).default("GET"),
    headers: z.record(z.string().max(200), z.string().max(8_000)).default({}),
    body: Body.default(""),
  }),
  "fs.read": z.strictObject({ root: Root, path: Path }),
  "fs.list": z.strictObject({ root: Root, path: Path.default(".") }),
  "fs.write": z.strictObject({ root: Root, path: Path, body: Body }),
  "process.exec": Exec,
} as const;
export type BrokerMethodName = keyof typeof BROKER_PARAMS;
export type BrokerParams<Name extends BrokerMethodName> = z.infer<(typeof BROKER_PARAMS)[Name]>;

interface Asked {
  readonly scope: string;
  readonly resource: string;
}

const whole = (scope: string) => (): Asked => ({ scope, resource: "*" });
const ofTemplate =
  (scope: string) =>
  (params: unknown): Asked => ({
    scope,
    resource: Exec.parse(params).template.join(" "),
  });
const ofRoot =
  (scope: string) =>
  (params: unknown): Asked => ({
    scope,
    resource: z.object({ root: Root }).parse(params).root,
  });

/**
 * Which scope a method needs, and of what: a capability has methods of its own for each access, and what a plugin
 * does not declare is refused by the first of the checks. There is no method without a scope.
 */
export const BROKER_METHODS: Readonly<Record<BrokerMethodName, (params: unknown) => Asked>> = {
  "state.get": whole("capability:state:read"),
  "state.list": whole("capability:state:read"),
  "state.put": whole("capability:state:write"),
  "state.delete": whole("capability:state:write"),
  "ledger.read": whole("capability:ledger:read"),
  "ledger.append": whole("capability:ledger:write"),
  "provenance.read": whole("capability:provenance:read"),
  "provenance.write": whole("capability:provenance:write"),
  "runtime.read": whole("capability:runtime:read"),
  "runtime.execute": whole("capability:runtime:execute"),
  "mcp.read": whole("capability:mcp:read"),
  "mcp.attach": whole("capability:mcp:attach"),
  "progress.read": whole("capability:progress:read"),
  "progress.write": whole("capability:progress:write"),
  "seed.read": whole("capability:seed:read"),
  "handoff.read": whole("capability:handoff:read"),
  "handoff.write": whole("capability:handoff:write"),
  "faults.list": whole("faults:read"),
  "faults.note": whole("faults:note"),
  "net.fetch": (params) => {
    const { url, method } = BROKER_PARAMS["net.fetch"].parse(params);
    const { hostname, port, protocol, pathname, search } = new URL(url);
    return {
      scope: method === "GET" || method === "HEAD" ? "net:read" : "net:write",
      resource: addressOf({
        method,
        host: hostname,
        port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
        path: pathname + search,
      }),
    };
  },
  "fs.read": ofRoot("fs:read"),
  "fs.list": ofRoot("fs:read"),
  "fs.write": ofRoot("fs:write"),
  "process.exec": ofTemplate("process:run"),
};

export interface ReadCall extends Asked {
  readonly kind: "call";
  readonly method: string;
  readonly access: Access;
  readonly params: unknown;
}

/** What a frame asks for, or why it asks for nothing. Names are looked up as own ones alone. */
export function readCall(
  method: string,
  params: unknown,
): ReadCall | { readonly kind: "unknown_method" } | { readonly kind: "invalid"; readonly detail: string } {
  const forge = /^(forge|github)\.([a-z_]+)\.([a-z_]+)$/.exec(method);
  if (forge !== null) {
    const scope = `${forge[1]}:${forge[2]}:${forge[3]}`;
    if (!Object.hasOwn(SCOPES, scope)) return { kind: "unknown_method" };
    const name = `${forge[2]}.${forge[3]}`;
    const schema: z.ZodType<{ readonly repo: string }> = isForgeMethod(name) ? FORGE_PARAMS[name] : AnyForgeParams;
    const read = schema.safeParse(params);
    return read.success
      ? { kind: "call", method, scope, resource: read.data.repo, access: accessOf(scope), params: read.data }
      : invalid(read.error);
  }
  if (!isMethod(method)) return { kind: "unknown_method" };
  const read = BROKER_PARAMS[method].safeParse(params ?? {});
  if (!read.success) return invalid(read.error);
  const { scope, resource } = BROKER_METHODS[method](read.data);
  return { kind: "call", method, scope, resource, access: accessOf(scope), params: read.data };
}

const isMethod = (method: string): method is BrokerMethodName => Object.hasOwn(BROKER_PARAMS, method);

/** What a scope does with what it is of. */
export function accessOf(scope: string): Access {
  const last = scope.split(":").at(-1);
  if (last === "execute" || last === "attach" || last === "read") return last;
  return SCOPES[scope]?.risk === "read_only" ? "read" : "write";
}

/** Where it is wrong and what was expected; never what was typed. */
function invalid(error: z.ZodError): { readonly kind: "invalid"; readonly detail: string } {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".").slice(0, 80) ?? "";
  return { kind: "invalid", detail: `${path === "" ? "params" : `params.${path}`}: ${issue?.message ?? "not valid"}` };
}
