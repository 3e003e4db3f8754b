/**
 * A plugin that tries everything it must not be able to do. It is the conformance suite of the engines, and what
 * `prunella doctor` runs before anything else is trusted to a sandbox. It runs on deno and on node. Each attempt
 * answers with what it got, or throws, or answers nothing; the host judges, by canaries whose content only it knows.
 */
const deno = globalThis.Deno;
const node = (name) => import(`node:${name}`);
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whether something answers within a time; what hangs got nothing. */
const within = (ms, promise) => Promise.race([promise, later(ms).then(() => undefined)]);

function worker(source, options) {
  const url = source.startsWith("file:") ? source : `data:text/javascript,${encodeURIComponent(source)}`;
  return new Promise((resolve, reject) => {
    const thread = new Worker(url, { type: "module", ...options });
    thread.addEventListener("message", ({ data }) => (resolve(data), thread.terminate()));
    thread.addEventListener("error", (event) => {
      event.preventDefault();
      reject(new Error(event.message));
      thread.terminate();
    });
  });
}

const connects = (port, host) =>
  node("net").then(
    ({ connect }) =>
      new Promise((resolve, reject) => {
        const socket = typeof port === "string" ? connect(port) : connect(port, host);
        socket.on("connect", () => (socket.destroy(), resolve("connected")));
        socket.on("error", reject);
      }),
  );

const asks = (url) =>
  node("http").then(
    ({ get }) =>
      new Promise((resolve, reject) =>
        get(url, (answer) => (answer.resume(), resolve(String(answer.statusCode)))).on("error", reject),
      ),
  );

const shell = (canary) => `cat ${canary.file}; echo ran > ${canary.writable}`;

// Some refusals are thrown where nobody waits for them.
if (deno === undefined) globalThis.process.on("uncaughtException", () => {});
else globalThis.addEventListener("error", (event) => event.preventDefault());

