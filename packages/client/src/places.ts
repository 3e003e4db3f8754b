import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Program } from "./program.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's own settings, where the XDG base directories say (also on macOS; %APPDATA% on Windows). */
export function settingsFile(env: Environment): string {
  return join(
    folder(env["XDG_CONFIG_HOME"]) ?? folder(env["APPDATA"]) ?? join(userHome(env), ".config"),
    "prunella",
    "telemetry.json",
  );
}

/** One folder for each program that has captured something. */
export function programsFolder(env: Environment): string {
  const state = folder(env["XDG_STATE_HOME"]) ?? folder(env["LOCALAPPDATA"]) ?? join(userHome(env), ".local", "state");
  return join(state, "prunella", "programs");
}

/** `<home of the program>`: its reports lie in `crash` below. */
export function homeOf(program: Pick<Program, "app" | "home">, env: Environment): string {
  return folder(program.home ?? undefined) ?? join(programsFolder(env), program.app);
}

export const crashFolder = (home: string): string => join(home, "crash");

// The specification says that relative paths are to be ignored.
function folder(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}

function userHome(env: Environment): string {
  return folder(env["HOME"]) ?? homedir();
}
