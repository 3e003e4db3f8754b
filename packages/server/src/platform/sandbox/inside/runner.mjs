/**
 * The first and only program of ours inside a sandbox, as it is written: plain JavaScript, so that neither runtime
 * spends time on types. It loads the plugin by a computed `import()` (a static one may read any file), speaks
 * JSON-RPC 2.0 in lines over stdin and stdout, and builds what a command is given. It guards nothing: whatever
 * it keeps from a plugin the plugin can take back. The boundary is the process around it and the host that reads it.
 *
 * @example deno run … runner.mjs /plugin/bundle.mjs
 */
const deno = globalThis.Deno;
const io = deno === undefined ? await nodeIo() : denoIo();
const encoder = new TextEncoder();

// What is printed is for people: stdout is the plugin's voice.
for (const name of ["log", "info", "debug", "dir", "dirxml", "table", "count", "timeLog", "timeEnd", "group"])
  console[name] = console.error;
// They would outlive the invocation, and no quota counts them.
for (const name of ["localStorage", "sessionStorage", "caches"])
  Object.defineProperty(globalThis, name, { value: undefined, configurable: true });

/** What was asked of the host and is not answered. */
const waiting = new Map();
/** What the host asked and is being done. */
const running = new Map();
let asked = 0;
let invocation = null;
let settings = {};

class BrokerError extends Error {
  name = "BrokerError";
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data ?? null;
  }
}

const send = (frame) => io.write(encoder.encode(`${JSON.stringify({ jsonrpc: "2.0", ...frame })}\n`));
const notify = (method, params) => send({ method, params });

function ask(id, method, params) {
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    send({ id, method, params });
  });
}
const call = (method, params = {}) => ask((asked += 1), method, params);
/** Of a hook, by its id: no hook is asked about what a hook does. */
const callOfHook = (method, params = {}) => ask(`hook-${(asked += 1)}`, method, params);

const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const base64 = (bytes) => bytes.toBase64?.() ?? btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const MAX_REDIRECTS = 10;

