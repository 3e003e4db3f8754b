import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Config, SupervisedProgram } from "@prunella/contract";
import { loadConfig, type LoadedConfig } from "@prunella/server";
import { environment } from "../environment.ts";
import { DEMO_CONFIG } from "../place.ts";
import { openDemoForge } from "./forge.ts";
import { openViewer, type Viewer } from "./viewer.ts";

/** The channel that leads to the demo's own viewer. */
export const VIEWER = "demo-viewer";

export interface Demo {
  /** Where relative paths of its programs begin. */
  readonly folder: string;
  readonly programs: readonly SupervisedProgram[];
  /** Where its double of a host of repositories is looked at. */
  readonly forge: string | null;
  /** The server is there: its double may tell it of what happens. */
  began(server: string): void;
  /** The example's watches and its viewer, beside what the configuration says; that decides everything else. */
  beside(own: LoadedConfig): LoadedConfig;
  close(): Promise<void>;
}

/** Opens the example's own file, which is the opt-in for restarting what stands in it. `say` shows what its viewer got. */
export async function openDemo(say: (line: string) => void): Promise<Demo> {
  const { config, folder } = await loadConfig(DEMO_CONFIG);
  const viewer = await openViewer(say);
  const forge = await openDemoForge(say);
  const ports = new Map<string, number>();
  for (const { name, env } of config.supervise) if (env["PORT"] === "0") ports.set(name, await freePort());
  const keys = makeKeys(config.heartbeats);
  switchOn(join(folder, "autofix.env"));
  const programs = config.supervise.map((program) => {
    const [port, key] = [ports.get(program.name), keys.get(program.name)];
    const env = { ...(port === undefined ? {} : { PORT: String(port) }), ...(key === undefined ? {} : { KEY: key }) };
    return { ...program, env: { ...program.env, ...env } };
  });
  const probes = config.probes.map((probe) => ({
    ...probe,
    settings: { ...probe.settings, url: withPort(probe.settings["url"], probe.target, ports) },
  }));
  const envelopes = config.envelopes.map((envelope) => ({
    ...envelope,
    actions: envelope.actions.map((action) => ({
      ...action,
      url: action.url === null ? null : withPort(action.url, action.targets[0], ports),
    })),
  }));
  return {
    folder,
    programs,
    beside: (own) => ({
      ...own,
      config: {
        ...(forge?.beside(own.config) ?? own.config),
        probes: [...own.config.probes, ...probes],
        heartbeats: [...own.config.heartbeats, ...config.heartbeats],
        envelopes: [...own.config.envelopes, ...envelopes],
        triggers: [...own.config.triggers, ...config.triggers],
        notify: withViewer(own.config.notify, viewer),
      },
    }),
    forge: forge?.url ?? null,
    began: (server) => forge?.tell(server),
    close: async () => void (await Promise.all([viewer.close(), forge?.close()])),
  };
}

/** A url with port 0 gets the port of the program that the target names; any other value stays. */
function withPort<Value>(url: Value, target: string | null | undefined, ports: ReadonlyMap<string, number>) {
  const port = ports.get(target?.replace(/^[a-z]+:/, "") ?? "");
  if (port === undefined || typeof url !== "string" || new URL(url).port !== "0") return url;
  const filled = new URL(url);
  filled.port = String(port);
  return filled.href;
}

/** A fresh key for each heartbeat, by the name of the program that sends it; the server reads it where the file says. */
function makeKeys(heartbeats: Config["heartbeats"]): Map<string, string> {
  return new Map(
    heartbeats.map(({ name, key: place }) => {
      const key = randomBytes(24).toString("base64url");
      if (place?.startsWith("env:")) environment.put(place.slice("env:".length), key);
      return [name, key];
    }),
  );
}

/** The switches of a file of the example; what stands in the environment or the data folder wins. */
function switchOn(path: string): void {
  for (const [, name = "", value = ""] of readFileSync(path, "utf8").matchAll(/^(PRUNELLA_AUTOFIX_\w+)=(.*)$/gm))
    if (environment.everything()[name] === undefined) environment.put(name, value);
}

/** Escalations go to the viewer too; where everything else goes stays as it was. */
function withViewer({ channels, rules }: Config["notify"], { url }: Viewer): Config["notify"] {
  const all = { of: null, projects: null, min_level: "debug" } as const;
  // Without rules everything goes to every channel, and that would be over with the first rule.
  const unruled = rules.length === 0 && channels.length > 0;
  return {
    channels: [
      ...channels,
      { name: VIEWER, kind: "webhook", url, secret: null, template: null, per_hour: 60, quiet: null },
    ],
    rules: [
      ...rules,
      ...(unruled ? [{ ...all, channels: channels.map(({ name }) => name) }] : []),
      { ...all, channels: [VIEWER], of: ["escalation"] },
    ],
  };
}

/** One that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
