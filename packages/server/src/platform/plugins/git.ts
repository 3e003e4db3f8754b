import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PrunellaError } from "@prunella/contract";

export interface GitSource {
  readonly url: string;
  readonly commit: string;
}

const FETCH_MS = 120_000;
const MOST_OUTPUT = 16 * 1_048_576;
/** Of all files of a commit together, before any is written. */
const MOST_BYTES = 64 * 1_048_576;

/** Of what a server sends, packed: looked at while it comes. */
const MOST_SENT = 128 * 1_048_576;
const LOOK_MS = 100;

/** Nothing of the operator's own git decides here: no hooks, no helpers, no rewriting of addresses, no prompts. */
const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  LC_ALL: "C",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "/bin/false",
  GIT_SSH_COMMAND: "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes",
  GIT_PROTOCOL_FROM_USER: "0",
  GIT_ALLOW_PROTOCOL: "http:https:ssh:file",
};
const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=false",
  "core.attributesFile=/dev/null",
  "credential.helper=",
  "protocol.ext.allow=never",
  "transfer.fsckObjects=true",
  "http.followRedirects=false",
  "submodule.recurse=false",
  // All that comes is one file, whose size is looked at, and nothing large of it is held in memory.
  "fetch.unpackLimit=1",
  "core.bigFileThreshold=1m",
  "gc.auto=0",
].flatMap((setting) => ["-c", setting]);

/**
 * Fetches exactly one commit and hands its folder to `use`; gone afterwards. A commit is named by what it holds, so
 * a server that gives another one is found out.
 */
export async function withCommit<T>({ url, commit }: GitSource, use: (folder: string) => Promise<T>): Promise<T> {
  const place = mkdtempSync(join(tmpdir(), "prunella-plugin-"));
  try {
    await git(place, ["init", "--quiet", `--object-format=${commit.length === 64 ? "sha256" : "sha1"}`], url);
    await git(place, ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, commit], url);
    const got = (await git(place, ["rev-parse", "--verify", "FETCH_HEAD^{commit}"], url)).trim();
    if (got !== commit)
      throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
        detail: `${shown(url)} gave the commit ${got.slice(0, 64)} for ${commit}.`,
        hint: "Give the id of a commit, not of a tag; if it is one, do not trust this server.",
      });
    assertPlain(await git(place, ["ls-tree", "-r", "-l", "-z", commit], url), url);
    await git(place, ["checkout", "--quiet", "--detach", commit], url);
    return await use(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Files alone, and not too much of them: nothing else is checked out. */
function assertPlain(listing: string, url: string): void {
  let total = 0;
  for (const line of listing.split("\0")) {
    const [, mode = "", size = "0", path = ""] = /^(\d{6}) \w+ [0-9a-f]+ +(\d+|-)\t([\s\S]*)$/.exec(line) ?? [];
    if (path === "") continue;
    const name = path.replaceAll(/[^ -~]/g, "?").slice(0, 200);
    if (mode !== "100644" && mode !== "100755")
      throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
        detail: `${name}: expected a file and not a ${mode === "160000" ? "submodule" : "symbolic link"}.`,
      });
    total += Number(size);
    if (total > MOST_BYTES)
      throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
        detail: `${name}: expected at most ${MOST_BYTES / 1_048_576} MiB in the commit of ${shown(url)}.`,
      });
  }
}

function git(cwd: string, args: readonly string[], url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...SETTINGS, ...args], {
      cwd,
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const kill = (): void => {
      // With whatever it started; it may be gone already.
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
    };
    const timer = setTimeout(kill, FETCH_MS);
    let isTooMuch = false;
    const look = setInterval(() => {
      if (sentTo(cwd) <= MOST_SENT) return;
      isTooMuch = true;
      kill();
    }, LOOK_MS);
    const out: Buffer[] = [];
    let size = 0;
    let told = "";
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT) return kill();
      out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      told = `${told}${chunk.toString("utf8")}`.slice(-4_000);
    });
    child.once("error", (cause) => {
      clearTimeout(timer);
      clearInterval(look);
      reject(
        new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
          detail: "git cannot be started.",
          hint: "Install git on the server's machine.",
          cause,
        }),
      );
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      clearInterval(look);
      if (code === 0) return resolve(Buffer.concat(out).toString("utf8"));
      reject(
        new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
          detail: `${shown(url)}: ${isTooMuch ? `it sends more than ${MOST_SENT / 1_048_576} MiB.` : whyOf(told)}`,
          hint: "Check the address and the whole commit id; what was installed goes on working.",
        }),
      );
    });
  });
}

/** Bytes of packs, whole or on their way. */
function sentTo(place: string): number {
  try {
    const folder = join(place, ".git/objects/pack");
    return readdirSync(folder).reduce(
      (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  } catch {
    // There is none yet.
    return 0;
  }
}

/** In our own words: what a server says is not repeated. */
function whyOf(said: string): string {
  // Its address may hold any words and digits.
  const told = said.replaceAll(/\b[a-z]+:\/\/[^\s'"]+/g, "");
  if (/not our ref|couldn't find remote ref|upload-pack: not our/i.test(told)) return "it has no such commit.";
  if (/Could not resolve host/i.test(told)) return "its name is not known.";
  if (/Authentication|could not read Username|Permission denied|error: 40[13]\b/i.test(told))
    return "it wants a sign-in, which plugins are not fetched with.";
  if (/does not appear to be a git repository|not found|repository .* does not exist/i.test(told))
    return "there is no git repository.";
  if (/fsck|bad object|hash mismatch|mismatch|invalid/i.test(told)) return "what it gave is not what its ids say.";
  return "it could not be fetched in time, or at all.";
}

/** Without what may be a sign-in. */
const shown = (url: string): string => url.replace(/\/\/[^/@]*@/, "//").slice(0, 200);