/** As the standard's, but the host asks, by its own rules and with its own secrets; each redirect is a call of its own. */
const fetchBy = (call) => async (input, init) => {
  const request = new Request(input, init);
  let { url, method } = request;
  const headers = Object.fromEntries(request.headers);
  let body = base64(new Uint8Array(await request.arrayBuffer()));
  for (let redirects = 0; ; redirects += 1) {
    const answer = await call("net.fetch", { url, method, headers, body });
    const to = [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.location : undefined;
    if (to === undefined || request.redirect === "manual") return responseOf(answer);
    if (request.redirect === "error" || redirects === MAX_REDIRECTS) throw new TypeError(`${url} redirects`);
    const next = new URL(to, url);
    if (next.origin !== new URL(url).origin) delete headers.authorization;
    if (answer.status === 303 || (answer.status < 303 && method === "POST")) [method, body] = ["GET", ""];
    url = next.href;
  }
};

const responseOf = ({ status, headers, body }) =>
  new Response([101, 204, 205, 304].includes(status) ? null : bytesOf(body), { status, headers });

globalThis.fetch = fetchBy(call);

/** `forge.pull_request.read(args)` is the call `forge.pull_request.read`. */
const named = (call, prefix, depth) =>
  new Proxy(depth === 0 ? (params) => call(prefix, params) : {}, {
    get: (_target, name) =>
      typeof name === "string" && name !== "then" ? named(call, `${prefix}.${name}`, depth - 1) : undefined,
  });

const contextOf = (signal, call) => ({
  invocation,
  settings,
  signal,
  call,
  fetch: fetchBy(call),
  log: (value) => notify("log", { text: textOf(value) }),
  progress: (params) => notify("$/progress", params),
  state: {
    get: async (key) => (await call("state.get", { key })).value,
    put: (key, value) => call("state.put", { key, value }),
    delete: (key) => call("state.delete", { key }),
    list: async (prefix = "") => (await call("state.list", { prefix })).keys,
  },
  fs: {
    read: async (root, path) => bytesOf((await call("fs.read", { root, path })).body),
    readText: async (root, path) => new TextDecoder().decode(bytesOf((await call("fs.read", { root, path })).body)),
    list: async (root, path = ".") => (await call("fs.list", { root, path })).entries,
    write: (root, path, content) =>
      call("fs.write", { root, path, body: base64(typeof content === "string" ? encoder.encode(content) : content) }),
  },
  process: { exec: (template, args = {}) => call("process.exec", { template, args }) },
  ledger: { append: (params) => call("ledger.append", params) },
  faults: { list: (params) => call("faults.list", params), note: (params) => call("faults.note", params) },
  forge: named(call, "forge", 2),
  github: named(call, "github", 2),
});

const [path] = deno === undefined ? globalThis.process.argv.slice(2) : deno.args;
// Not awaited yet: it loads while the first frame is on its way.
const loading = import(path).then(
  (module) => ({ plugin: module.default }),
  (error) => ({ error }),
);

async function loaded() {
  const { plugin, error } = await loading;
  if (error !== undefined) throw error;
  if (plugin === null || typeof plugin !== "object")
    throw new TypeError("the module has no default export that is a plugin");
  return plugin;
}

async function answer(method, params, signal) {
  const plugin = await loaded();
  if (method === "$/initialize") {
    ({ invocation, settings } = params);
    return { protocol: 1, commands: Object.keys(plugin.commands ?? {}), events: Object.keys(plugin.events ?? {}) };
  }
  const [kind, ...rest] = method.split("/");
  const name = rest.join("/");
  const table = { commands: plugin.commands, events: plugin.events, hooks: plugin.hooks }[kind];
  if (table === undefined || !Object.hasOwn(table, name))
    throw Object.assign(new Error(`there is no ${method}`), { rpc: -32601 });
  const what = kind === "commands" ? params.input : kind === "events" ? params.events : params;
  return { output: (await table[name](what, contextOf(signal, kind === "hooks" ? callOfHook : call))) ?? null };
}

async function onRequest({ id, method, params }) {
  const stop = new AbortController();
  running.set(id, stop);
  try {
    send({ id, result: await answer(method, params, stop.signal) });
  } catch (error) {
    const isError = error instanceof Error;
    send({
      id,
      error: {
        code: error?.rpc ?? (error instanceof BrokerError ? error.code : -32000),
        message: isError ? error.message : String(error),
        data: {
          name: isError ? error.name : typeof error,
          stack: isError ? String(error.stack) : null,
          broker: error instanceof BrokerError ? error.data : null,
        },
      },
    });
  } finally {
    running.delete(id);
  }
}

function onFrame(frame) {
  if (frame.method === "$/cancel")
    return running.get(frame.params.id)?.abort(new Error(frame.params.reason ?? "cancelled"));
  if (frame.method !== undefined) return void onRequest(frame);
  const asker = waiting.get(frame.id);
  waiting.delete(frame.id);
  if (frame.error === undefined) asker?.resolve(frame.result);
  else asker?.reject(new BrokerError(frame.error));
}

// A promise that nobody waits for ends no process: the command's own answer says what came of it.
// (In deno a look at `process` loads all of its Node layer.)
if (deno === undefined) globalThis.process.on("unhandledRejection", (reason) => console.error(reason));
else
  globalThis.addEventListener("unhandledrejection", (event) => (event.preventDefault(), console.error(event.reason)));

const decoder = new TextDecoder();
let held = "";
for await (const chunk of io.chunks) {
  held += decoder.decode(chunk, { stream: true });
  const lines = held.split("\n");
  held = lines.pop() ?? "";
  for (const line of lines) onFrame(JSON.parse(line));
}
io.exit();

function denoIo() {
  return {
    chunks: deno.stdin.readable,
    exit: () => deno.exit(0),
    write(bytes) {
      for (let at = 0; at < bytes.length;) at += deno.stdout.writeSync(bytes.subarray(at));
    },
  };
}

async function nodeIo() {
  const { writeSync } = await import("node:fs");
  const pause = new Int32Array(new SharedArrayBuffer(4));
  return {
    chunks: globalThis.process.stdin,
    exit: () => globalThis.process.exit(0),
    write(bytes) {
      for (let at = 0; at < bytes.length;) {
        try {
          at += writeSync(1, bytes, at);
        } catch (error) {
          if (error.code !== "EAGAIN") throw error;
          Atomics.wait(pause, 0, 0, 1);
        }
      }
    },
  };
}