/** By rule, then by name. */
const ATTEMPTS = {
  imports: {
    module: (canary) => import(canary.module).then((found) => found.default),
    json: (canary) => import(canary.json, { with: { type: "json" } }).then((found) => found.default.secret),
    text: (canary) => import(canary.file, { with: { type: "text" } }).then((found) => found.default),
    bytes: (canary) =>
      import(canary.file, { with: { type: "bytes" } }).then((found) => new TextDecoder().decode(found.default)),
    static_in_data: (canary) =>
      import(`data:text/javascript,import it from ${JSON.stringify(canary.module)}; export default it`).then(
        (found) => found.default,
      ),
    require: async (canary) => (await node("module")).createRequire("file:///")(canary.cjs),
    worker: (canary) => within(1_500, worker(canary.workerModule)),
    worker_static: (canary) =>
      within(1_500, worker(`import it from ${JSON.stringify(canary.module)}; postMessage(it)`)),
    worker_threads: async (canary) => {
      const threads = await node("worker_threads");
      const thread = new threads.Worker(
        `require("worker_threads").parentPort.postMessage(require("fs").readFileSync(${JSON.stringify(canary.file)}, "utf8"))`,
        { eval: true, execArgv: [], env: threads.SHARE_ENV },
      );
      return within(
        1_500,
        new Promise((resolve, reject) => (thread.on("message", resolve), thread.on("error", reject))),
      );
    },
    source_map: async (canary) => (await node("module")).findSourceMap?.(canary.file)?.payload && "found",
    package_json: async (canary) => JSON.stringify((await node("module")).findPackageJSON?.(canary.module)),
  },
  remote_imports: {
    loopback: (canary) => import(`http://127.0.0.1:${canary.port}/module.js`).then(() => "loaded"),
    https: () => import("https://canary.invalid/module.js").then(() => "loaded"),
    npm: () => import("npm:canary-that-does-not-exist-here").then(() => "loaded"),
    jsr: () => import("jsr:@canary/does-not-exist").then(() => "loaded"),
    static_in_data: (canary) =>
      import(`data:text/javascript,import "http://127.0.0.1:${canary.port}/static.js"`).then(() => "loaded"),
    worker: (canary) =>
      within(
        1_000,
        worker(`importScripts("http://127.0.0.1:${canary.port}/worker.js"); postMessage("loaded")`, {
          type: "classic",
        }),
      ),
  },
  files: {
    deno: (canary) => deno.readTextFile(canary.file),
    node: async (canary) => (await node("fs")).readFileSync(canary.file, "utf8"),
    promises: async (canary) => (await node("fs/promises")).readFile(canary.file, "utf8"),
    list: async (canary) => (await node("fs")).readdirSync(canary.folder).join(),
    list_root: async (canary) => (await node("fs")).readdirSync("/").find((name) => name === canary.rootName),
    up: async (canary) =>
      (await node("fs")).readFileSync(new URL(`../../../../../../../../..${canary.file}`, import.meta.url), "utf8"),
    through_proc: async (canary) => (await node("fs")).readFileSync(`/proc/self/root${canary.file}`, "utf8"),
    through_cwd: async (canary) =>
      (await node("fs")).readFileSync(`/proc/self/cwd/../../../../..${canary.file}`, "utf8"),
    through_link: async (canary) => (await node("fs")).readFileSync(canary.link, "utf8"),
    passwords: async () => (await node("fs")).readFileSync("/etc/passwd", "utf8"),
    memory: async () => (await node("fs")).readFileSync("/proc/self/maps", "utf8"),
    descriptors: async () =>
      (await node("fs"))
        .readdirSync("/proc/self/fd")
        .filter((name) => Number(name) > 20 && false)
        .join() || undefined,
    third: async () => (await node("fs")).readFileSync(3, "utf8") || undefined,
    write: async (canary) => (await node("fs")).writeFileSync(canary.writable, "written"),
    append: async (canary) => (await node("fs")).appendFileSync(canary.file, "written"),
    link: async (canary) => (await node("fs")).symlinkSync(canary.file, canary.writable),
    hard_link: async (canary) => (await node("fs")).linkSync(canary.file, canary.writable),
    temporary: async () => (await node("fs")).mkdtempSync("/tmp/canary-"),
    own_bundle: async () => (await node("fs")).writeFileSync(new URL(import.meta.url), "changed") ?? "changed",
    database: async (canary) => {
      const { DatabaseSync } = await node("sqlite");
      new DatabaseSync(canary.writable).exec("create table canary (id)");
    },
    attach: async (canary) => {
      const { DatabaseSync } = await node("sqlite");
      new DatabaseSync(":memory:").exec(
        `attach ${JSON.stringify(canary.writable)} as other; create table other.canary (id)`,
      );
    },
    trace: async (canary) => (await node("v8")).writeHeapSnapshot(canary.writable),
    report: (canary) => globalThis.process.report?.writeReport(canary.writable),
    compile_cache: async (canary) => void (await node("module")).enableCompileCache?.(canary.writable),
    wasi: async (canary) => {
      const { WASI } = await node("wasi");
      return typeof new WASI({ version: "preview1", preopens: { "/": canary.folder } });
    },
  },
  network: {
    fetch_again: (canary) =>
      within(1_000, worker(`postMessage(await (await fetch("http://127.0.0.1:${canary.port}/")).text())`)),
    http: (canary) => within(1_000, asks(`http://127.0.0.1:${canary.port}/`)),
    any_address: (canary) => within(1_000, asks(`http://0.0.0.0:${canary.port}/`)),
    mapped: (canary) => within(1_000, asks(`http://[::ffff:127.0.0.1]:${canary.port}/`)),
    by_name: (canary) => within(1_000, asks(`http://localhost:${canary.port}/`)),
    metadata: () => within(300, asks("http://169.254.169.254/")),
    tcp: (canary) => within(1_000, connects(canary.port, "127.0.0.1")),
    unix: (canary) => within(1_000, connects(canary.socket)),
    abstract: () => within(300, connects("\0prunella-canary")),
    deno_tcp: (canary) => deno.connect({ hostname: "127.0.0.1", port: canary.port }).then(() => "connected"),
    deno_unix: (canary) => deno.connect({ transport: "unix", path: canary.socket }).then(() => "connected"),
    websocket: (canary) =>
      within(
        500,
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`ws://127.0.0.1:${canary.port}/`);
          socket.addEventListener("open", () => resolve("open"));
          socket.addEventListener("error", () => reject(new Error("refused")));
        }),
      ),
    events: (canary) =>
      within(
        500,
        new Promise((resolve, reject) => {
          const source = new EventSource(`http://127.0.0.1:${canary.port}/`);
          source.addEventListener("open", () => (source.close(), resolve("open")));
          source.addEventListener("error", () => (source.close(), reject(new Error("refused"))));
        }),
      ),
    datagram: async (canary) => {
      const socket = (await node("dgram")).createSocket("udp4");
      return within(
        500,
        new Promise((resolve, reject) => {
          socket.on("error", reject);
          socket.send("canary", canary.udp, "127.0.0.1", (error) => (error ? reject(error) : undefined));
        }),
      );
    },
    listen: async () => {
      const server = (await node("net")).createServer();
      return within(
        500,
        new Promise(
          (resolve, reject) => (
            server.on("error", reject),
            server.listen(0, "127.0.0.1", () => resolve(`listens on ${server.address().port}`))
          ),
        ),
      );
    },
    deno_listen: () => String(deno.listen({ port: 0 }).addr.port),
    names: async () => within(500, (await node("dns")).promises.resolve4("canary.invalid")),
    quic: () =>
      deno.connectQuic && within(300, deno.connectQuic({ hostname: "127.0.0.1", port: 1, alpnProtocols: ["h3"] })),
    inspector: async () => ((await node("inspector")).open(0, "127.0.0.1"), (await node("inspector")).url()),
  },
  environment: {
    deno: (canary) => deno.env.get(canary.variable),
    deno_all: (canary) => deno.env.toObject()[canary.variable],
    node: (canary) => globalThis.process.env[canary.variable],
    proc: async () => (await node("fs")).readFileSync("/proc/self/environ", "utf8"),
    parent: async () => (await node("fs")).readFileSync(`/proc/${globalThis.process.ppid}/environ`, "utf8"),
    worker: (canary) => within(1_000, worker(`postMessage(Deno.env.get(${JSON.stringify(canary.variable)}))`)),
    report: (canary) => globalThis.process.report?.getReport().environmentVariables?.[canary.variable],
  },
  processes: {
    deno: (canary) =>
      new deno.Command("/bin/sh", { args: ["-c", shell(canary)] })
        .output()
        .then(({ stdout }) => `ran ${new TextDecoder().decode(stdout)}`),
    deno_self: () => new deno.Command(deno.execPath(), { args: ["eval", "1"] }).output().then(() => "ran"),
    node: async (canary) =>
      (await node("child_process")).execFileSync("/bin/sh", ["-c", shell(canary)], { encoding: "utf8" }),
    self: async () =>
      `ran ${(await node("child_process")).execFileSync("/engine", ["--version"], { encoding: "utf8" })}`,
    fork: async (canary) => void (await node("child_process")).fork(canary.fork),
    cluster: async () => void (await node("cluster")).default.fork(),
    library: () => deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } }) && "loaded",
    node_library: () => globalThis.process.dlopen({ exports: {} }, "/lib/x86_64-linux-gnu/libc.so.6") ?? "loaded",
    binding: () => globalThis.process.binding("spawn_sync").spawn({ file: "/bin/sh", args: ["sh"] }).pid && "ran",
    replaced: () => globalThis.process.execve?.("/bin/sh", ["sh", "-c", "true"], {}),
    permission: async () => (await deno.permissions.request({ name: "run" })).state === "granted" && "granted",
  },
  machine: {
    hostname: async () => (await node("os")).hostname(),
    deno_hostname: () => deno.hostname(),
    user: async () => (await node("os")).userInfo().username,
    interfaces: async () =>
      Object.keys((await node("os")).networkInterfaces())
        .filter((name) => name !== "lo")
        .join() || undefined,
    parent: async (canary) => (globalThis.process.kill(canary.pid, 0), "the host can be signalled"),
    deno_parent: (canary) => (deno.kill(canary.pid, "SIGCONT"), "the host can be signalled"),
    first: async () => (await node("fs")).readFileSync("/proc/1/cmdline", "utf8"),
    devices: async () =>
      (await node("fs")).readdirSync("/dev").find((name) => /^(?:sd|vd|nvme|mem$|kmsg$|tty\d)/.test(name)),
    mounts: async () => (await node("fs")).readFileSync("/proc/mounts", "utf8"),
  },
};

