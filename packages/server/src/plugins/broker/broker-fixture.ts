import { createHash } from "node:crypto";
import { PluginManifest } from "@prunella/contract/plugins";
import { scrubJson, scrubText } from "@prunella/scrub";
import { ENGINES } from "../../../../../test/engines.ts";
import { openKernel } from "../../../../../test/kernel-fixture.ts";
import { systemClock } from "../../platform/clock.ts";
import { createCallLog } from "./call-log.ts";
import { createBroker, type BrokerSession, type Method } from "./broker.ts";

const OPERATOR = { kind: "person", id: "operator" } as const;
const DIGEST = `sha256:${createHash("sha256").update("bundle").digest("hex")}`;

/** For tests only: one invocation that runs, of a plugin that was granted all that it asks for, without its process. */
export async function openBroker(
  asks: { readonly uses: readonly string[]; readonly [table: string]: unknown },
  methodsOf: (kernel: Awaited<ReturnType<typeof openKernel>>) => ReadonlyMap<string, Method>,
) {
  const [sqlite] = ENGINES;
  if (sqlite === undefined) throw new Error("there is no store");
  const store = await sqlite.open();
  const kernel = await openKernel(store.engine, systemClock);
  const { uses, ...tables } = asks;
  const manifest = PluginManifest.parse({
    manifestVersion: 1,
    name: "asker",
    version: "0.1.0",
    description: "Asks.",
    license: "Apache-2.0",
    kind: "local",
    entry: "index.ts",
    engines: { prunella: ">=0.1.0" },
    namespace: "asker",
    commands: [{ name: "ask", summary: "Asks", risk: "destructive", uses }],
    ...tables,
  });
  const { detail } = await kernel.plugins.install(
    {
      artifact: {
        plugin: manifest.name,
        version: "0.1.0",
        digest: DIGEST,
        treeDigest: DIGEST,
        manifestDigest: DIGEST,
        source: { kind: "path", path: "/srv/asker" },
      },
      manifest,
      signature: null,
      bundler: "none",
      bytes: 1,
    },
    "default",
    OPERATOR,
  );
  const wanted = detail.asked.map(({ scope, resources }) => ({ scope, resources }));
  const grant = () =>
    wanted.length === 0
      ? null
      : kernel.plugins.grant({ projectId: "default", name: "asker", wanted, reason: null, expiresAt: null }, OPERATOR);
  await grant();
  const plugin = await kernel.plugins.find("asker");
  const admitted = await kernel.plugins.invocations.admit({
    projectId: "default",
    plugin,
    command: "ask",
    via: "cli",
    by: OPERATOR,
    isConfirmed: true,
    bindings: {},
  });
  if (admitted.kind !== "admitted") throw new Error(`it is ${JSON.stringify(admitted)}`);
  await kernel.plugins.invocations.begin(admitted.invocationId, "deno");
  const session: BrokerSession = {
    invocation: admitted.invocationId,
    projectId: "default",
    plugin: { id: plugin.plugin_id, name: plugin.name },
    digest: DIGEST,
    manifest,
    input: null,
    egressLeft: 100_000,
    signal: new AbortController().signal,
    time: { begins() {}, ends() {} },
  };
  const log = createCallLog({ now: () => systemClock.now(), scrubText });
  const broker = createBroker({
    authorize: kernel.plugins.authorize,
    methods: methodsOf(kernel),
    scrubText,
    scrubJson,
    log,
  });
  return {
    kernel,
    log,
    session,
    /** `input`: what its command was given when a person confirmed it. */
    call: (method: string, params: object = {}, input: unknown = null) => broker({ ...session, input }, method, params),
    revoke: (scope: string) => kernel.plugins.revoke("default", "asker", [scope], OPERATOR),
    async [Symbol.asyncDispose]() {
      await kernel.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
