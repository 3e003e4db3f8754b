import type { Subject } from "@prunella/contract";

/** What a supervisor tells while it works; `run` prints it as lines, `up` as its live log. */
export type SupervisorEvent =
  | { kind: "started"; pid: number; restarts: number }
  | { kind: "crashed"; exit: string; uptime_ms: number }
  /** What is granted begins at `not_before` (epoch ms). */
  | { kind: "waiting"; action: "start" | "stop" | "restart"; not_before: number; asked_by: Subject["kind"] }
  | { kind: "restarted"; pid: number; restarts: number; asked_by: Subject["kind"] }
  /** The permit was void by the time it was to be used. */
  | { kind: "refused"; action: "start" | "stop" | "restart"; message: string }
  /** Ended by a person's word; it waits for one to start it. */
  | { kind: "stopped"; asked_by: Subject["kind"] }
  | { kind: "not_restarted"; message: string }
  | { kind: "held"; refusal: string; detail: string; escalation_id: string | null }
  /** Somebody decided so; or nobody did, and the run was replaced or given up. */
  | { kind: "left_stopped"; isDecided: boolean }
  | { kind: "owner_lost" }
  | { kind: "owner_found" }
  /** The owner will not have it; nothing is restarted from here on. */
  | { kind: "unsupervised"; message: string }
  /** It did not end in time after `signal`, or nobody would wait. */
  | { kind: "killed"; signal: string; after_ms: number }
  /** What it had started was ended too. */
  | { kind: "leftovers_ended"; processes: readonly string[] }
  /** What it had started goes on. */
  | { kind: "left"; processes: readonly string[]; why: "own_session" | "clean_end" | "unstoppable" }
  /** A supervisor that was killed has left it running; it is ended first. */
  | { kind: "earlier_found"; processes: readonly string[]; grace_ms: number }
  | { kind: "earlier_ended" }
  /** It runs, but its pid could not be written into the data folder. */
  | { kind: "unnoted" }
  | { kind: "ended"; exit: string };

/** One line for a person, or null when it is not worth one. `command` makes of `start shop` what can be typed. */
export function describe(
  name: string,
  event: SupervisorEvent,
  now: number,
  command: (words: string) => string,
): string | null {
  switch (event.kind) {
    case "started":
    case "ended":
      return null;
    case "crashed":
      return `${name} ${event.exit} after ${seconds(event.uptime_ms)}`;
    case "waiting":
      return event.not_before - now > 50
        ? `${DOING[event.action]} ${name} in ${seconds(event.not_before - now)}`
        : null;
    case "restarted":
      return `restarted ${name} (restart ${event.restarts}${event.asked_by === "person" ? ", by your decision" : ""}, pid ${event.pid})`;
    case "refused":
      return `did not ${event.action} ${name}: ${event.message}`;
    case "stopped":
      return `stopped ${name}; \`${command(`start ${name}`)}\` starts it again`;
    case "not_restarted":
      return `${name} did not start: ${event.message}`;
    case "held": {
      const how =
        event.escalation_id === null
          ? ""
          : ` You decide, restart_once or leave_stopped: ${command(`decide ${shortId(event.escalation_id)} restart_once`)}`;
      return `${name} stays down (${event.refusal}): ${event.detail}${how}`;
    }
    case "left_stopped":
      return event.isDecided
        ? `${name} stays stopped, as decided; \`${command(`start ${name}`)}\` starts it`
        : `${name} stays stopped: another run has taken its name, or it was given up after a long silence`;
    case "owner_lost":
      return `the server does not answer; ${name} is not restarted until it does`;
    case "owner_found":
      return "the server answers again";
    case "killed":
      return `${name} did not end within ${seconds(event.after_ms)} of ${event.signal} and was killed`;
    case "leftovers_ended":
      return `ended what ${name} had left running: ${few(event.processes)}`;
    case "left":
      return `${name} left running: ${few(event.processes)}${WHY_LEFT[event.why]}`;
    case "earlier_found":
      return `${name} still runs from before, and what supervised it is gone: ${few(event.processes)}. It is ended first, within ${seconds(event.grace_ms)}`;
    case "earlier_ended":
      return `the earlier ${name} has ended`;
    case "unnoted":
      return `${name} runs, but its pid could not be written into the data folder: where the environment of processes cannot be read, it is not found again should prunella be killed`;
    case "unsupervised":
      return `${name} runs, but will not be restarted: ${event.message}`;
  }
}

const DOING = { start: "starting", stop: "stopping", restart: "restarting" } as const;

/** The end of a UUIDv7 is its random part; ids made in one minute begin alike. */
export const shortId = (id: string): string => id.slice(-8);

const WHY_LEFT = {
  own_session: "; in a session of its own it is not prunella's to end",
  clean_end:
    "; nobody supervises it. A program that goes into the background has ended for its supervisor: start it in the foreground",
  unstoppable: "; it could not be ended",
} as const;

const SHOWN = 5;

function few(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function seconds(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
