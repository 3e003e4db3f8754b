import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { prunella, startPrunella, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-stop-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes 1.5 s to end after `signal`. */
const drains = (signal: string) => [
  "sh",
  "-c",
  `trap 'echo draining; sleep 1.5; echo drained; exit 0' ${signal}; echo ready; while :; do sleep 0.05; done`,
];
const DEAF = ["sh", "-c", "trap '' TERM INT; echo ready; while :; do sleep 0.05; done"];

let count = 0;
async function upWith(program: Readonly<Record<string, unknown>>): Promise<Started> {
  count += 1;
  const folder = join(root, String(count));
  writeFileSync(`${folder}.yaml`, JSON.stringify({ supervise: [{ name: "shop", ...program }] }));
  const up = startPrunella(["up", "--port", "0", "--data", folder, "--config", `${folder}.yaml`], { cwd: root });
  await up.until(/shop \| ready/);
  return up;
}
async function runWith(command: readonly string[], ...options: string[]): Promise<Started> {
  count += 1;
  const run = startPrunella([
    "run",
    "--data",
    join(root, String(count)),
    "--name",
    "shop",
    ...options,
    "--",
    ...command,
  ]);
  await run.until(/ready/);
  return run;
}

describe("a stop of up", () => {
  test("gives a program the time that it needs, and says so meanwhile", async () => {
    const up = await upWith({ command: drains("TERM") });
    up.signal("SIGTERM");
    await up.until(/stopping shop \(at most 10 s\)/);
    const { code, stdout } = await up.ended;
    expect(code).toBe(0);
    expect(stdout).toContain("shop | drained");
  });

  test("asks with the signal that the program knows", async () => {
    const up = await upWith({ command: drains("QUIT"), stop_signal: "SIGQUIT" });
    up.signal("SIGINT");
    expect((await up.ended).stdout).toContain("shop | drained");
  });

  test("kills a program that goes on after its grace", async () => {
    const up = await upWith({ command: DEAF, stop_grace: "300ms" });
    up.signal("SIGTERM");
    const { code, stdout } = await up.ended;
    expect(code).toBe(0);
    expect(stdout).toContain("shop did not end within 0.3 s of SIGTERM and was killed");
  });

  test("kills at once at a second signal, and a copy that npm passes on is none", async () => {
    const up = await upWith({ command: DEAF, stop_grace: "1m" });
    up.signal("SIGINT");
    up.signal("SIGTERM");
    await up.until(/stopping shop \(at most 60 s\)/);
    // What says that it still waits comes three seconds after the first.
    await up.until(/still waiting for shop \(5\d s left\)/);
    up.signal("SIGTERM");
    // The output of the program is closed as well: nothing of it is left.
    expect(await up.ended).toMatchObject({ code: 130 });
  });
});

describe("a stop of run", () => {
  test("gives the program its grace and ends with its code", async () => {
    const run = await runWith(drains("TERM"));
    run.signal("SIGTERM");
    await run.until(/prunella: stopping shop \(at most 10 s\); a second signal kills at once/);
    expect(await run.ended).toMatchObject({ code: 0, stdout: "ready\ndraining\ndrained\n" });
  });

  test("kills a program that ignores TERM after --stop-grace", async () => {
    const run = await runWith(DEAF, "--stop-grace", "200ms");
    run.signal("SIGTERM");
    expect(await run.ended).toMatchObject({
      code: 137,
      stderr: expect.stringContaining("shop did not end within 0.2 s of SIGTERM and was killed"),
    });
  });

  test("kills it at the second TERM", async () => {
    const run = await runWith(DEAF, "--stop-grace", "10m");
    run.signal("SIGTERM");
    await run.until(/still waiting for shop/);
    run.signal("SIGTERM");
    expect((await run.ended).code).toBe(137);
  });

  test("takes only a duration for --stop-grace", async () => {
    const { code, stderr } = await prunella(["run", "--stop-grace", "soon", "--", "true"]);
    expect(code).toBe(1);
    expect(stderr).toContain("--stop-grace soon is not a duration");
  });

  test("stops the program with us at Ctrl-Z, and lets it go on with us", async () => {
    const run = await runWith(["sh", "-c", "echo ready; while :; do echo tick; sleep 0.05; done"]);
    run.signal("SIGTSTP");
    let before = -1;
    for (let tries = 0; run.out().stdout.length !== before && tries < 50; tries += 1) {
      before = run.out().stdout.length;
      await pause(400);
    }
    expect(run.out().stdout.length).toBe(before);
    run.signal("SIGCONT");
    while (run.out().stdout.length === before) await pause(20);
    run.signal("SIGTERM");
    await run.ended;
  });
});
