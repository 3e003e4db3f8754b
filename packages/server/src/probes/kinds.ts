import type { Probe } from "@prunella/contract";
import { fly } from "@prunella/probe-fly";
import { systemd } from "@prunella/probe-systemd";

/** Every kind of probe, one line each: those of the house, then first-party plugins until a sandbox runs them. */
const KINDS: readonly Probe[] = [fly, systemd];

export const PROBES: ReadonlyMap<string, Probe> = new Map(KINDS.map((probe) => [probe.kind, probe]));
