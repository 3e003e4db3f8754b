import { spawn } from "node:child_process";
import { buffer, text } from "node:stream/consumers";

/** What git sees of its surroundings: no settings of the machine or of a person, and no repository but the one named. */
export const surroundings = (): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
});

export interface GitSaid {
  readonly code: number;
  readonly out: Buffer;
  readonly error: string;
}

interface Given {
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
}

/** One run of git in a folder; rejects only where git itself is not there. */
export async function runGit(folder: string, args: readonly string[], { input, env }: Given = {}): Promise<GitSaid> {
  const child = spawn("git", args, { cwd: folder, env: { ...surroundings(), ...env }, stdio: "pipe" });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 128));
  });
  // It may end before it has read all of it.
  child.stdin.on("error", () => undefined).end(input ?? "");
  const [code, out, error] = await Promise.all([ended, buffer(child.stdout), text(child.stderr)]);
  return { code, out, error };
}

/** The same, where it has to succeed. */
export async function mustGit(folder: string, args: readonly string[], given?: Given): Promise<Buffer> {
  const { code, out, error } = await runGit(folder, args, given);
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}: ${error.slice(0, 500)}`);
  return out;
}
