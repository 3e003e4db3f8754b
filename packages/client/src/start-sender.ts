import { type ChildProcess, spawn } from "node:child_process";
import { basename, join } from "node:path";
import { type Environment, homeOf } from "./places.ts";
import type { Program } from "./program.ts";

/** What the sender needs of the environment: who the user is, what they decided, and the way to the network. */
const PASSED_ON =
  /^(?:PATH|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|XDG_CONFIG_HOME|XDG_STATE_HOME|DO_NOT_TRACK|PRUNELLA_TELEMETRY|PRUNELLA_AIR_GAP|CI|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|NODE_USE_ENV_PROXY|https?_proxy|no_proxy)$/i;

/**
 * Starts the sender beside this process and forgets it: it goes on when this process ends, and this
 * process waits for nothing of it. `folder` and `extension` say where its file is. Null where none can be started.
 */
export function startSender(
  program: Program,
  env: Environment,
  folder: string,
  extension: string,
): ChildProcess | null {
  // A program that is packed into one executable would start itself.
  if (!/^(?:node|nodejs|bun)[\d.-]*(?:\.exe)?$/i.test(basename(process.execPath))) return null;
  const { app, endpoint, mode, airGap } = program;
  const child = spawn(
    process.execPath,
    [join(folder, `sender${extension}`), JSON.stringify({ app, endpoint, mode, airGap, home: homeOf(program, env) })],
    {
      detached: true,
      stdio: "ignore",
      windowsHide: true,
      cwd: folder,
      env: Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name))),
    },
  );
  // Without a listener a failed start would be an uncaught exception of the host.
  child.on("error", () => {});
  child.unref();
  return child;
}
