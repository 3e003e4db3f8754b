import type { ProbeResult } from "./probe.ts";

type Measured = ProbeResult["measured"];

export const healthy = (detail: string, measured: Measured = {}): ProbeResult => ({
  status: "healthy",
  category: "ok",
  detail,
  measured,
});

export const degraded = (category: string, detail: string, measured: Measured = {}): ProbeResult => ({
  status: "degraded",
  category,
  detail,
  measured,
});

export const unhealthy = (category: string, detail: string, measured: Measured = {}): ProbeResult => ({
  status: "unhealthy",
  category,
  detail,
  measured,
});

export const unknown = (category: string, detail: string): ProbeResult => ({
  status: "unknown",
  category,
  detail,
  measured: {},
});
