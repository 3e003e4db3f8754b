import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { BIN, field, list, prunella, startPrunella, text, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-events-"));
const data = join(root, "data");
const say = (...args: string[]) => prunella([...args, "--data", data]);
const json = async (...args: string[]): Promise<unknown> => JSON.parse((await say(...args, "--json")).stdout);
const hasPython = needs("python3", spawnSync("python3", ["-c", "import pty"]).status === 0);

let server: Started;
let fault = "";

/** One that crashes, and waits for a person. */
async function crash(name: string): Promise<void> {
  const script = `echo "Error: ${name} has no stock left for any of the carts" >&2; exit 3`;
  const run = startPrunella(["run", "--data", data, "--max-restarts", "0", "--name", name, "--", "sh", "-c", script]);
  await run.until(/You decide/);
  run.signal("SIGTERM");
  await run.ended;
}

beforeAll(async () => {
  server = startPrunella(["up", "--no-demo", "--port", "0", "--data", data]);
  await server.until(/Ctrl-C stops/);
  await crash("shop");
  fault = text(list(await json("faults", "--status", "all"), "faults")[0], "id");
}, 60_000);
afterAll(async () => {
  server.signal("SIGTERM");
  await server.ended;
  rmSync(root, { recursive: true, force: true });
});

describe("events", { timeout: 60_000 }, () => {
  test("of a fault are its kept ones, of all the newest of each", async () => {
    for (const page of [await json("events", fault), await json("events")]) {
      expect(page).toMatchObject({ next: null });
      expect(list(page, "events")).toMatchObject([{ fault_id: fault, event: { exit_code: 3 } }]);
    }
    expect((await say("events", fault.slice(-8))).stdout).toContain("no stock");
  });

  test("are told as they come in while they are followed, each with what was added", async () => {
    const tail = startPrunella(["events", "--follow", "--json", "--data", data]);
    // It says nothing before something happens: the same crash again and again until it does.
    let isTold = false;
    const told = tail.until(/\n/).then(() => void (isTold = true));
    for (let tries = 0; tries < 5 && !isTold; tries += 1) await crash("shop");
    await told;
    const [line = ""] = tail.out().stdout.split("\n");
    const one: unknown = JSON.parse(line);
    expect(one).toMatchObject({ fault_id: fault, level: expect.any(String), title: expect.stringContaining("stock") });
    expect(field(one, "added")).toBeGreaterThan(0);
    tail.signal("SIGINT");
    await tail.ended;
  });
});

/** Runs a command with a terminal of so many columns. */
const TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 30, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
while True:
    try: more = os.read(fd, 65536)
    except OSError: break
    if not more: break
    sys.stdout.buffer.write(more)
`;

describe.skipIf(!hasPython).each([60, 80, 120])("in a terminal of %i columns", { timeout: 60_000 }, (width) => {
  test.each([
    "status",
    "programs",
    "faults",
    "events",
    "attempts",
    "escalations",
    "triggers",
    "projects",
    "ledger",
    "doctor",
  ])("what %s prints is not wider, but for what is to be copied whole", (command) => {
    const { stdout } = spawnSync(
      "python3",
      ["-c", TERMINAL, String(width), process.execPath, BIN, ...command.split(" "), "--data", data],
      { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
    );
    expect(stdout.trim()).not.toBe("");
    const wide = stdout.split(/\r?\n/).filter((line) => {
      const words = line.trim();
      const isWhole = /prunella/.test(words) || !/\s/.test(words.replace(/^\w+ +/, ""));
      return [...line].length > width && !isWhole;
    });
    expect(wide).toEqual([]);
  });
});
