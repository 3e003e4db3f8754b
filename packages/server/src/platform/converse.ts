import { spawn } from "node:child_process";
import type { Converse } from "@prunella/kernel";
import { endGroup } from "./processes.ts";
import { inheritedEnvironment } from "./program-environment.ts";

/** A line that is longer is none that an investigator writes, and a program that writes more in all is out of control. */
const MAX_LINE = 262_144;
const MAX_OUTPUT = 4_194_304;

/** Starts a program that speaks in lines of JSON. It gets the few variables that programs need, and no secret of ours. */
export const converse: Converse = ([program = "", ...args], signal) => {
  const child = spawn(program, args, {
    env: inheritedEnvironment("listed"),
    stdio: ["pipe", "pipe", "ignore"],
    detached: process.platform !== "win32",
  });
  let why: ReturnType<ReturnType<Converse>["why"]> = "ended";
  const end = () => endGroup(child.pid);
  signal.addEventListener("abort", () => ((why = "timeout"), end()), { once: true });
  child.once("error", () => (why = "not_started"));
  child.once("exit", () => {
    // What it started may hold the pipe open.
    end();
    setTimeout(() => child.stdout.destroy(), 200).unref();
  });
  // A program that has ended does not read.
  child.stdin.on("error", () => undefined);

  async function* lines(): AsyncGenerator<string> {
    let held = "";
    let size = 0;
    child.stdout.setEncoding("utf8");
    try {
      for await (const chunk of child.stdout) {
        const text = String(chunk);
        size += text.length;
        held += text;
        if (size > MAX_OUTPUT || held.length - held.lastIndexOf("\n") > MAX_LINE) {
          why = "flood";
          return;
        }
        const whole = held.split("\n");
        held = whole.pop() ?? "";
        for (const line of whole) if (line.trim() !== "") yield line;
      }
    } catch {
      // It was ended while it wrote.
    }
    if (held.trim() !== "" && why === "ended") yield held;
  }
  return {
    lines: lines(),
    write: (line) => void child.stdin.write(`${line}\n`),
    end,
    why: () => why,
  };
};
