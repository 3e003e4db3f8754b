// For a Node that is too old for the rest, from 20 on.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
/** Signals that people and service managers send; the one that ends is passed on, and so is how it ended. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"];

/** Runs the same command line on the Node that was installed with the package. */
export function handOver(args) {
  const node = ownNode();
  if (node === null) {
    process.stderr.write(
      `prunella: Prunella needs Node 24.12 or newer and this is ${process.versions.node}; in a checkout \`npx --no-install prunella\` and \`npm start\` bring the right one.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const entry = fileURLToPath(new URL("./prunella.js", import.meta.url));
  const child = spawn(node, [entry, ...args], { stdio: "inherit" });
  for (const signal of SIGNALS) {
    try {
      process.on(signal, () => child.kill(signal));
    } catch {
      // Not on this system.
    }
  }
  child.on("error", (error) => {
    process.stderr.write(`prunella: ${node} cannot be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // As it ended, so that whoever waits sees the same.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Of this system and processor; null where none was installed. */
function ownNode() {
  const { platform, arch } = process;
  const file = platform === "win32" ? "bin/node.exe" : "bin/node";
  const names = [`node-${platform === "win32" ? "win" : platform}-${arch}`, `node-bin-${platform}-${arch}`];
  for (const name of names) {
    try {
      return require.resolve(`${name}/${file}`);
    } catch {
      // The next one.
    }
  }
  return null;
}
