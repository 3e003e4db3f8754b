import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import type { FixHands } from "@prunella/contract";
import { createCredentials } from "./hands/credential.ts";
import { createReadFile } from "./hands/machine.ts";
import { createPathLooks, type PathLooks } from "./hands/path-looks.ts";
import { send } from "./outbound.ts";
import { endGroup } from "./processes.ts";
import { inheritedEnvironment } from "./program-environment.ts";

/** Of what a command writes, so much is kept; the rest is read and left. */
const MAX_OUTPUT = 65_536;
/** For so long its output is waited for once it has ended. */
const LAST_WORDS_MS = 500;
/** A file that says which process is meant has some digits, and is there at once or hangs. */
const PID_FILE = { maxBytes: 64, ms: 5_000 };

/**
 * What fixes reach the outside with. A credential is read at the moment of use and goes into the request: it is
 * in no answer, no log line and no row.
 */
/** `base`: where relative paths begin. */
export function createFixHands(
  base: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  paths: PathLooks = createPathLooks(),
): FixHands {
  const readFile = createReadFile(base, paths);
  const credentials = createCredentials(readFile, environment);
  return {
    async http({ url, method, body = null, credential = null }, signal) {
      const found = credential === null ? null : await credentials.read(credential, signal);
      if (found !== null && !found.ok) return found;
      const secret = found?.secret ?? null;
      if (credential !== null && secret === null)
        return { ok: false, category: "token_unset", detail: "The credential is not set." };
      try {
        const answer = await send(url, {
          method,
          body: Buffer.from(body ?? ""),
          signal,
          maxBytes: 1_048_576,
          headers: {
            ...(body === null ? {} : { "content-type": "application/json" }),
            ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
          },
        });
        return { ok: true, status: answer.status, body: answer.body.toString("utf8") };
      } catch {
        return { ok: false, category: "unreachable", detail: "The address did not answer." };
      }
    },

    spawn({ command: [program = "", ...args] }, signal) {
      const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<FixHands["spawn"]>>>();
      const child = spawn(program, args, {
        cwd: base,
        env: inheritedEnvironment("listed", environment),
        stdio: ["ignore", "pipe", "ignore"],
        // As the leader of a group, so that what it started ends with it.
        detached: process.platform !== "win32",
      });
      let stdout = "";
      child.stdout.setEncoding("utf8");
      child.stdout.on("data", (text: string) => (stdout = (stdout + text).slice(0, MAX_OUTPUT)));
      const end = () => endGroup(child.pid);
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
      child.once("error", () => resolve({ ok: false, category: "not_started", detail: "The program did not start." }));
      child.once("exit", (code) => {
        signal.removeEventListener("abort", end);
        const tell = () => {
          clearTimeout(waiting);
          child.stdout.destroy();
          resolve(
            signal.aborted
              ? { ok: false, category: "timeout", detail: "The program took too long." }
              : { ok: true, code, stdout },
          );
        };
        // What it wrote may still be on its way; what it left behind may hold the pipe open for ever.
        const waiting = setTimeout(tell, LAST_WORDS_MS);
        if (child.stdout.readableEnded) tell();
        else child.stdout.once("end", tell);
      });
      return promise;
    },

    async signal({ pidFile, name }) {
      const { maxBytes, ms } = PID_FILE;
      const found = await readFile({ path: pidFile, maxBytes }, AbortSignal.timeout(ms));
      if (!found.ok && (found.category === "timeout" || found.category === "busy")) return found;
      try {
        const pid = Number(found.ok ? found.text.trim() : Number.NaN);
        // 0 and below mean groups, and 1 is the system's own.
        if (!Number.isInteger(pid) || pid < 2 || pid === process.pid)
          return { ok: false, category: "no_process", detail: "The file holds no process id." };
        process.kill(pid, SIGNALS[name] ?? "SIGHUP");
        return { ok: true };
      } catch {
        return { ok: false, category: "no_process", detail: "There is no such process." };
      }
    },

    pause: (ms, signal) => wait(ms, undefined, { signal, ref: false }).catch(() => undefined),
    isSet: credentials.isSet,
  };
}

const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  SIGHUP: "SIGHUP",
  SIGUSR1: "SIGUSR1",
  SIGUSR2: "SIGUSR2",
  SIGCONT: "SIGCONT",
};
