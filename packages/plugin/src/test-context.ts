import type { PluginContext } from "./context.ts";

interface Over {
  call(method: string, params: unknown): Promise<unknown>;
  log(text: string): void;
  progress(said: unknown): void;
  readonly settings: PluginContext["settings"];
  readonly signal: AbortSignal;
}

/** The context that a command has in the sandbox, over calls that somebody else answers. */
export function contextOver({ call, log, progress, settings, signal }: Over): PluginContext {
  const ask = async (method: string, params: unknown = {}) => Object(await call(method, params));
  const bytes = async (root: string, path: string) =>
    Buffer.from((await ask("fs.read", { root, path })).body, "base64");
  return {
    invocation: { id: "test", correlationId: "test", deadline: Number.MAX_SAFE_INTEGER },
    settings,
    signal,
    call: ask,
    log: (value) => log(typeof value === "string" ? value : JSON.stringify(value)),
    progress,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const answer = await ask("net.fetch", {
        url: request.url,
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body: Buffer.from(await request.arrayBuffer()).toString("base64"),
      });
      return new Response([204, 304].includes(answer.status) ? null : Buffer.from(answer.body ?? "", "base64"), {
        status: answer.status,
        headers: answer.headers,
      });
    },
    state: {
      get: async (key) => (await ask("state.get", { key })).value,
      put: (key, value) => ask("state.put", { key, value }),
      delete: (key) => ask("state.delete", { key }),
      list: async (prefix = "") => (await ask("state.list", { prefix })).keys,
    },
    fs: {
      read: bytes,
      readText: async (root, path) => (await bytes(root, path)).toString("utf8"),
      list: async (root, path = ".") => (await ask("fs.list", { root, path })).entries,
      write: (root, path, content) => ask("fs.write", { root, path, body: Buffer.from(content).toString("base64") }),
    },
    process: { exec: (template, args = {}) => ask("process.exec", { template, args }) },
    ledger: { append: (entry) => ask("ledger.append", entry) },
    faults: { list: (query = {}) => ask("faults.list", query), note: (note) => ask("faults.note", note) },
    forge: named("forge", ask),
    github: named("github", ask),
  };
}

const named = (of: string, ask: (method: string, params: unknown) => Promise<unknown>): PluginContext["forge"] =>
  new Proxy<PluginContext["forge"]>(
    {},
    {
      get: (_all, noun) =>
        new Proxy(
          {},
          { get: (_one, verb) => (params: unknown) => ask(`${of}.${String(noun)}.${String(verb)}`, params) },
        ),
    },
  );