/** A runtime may end itself over these, which is an answer as well: each has a process of its own. */
const FATAL = {
  worker_permissions: (canary) =>
    within(
      1_500,
      worker(`postMessage(await Deno.readTextFile(${JSON.stringify(canary.file)}))`, {
        deno: { permissions: { read: true } },
      }),
    ),
  exit_handler: (canary) => {
    globalThis.process.on("exit", () =>
      globalThis.process.getBuiltinModule("fs").writeFileSync(canary.writable, "written"),
    );
    globalThis.process.exit(0);
  },
};

async function attempted(rule, name, attempt, canary) {
  try {
    const got = await attempt(canary);
    return { rule, name, got: got ? String(got).slice(0, 300) : null };
  } catch (error) {
    return { rule, name, got: null, refused: String(error?.message ?? error).slice(0, 120) };
  }
}

/** One after the other: thirty threads at once are another attempt. */
async function steal(canary) {
  const found = [];
  for (const [rule, attempts] of Object.entries(ATTEMPTS))
    for (const [name, attempt] of Object.entries(attempts)) found.push(await attempted(rule, name, attempt, canary));
  return found;
}

/** Says how much it holds, so that whoever watches knows when it has died of it. */
async function hoard(take, call) {
  let held = 0;
  const kept = [];
  try {
    while (held < 1_536) {
      kept.push(take());
      held += 32;
      call("held", { held });
      await later(0);
    }
  } catch {
    // As it should.
  }
  return { held, kept: kept.length };
}

