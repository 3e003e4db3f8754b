import { createServer } from "node:net";
import type { Config, SupervisedProgram } from "@prunella/contract";
import { loadConfig, type LoadedConfig } from "@prunella/server";
import { DEMO_CONFIG } from "../place.ts";
import { openViewer, type Viewer } from "./viewer.ts";

/** The channel that leads to the demo's own viewer. */
export const VIEWER = "demo-viewer";

export interface Demo {
  /** Where relative paths of its programs begin. */
  readonly folder: string;
  readonly programs: readonly SupervisedProgram[];
  /** The example's watches and its viewer, beside what the configuration says; that decides everything else. */
  beside(own: LoadedConfig): LoadedConfig;
  close(): Promise<void>;
}

/** Opens the example's own file, which is the opt-in for restarting what stands in it. `say` shows what its viewer got. */
export async function openDemo(say: (line: string) => void): Promise<Demo> {
  const { config, folder } = await loadConfig(DEMO_CONFIG);
  const viewer = await openViewer(say);
  const ports = new Map<string, number>();
  for (const { name, env } of config.supervise) if (env["PORT"] === "0") ports.set(name, await freePort());
  const programs = config.supervise.map((program) => {
    const port = ports.get(program.name);
    return port === undefined ? program : { ...program, env: { ...program.env, PORT: String(port) } };
  });
  const probes = config.probes.map((probe) => ({ ...probe, settings: withPort(probe, ports) }));
  return {
    folder,
    programs,
    beside: (own) => ({
      ...own,
      config: {
        ...own.config,
        probes: [...own.config.probes, ...probes],
        triggers: [...own.config.triggers, ...config.triggers],
        notify: withViewer(own.config.notify, viewer),
      },
    }),
    close: viewer.close,
  };
}

/** A url with port 0 gets the port of the program that the probe watches. */
function withPort({ target, settings }: Config["probes"][number], ports: ReadonlyMap<string, number>) {
  const port = ports.get(target?.replace(/^program:/, "") ?? "");
  const { url } = settings;
  if (port === undefined || typeof url !== "string" || new URL(url).port !== "0") return settings;
  const filled = new URL(url);
  filled.port = String(port);
  return { ...settings, url: filled.href };
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
