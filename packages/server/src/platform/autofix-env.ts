import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PrunellaError } from "@prunella/contract";
import { enableEnv, type EnvelopeSwitches } from "@prunella/kernel";
import { writePrivate } from "./data-folder.ts";

const YES = /^(?:true|1|yes|on)$/i;
/** A switch file holds a line an envelope; a larger one is none of ours, and says no to everything. */
const MAX_BYTES = 65_536;

type Read = ReadonlyMap<string, string> | "none" | "unreadable";

/**
 * The switches of envelopes, read anew at each call: `autofix.env` in the data folder wins over the
 * environment, and one that cannot be read is off for all.
 */
export function openEnvelopeSwitches(
  folder: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): EnvelopeSwitches {
  const path = join(folder, "autofix.env");
  const isYes = (value: string | undefined): boolean => YES.test((value ?? "").trim());
  return {
    isOn(probe) {
      const read = readSwitches(path);
      if (read === "unreadable") return false;
      const name = enableEnv(probe);
      return isYes((read === "none" ? undefined : read.get(name)) ?? environment[name]);
    },
    setBy(probe) {
      const read = readSwitches(path);
      const name = enableEnv(probe);
      if (read === "unreadable" || (read !== "none" && read.has(name))) return "file";
      return environment[name] === undefined ? "nobody" : "environment";
    },
    turn(probe, on) {
      const name = enableEnv(probe);
      const read = readText(path);
      // Everything is off while it cannot be read. A new file in its place would switch on whatever the
      // environment says yes to and the old one said no.
      if (read === "unreadable")
        throw new PrunellaError("PRUNELLA_CONFLICT", {
          detail: `${path} cannot be read or is larger than ${MAX_BYTES} bytes, so no switch in it was turned: every envelope is off.`,
          hint: "Repair the file by hand, then turn the switch again.",
        });
      const lines = read.split("\n").filter((line) => nameOf(line) !== name);
      const kept = lines.filter((line, at) => line !== "" || at < lines.length - 1);
      writePrivate(path, [...kept, `${name}=${on}`, ""].join("\n"));
    },
  };
}

function readSwitches(path: string): Read {
  const text = readText(path);
  if (text === "unreadable") return text;
  if (text === "") return "none";
  // The last line of a name counts, as in a shell.
  return new Map(
    text.split("\n").flatMap((line) => {
      const name = nameOf(line);
      return name === null ? [] : [[name, unquoted(line.slice(line.indexOf("=") + 1))] as const];
    }),
  );
}

/** Empty when there is no such file. */
function readText(path: string): string {
  try {
    const text = readFileSync(path, "utf8");
    return text.length > MAX_BYTES ? "unreadable" : text;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? "" : "unreadable";
  }
}

const nameOf = (line: string): string | null => /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? null;
const unquoted = (value: string): string => value.trim().replace(/^(["'])(.*)\1$/, "$2");
