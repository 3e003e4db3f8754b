import { isObject, readObject, writeWhole } from "./files.ts";
import { type Environment, settingsFile } from "./places.ts";

/** What the user decided. It wins over what a program says of itself. */
export interface Settings {
  /** Null: nothing was decided. */
  readonly telemetry: "on" | "off" | null;
  /** Programs that are off while others are on. */
  readonly programsOff: readonly string[];
  /** Instead of every program's own. */
  readonly endpoint: string | null;
  readonly airGap: boolean;
}

const NOTHING: Settings = { telemetry: null, programsOff: [], endpoint: null, airGap: false };

/** `"garbage"` when the file is there and cannot be understood: nobody knows then what the user decided. */
export function readSettings(env: Environment): Settings | "garbage" {
  const stored = readObject(settingsFile(env));
  if (stored === null) return NOTHING;
  if (stored === "garbage") return "garbage";
  const { telemetry = null, programs_off: programsOff = [], endpoint = null, air_gap: airGap = false } = stored;
  if (telemetry !== null && telemetry !== "on" && telemetry !== "off") return "garbage";
  if (!Array.isArray(programsOff) || (endpoint !== null && typeof endpoint !== "string") || typeof airGap !== "boolean")
    return "garbage";
  return { telemetry, programsOff: programsOff.filter((each) => typeof each === "string"), endpoint, airGap };
}

/** Keeps what others wrote into the file; what cannot be understood is replaced. */
export function changeSettings(env: Environment, change: Partial<Settings>): Settings {
  const path = settingsFile(env);
  const stored = readObject(path);
  const known = readSettings(env);
  const settings = { ...(known === "garbage" ? NOTHING : known), ...change };
  const kept = isObject(stored) ? stored : {};
  const next = {
    ...kept,
    telemetry: settings.telemetry,
    programs_off: settings.programsOff,
    endpoint: settings.endpoint,
    air_gap: settings.airGap,
  };
  writeWhole(path, `${JSON.stringify(next, null, 2)}\n`);
  return settings;
}