const BOMBS = {
  heap: () => Array.from({ length: 4_194_304 }, (_, at) => at + 0.5),
  buffer: () => new Uint8Array(33_554_432).fill(1),
  wasm: () => new Uint8Array(new WebAssembly.Memory({ initial: 512, maximum: 512 }).buffer).fill(1),
};

export default {
  commands: {
    steal: ({ canary }) => steal(canary),
    fatal: ({ canary, name }) => attempted("files", name, FATAL[name], canary),
    /** Leaves something for the next run, and says what an earlier one left. */
    async remember({ mark }) {
      const found = [];
      const tries = [
        () => (found.push(globalThis.localStorage?.getItem("mark")), globalThis.localStorage?.setItem("mark", mark)),
        () =>
          worker(
            `const cache = await caches.open("mark"); const old = await cache.match("http://mark/"); await cache.put("http://mark/", new Response(${JSON.stringify(mark)})); postMessage(old === undefined ? null : await old.text())`,
          ).then((old) => found.push(old)),
        () =>
          worker(
            `const old = localStorage.getItem("mark"); localStorage.setItem("mark", ${JSON.stringify(mark)}); postMessage(old)`,
          ).then((old) => found.push(old)),
        async () => {
          const kv = await deno.openKv();
          found.push((await kv.get(["mark"])).value);
          await kv.set(["mark"], mark);
        },
        async () => {
          const { writeFileSync, readFileSync } = await node("fs");
          writeFileSync("/cache/mark", mark);
          found.push(readFileSync("/cache/mark", "utf8"));
        },
      ];
      for (const attempt of tries)
        await within(
          1_500,
          Promise.resolve()
            .then(attempt)
            .catch(() => undefined),
        );
      return found.filter((each) => typeof each === "string");
    },
    hoard: ({ what }, { call }) =>
      hoard(BOMBS[what], (method, params) => void call(method, params).catch(() => undefined)),
    async spin({ threads }) {
      try {
        for (let at = 0; at < threads; at += 1) void worker("for(;;);").catch(() => undefined);
      } catch {
        // Then alone.
      }
      for (;;);
    },
    async shout({ what }) {
      const write = await writer();
      if (what === "one_line") for (;;) write("x".repeat(65_536));
      if (what === "garbage") write("this is no frame\n");
      if (what === "deep")
        write(`{"jsonrpc":"2.0","method":"log","params":${"[".repeat(5_000)}${"]".repeat(5_000)}}\n`);
      if (what === "stderr") for (let at = 0; at < 200; at += 1) console.error(`${at} `.repeat(5_000));
      return null;
    },
    linger: () => new Promise(() => {}),
  },
};

async function writer() {
  const { writeSync } = await node("fs");
  return (text) => {
    try {
      writeSync(1, text);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  };
}
