import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prunella, startPrunella, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-programs-"));
const data = join(root, "data");
let up: Started;

beforeAll(async () => {
  const command = ["sh", "-c", "echo ready; trap 'exit 0' TERM; while :; do sleep 0.05; done"];
  writeFileSync(join(root, "prunella.yaml"), JSON.stringify({ supervise: [{ name: "shop", command }] }));
  up = startPrunella(["up", "--port", "0", "--data", data, "--config", join(root, "prunella.yaml")], { cwd: root });
  await up.until(/shop \| ready/);
});
afterAll(async () => {
  up.signal("SIGTERM");
  await up.ended;
  rmSync(root, { recursive: true, force: true });
});
const say = (...args: string[]) => prunella([...args, "--data", data]);

describe("a supervised program by hand", () => {
  test("is listed, stopped, started and restarted, each told with what became of it", async () => {
    expect((await say("programs")).stdout).toMatch(/shop +running/);
    expect((await say("stop", "shop")).stdout).toContain(
      `shop is stopped; no policy starts it. Start it: npx --no-install prunella --data ${data} start shop`,
    );
    const stopped = (await say("programs")).stdout;
    expect(stopped).toMatch(/shop +stopped/);
    // Eighty columns hold it, with a name as long as most.
    for (const line of stopped.split("\n")) expect(line.length).toBeLessThanOrEqual(72);
    const again = await say("stop", "shop");
    expect(again).toMatchObject({ code: 3, stdout: expect.stringContaining("target_already_healthy") });
    expect((await say("start", "shop")).stdout).toMatch(/shop was started \(pid \d+\)/);
    expect((await say("restart", "shop")).stdout).toMatch(/shop was restarted \(pid \d+\)/);
    const listed: unknown = JSON.parse((await say("programs", "--json")).stdout);
    expect(listed).toMatchObject({
      programs: [{ name: "shop", state: "running", restarts: 2, restarts_day: 2 }],
      next: null,
    });
    expect((await say("attempts")).stdout).toMatch(/restart/);
  });

  test("that crashed is listed with how it ended, and with the command that answers its question", async () => {
    const crash = startPrunella(
      [
        "run",
        "--name",
        "crasher",
        "--max-restarts",
        "0",
        "--data",
        data,
        "--",
        "sh",
        "-c",
        "echo no stock left >&2; exit 9",
      ],
      { cwd: root },
    );
    const [, id = ""] = await crash.until(/ decide ([0-9a-f]{8})/);
    const { stdout } = await say("programs");
    expect(stdout).toMatch(/crasher +down +\S.* 0 +0 +code 9, /);
    expect((await say("logs", "crasher")).stdout).toContain("no stock left");
    expect((await say("logs", "crahser")).stderr).toContain("did you mean crasher?");
    expect(JSON.parse((await say("logs", "crasher", "--json")).stdout)).toMatchObject({ lines: ["no stock left"] });
    expect(stdout).toContain(
      `crasher waits for you:\n  npx --no-install prunella --data ${data} decide ${id} restart_once\n`,
    );
    crash.signal("SIGTERM");
    await crash.ended;
  });

  test("that nobody supervises is told with the nearest name", async () => {
    const { code, stderr } = await say("stop", "shpo");
    expect(code).toBe(1);
    expect(stderr).toContain("did you mean shop?");
  });
});
