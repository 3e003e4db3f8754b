import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withVariable } from "@prunella/server/platform";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { needs } from "../../../../test/needs.ts";
import { startPrunella, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-copies-"));
const started: Started[] = [];
const cases: string[] = [];

/** A program of two processes, and how the commands start it. Both carry the name of the case. */
function openCase(crashesUntil: number) {
  const id = `${process.pid}-${cases.length}`;
  cases.push(id);
  const folder = join(root, id);
  const script = `sleep 299 & test "$PRUNELLA_RUN_ATTEMPT" -ge ${crashesUntil} || exit 3; exec sleep 300`;
  const program = ["env", `COPIES_CASE=${id}`, "sh", "-c", script];
  const policy = { backoff: { base: "400ms", max: "400ms" } };
  writeFileSync(`${folder}.yaml`, JSON.stringify({ supervise: [{ name: "shop", command: program, restart: policy }] }));
  const args = {
    run: ["run", "--data", folder, "--name", "shop", "--", ...program],
    up: ["up", "--data", folder, "--port", "0", "--config", `${folder}.yaml`],
  };
  return {
    programs: join(folder, "programs"),
    start(command: "run" | "up") {
      const prunella = startPrunella(args[command], { cwd: root });
      started.push(prunella);
      return prunella;
    },
    async kill(prunella: Started) {
      prunella.signal("SIGKILL");
      await prunella.gone;
      started.splice(started.indexOf(prunella), 1);
    },
    /** Waits until the program runs once, whole, and looks again a little later. */
    async runsOnce() {
      await expect.poll(() => namesOf(id), { timeout: 60_000 }).toEqual(["sleep", "sleep"]);
      await pause(300);
      expect(await namesOf(id)).toEqual(["sleep", "sleep"]);
    },
  };
}

afterAll(() => rmSync(root, { recursive: true, force: true }));

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const namesOf = async (id: string) => (await withVariable("COPIES_CASE", id)).map(({ row }) => row.name);

const hasProc = needs("/proc with environments", existsSync("/proc/self/environ"));

describe.skipIf(!hasProc).each(["run", "up"] as const)("kill -9 of %s", { timeout: 180_000 }, (command) => {
  afterEach(async () => {
    for (const each of started.splice(0)) {
      each.signal("SIGTERM");
      await each.ended;
    }
    // TERM leaves nothing behind, whatever was killed before it.
    for (const id of cases) expect(await namesOf(id)).toEqual([]);
  });

  test("after the start was written down: the next start ends the earlier program first", async () => {
    const shop = openCase(0);
    const first = shop.start(command);
    await shop.runsOnce();
    expect(readdirSync(shop.programs).toSorted()).toEqual(["default.shop.json", "default.shop.lock"]);
    expect(statSync(join(shop.programs, "default.shop.json")).mode & 0o777).toBe(0o600);
    await shop.kill(first);
    await shop.runsOnce();
    const second = shop.start(command);
    await second.until(/shop still runs from before.*sleep/);
    await second.until(/the earlier shop has ended/);
    await shop.runsOnce();
    expect(second.out().stderr).not.toContain("exited with code");
  });

  test("before it was written down: the mark in its environment finds it", async () => {
    const shop = openCase(0);
    const first = shop.start(command);
    await shop.runsOnce();
    await shop.kill(first);
    rmSync(shop.programs, { recursive: true });
    await shop.start(command).until(/the earlier shop has ended/);
    await shop.runsOnce();
  });

  test("while it waits for a restart: nothing runs, and the next start runs it once", async () => {
    const shop = openCase(2);
    const first = shop.start(command);
    await first.until(/restarting shop in/);
    await shop.kill(first);
    shop.start(command);
    await shop.runsOnce();
  });

  test.each([30, 600])("%i ms after a crash, about a restart: it runs once", async (ms) => {
    const shop = openCase(2);
    const first = shop.start(command);
    await first.until(/shop exited with code 3/);
    await pause(ms);
    await shop.kill(first);
    shop.start(command);
    await shop.runsOnce();
  });

  test("and a start beside a living one is refused with its pid", async () => {
    const shop = openCase(0);
    const first = shop.start(command);
    await shop.runsOnce();
    const second = shop.start("run");
    expect(await second.ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`supervised by process ${first.pid};.*not started`)),
    });
    await shop.runsOnce();
  });
});
