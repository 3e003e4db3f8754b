import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processOf } from "@prunella/server";
import { afterAll, describe, expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { BIN } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-terminal-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const hasPython = needs("python3", spawnSync("python3", ["-c", "import pty"]).status === 0);

/**
 * Gives a command a terminal of its own. Lines on stdin are steps: `see TEXT` waits until it was
 * printed, `type TEXT` types it, `pause MS`, `resize`. Prints what the command printed and how it ended.
 */
const TYPIST = String.raw`
import fcntl, os, pty, select, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen, at = b"", 0
def read(seconds):
    global seen
    if not select.select([fd], [], [], seconds)[0]: return True
    try: more = os.read(fd, 65536)
    except OSError: more = b""
    seen += more
    return more != b""
for step in sys.stdin.read().splitlines():
    word, _, rest = step.partition(" ")
    if word == "see":
        wanted, end = rest.encode(), time.time() + 20
        while wanted not in seen[at:]:
            if time.time() > end or not read(.1): break
        found = seen.find(wanted, at)
        if found < 0: sys.stdout.write("NOT SEEN: " + rest + "\n"); os.kill(pid, 15); break
        at = found + len(wanted)
    elif word == "type": os.write(fd, rest.encode().decode("unicode_escape").encode())
    elif word == "pause": time.sleep(int(rest) / 1000)
    elif word == "resize": fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 90, 0, 0))
end = time.time() + 20
while time.time() < end and read(.1): pass
sys.stdout.write(seen.decode() + "EXIT " + str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
`;

function typed(program: readonly string[], steps: readonly string[]): Promise<string> {
  const run = [process.execPath, BIN, "run", "--data", join(root, "data"), "--name", "shop", "--", ...program];
  const child = spawn("python3", ["-c", TYPIST, ...run], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(steps.join("\n"));
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text));
  return new Promise((resolve) => child.once("close", () => resolve(out)));
}

describe.skipIf(!hasPython)("a program under run in a terminal", { timeout: 60_000 }, () => {
  test("has the terminal as its own: /dev/tty, its size, its input, also after a restart", async () => {
    const script = [
      "trap 'echo resized' WINCH",
      'echo asks > /dev/tty; read -r answer < /dev/tty; echo "got $answer"',
      'test "$PRUNELLA_RUN_ATTEMPT" = 1 || exit 3',
      "echo waits; while :; do sleep 0.05; done",
    ].join("\n");
    const out = await typed(
      ["sh", "-c", script],
      [
        "see asks",
        "type one\\n",
        "see got one",
        "see asks",
        "type two\\n",
        "see got two",
        "see waits",
        "resize",
        "see resized",
        "type \\x03",
      ],
    );
    expect(out).not.toContain("NOT SEEN");
    expect(out).toContain("EXIT 130");
  });

  test("gets each Ctrl-C once, and may go on after it; the third in a row kills", async () => {
    const out = await typed(
      ["sh", "-c", "trap 'n=$((n + 1)); echo \"interrupt $n\"' INT; echo ready; while :; do sleep 0.05; done"],
      [
        "see ready",
        "type \\x03",
        "see interrupt 1",
        "pause 700",
        "type \\x03",
        "see shop goes on; once more kills it",
        "pause 700",
        "type \\x03",
      ],
    );
    expect(out).not.toContain("NOT SEEN");
    expect(out).not.toContain("interrupt 4");
    expect(out).toContain("EXIT 137");
  });

  test("leaves nothing that it had started when it crashes", async () => {
    const left = join(root, "left");
    const out = await typed(
      ["sh", "-c", `test "$PRUNELLA_RUN_ATTEMPT" = 1 || { sleep 296 & echo $! > ${left}; exit 3; }; echo over`],
      ["see over"],
    );
    expect(out).toMatch(/ended what shop had left running: sleep/);
    expect(processOf(Number(readFileSync(left, "utf8")))).toBeNull();
    expect(out).toContain("EXIT 0");
  });
});
