import type { Probe } from "@prunella/contract";
import { doppler } from "@prunella/probe-doppler";
import { fly } from "@prunella/probe-fly";
import { githubActions } from "@prunella/probe-github-actions";
import { postgres } from "@prunella/probe-postgres";
import { sentry } from "@prunella/probe-sentry";
import { supabase } from "@prunella/probe-supabase";
import { systemd } from "@prunella/probe-systemd";
import { vercel } from "@prunella/probe-vercel";
import { command } from "./command.ts";
import { disk } from "./disk.ts";
import { dns } from "./dns.ts";
import { http } from "./http.ts";
import { processRuns } from "./process.ts";
import { tcp } from "./tcp.ts";

/** Every kind of probe, one line each: those of the house, then first-party plugins until a sandbox runs them. */
const KINDS: readonly Probe[] = [
  http,
  tcp,
  dns,
  command,
  processRuns,
  disk,
  systemd,
  postgres,
  fly,
  githubActions,
  supabase,
  vercel,
  sentry,
  doppler,
];

export const PROBES: ReadonlyMap<string, Probe> = new Map(KINDS.map((probe) => [probe.kind, probe]));
