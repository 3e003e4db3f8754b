import type { Subject } from "@prunella/contract";

/** What a supervisor tells while it works; `run` prints it as lines, `up` as its live log. */
export type SupervisorEvent =
  | { kind: "started"; pid: number; restarts: number }
  | { kind: "crashed"; exit: string; uptime_ms: number }
  /** A restart is granted and begins at `not_before` (epoch ms). */
  | { kind: "waiting"; not_before: number; asked_by: Subject["kind"] }
  | { kind: "restarted"; pid: number; restarts: number; asked_by: Subject["kind"] }
  /** The permit was void by the time it was to be used. */
  | { kind: "refused"; message: string }
  | { kind: "not_restarted"; message: string }
  | { kind: "held"; refusal: string; detail: string; escalation_id: string | null }
  /** Somebody decided so; or nobody did, and the run was replaced or given up. */
  | { kind: "left_stopped"; isDecided: boolean }
  | { kind: "owner_lost" }
  | { kind: "owner_found" }
  /** The owner will not have it; nothing is restarted from here on. */
  | { kind: "unsupervised"; message: string }
  | { kind: "ended"; exit: string };

/** One line for a person, or null when it is not worth one. `flags` go with the commands that it names. */
export function describe(name: string, event: SupervisorEvent, now: number, flags = ""): string | null {
  switch (event.kind) {
    case "started":
    case "ended":
      return null;
    case "crashed":
      return `${name} ${event.exit} after ${seconds(event.uptime_ms)}`;
    case "waiting":
      return event.not_before - now > 50 ? `restarting ${name} in ${seconds(event.not_before - now)}` : null;
    case "restarted":
      return `restarted ${name} (restart ${event.restarts}${event.asked_by === "person" ? ", by your decision" : ""}, pid ${event.pid})`;
    case "refused":
      return `did not restart ${name}: ${event.message}`;
    case "not_restarted":
      return `${name} did not start: ${event.message}`;
    case "held": {
      const how =
        event.escalation_id === null
          ? ""
          : ` You decide: prunella decide ${shortId(event.escalation_id)} restart_once|leave_stopped${flags}`;
      return `${name} stays down (${event.refusal}): ${event.detail}${how}`;
    }
    case "left_stopped":
      return event.isDecided
        ? `${name} stays stopped, as decided`
        : `${name} stays stopped: another run has taken its name, or it was given up after a long silence`;
    case "owner_lost":
      return `the server does not answer; ${name} is not restarted until it does`;
    case "owner_found":
      return "the server answers again";
    case "unsupervised":
      return `${name} runs, but will not be restarted: ${event.message}`;
  }
}

/** The end of a UUIDv7 is its random part; ids made in one minute begin alike. */
export const shortId = (id: string): string => id.slice(-8);

function seconds(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
