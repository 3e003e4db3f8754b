import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BIN } from "../../packages/cli/src/cli-fixture.ts";
import { needs } from "../needs.ts";

/** Connections that say nothing to the end cost an outsider little, and each takes one of the server's open files. */
const root = mkdtempSync(join(tmpdir(), "prunella-connections-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const hasLimits = needs("/proc/self/limits", existsSync("/proc/self/limits"));

const OPEN_FILES = 128;

describe.skipIf(!hasLimits)("more connections than the server may have files open", () => {
  it("hold up no restart of a program that crashes meanwhile", { timeout: 60_000 }, async () => {
    const script = `test "$PRUNELLA_RUN_ATTEMPT" = 0 || { echo is back; exec sleep 60; }; while ! test -e go; do sleep 0.1; done; exit 3`;
    writeFileSync(
      join(root, "prunella.yaml"),
      `supervise:\n  - name: shop\n    command: ["sh", "-c", ${JSON.stringify(script)}]\n    restart: { backoff: { base: 0s, max: 0s } }\n`,
    );
    const up = spawn(
      "sh",
      ["-c", `ulimit -n ${OPEN_FILES}; exec "$0" "$@"`, process.execPath, BIN, "up", "--port", "0"],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let said = "";
    for (const stream of [up.stdout, up.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => void (said += text));
    const gone = new Promise((resolve) => up.once("close", resolve));
    const until = async (pattern: RegExp): Promise<string> => {
      for (let tries = 0; tries < 800 && !pattern.test(said); tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 25));
      return pattern.exec(said)?.[1] ?? "";
    };
    const sockets: Socket[] = [];
    try {
      const port = Number(await until(/Console +http:\/\/127\.0\.0\.1:(\d+)/));
      let dropped = 0;
      for (let at = 0; at < 3 * OPEN_FILES; at += 1) {
        const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: "));
        socket.on("error", () => undefined).on("close", () => void (dropped += 1));
        sockets.push(socket);
      }
      while (dropped < OPEN_FILES) await new Promise((resolve) => setTimeout(resolve, 25));
      writeFileSync(join(root, "go"), "");
      await until(/is back|did not start/);
      expect(said).toContain("is back");
      expect(said).not.toContain("EMFILE");
    } finally {
      for (const socket of sockets) socket.destroy();
      up.kill("SIGTERM");
      await gone;
    }
  });
});
