import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { list, prunella, startPrunella, text, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-triage-"));
const data = join(root, "data");
let up: Started;
let id = "";

beforeAll(async () => {
  up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data, "--json"], { cwd: root });
  await up.until(/\n/);
  const run = ["run", "--name", "shop", "--max-restarts", "0", "--data", data, "--"];
  const program = startPrunella([...run, "sh", "-c", "echo 'fatal: no stock' >&2; exit 9"]);
  await program.until(/ decide ([0-9a-f]{8})/);
  program.signal("SIGINT");
  await program.ended;
  const { stdout } = await prunella(["faults", "--data", data, "--json"]);
  const found: unknown = JSON.parse(stdout);
  id = text(list(Array.isArray(found) ? { faults: found } : found, "faults")[0], "id").slice(-8);
}, 90_000);
afterAll(async () => {
  up.signal("SIGTERM");
  await up.ended;
  rmSync(root, { recursive: true, force: true });
});

const say = (...words: string[]) => prunella(["fault", id, ...words, "--data", data]);

test(
  "a fault is assigned, noted and snoozed as typed, shown with it, and each is taken back",
  { timeout: 90_000 },
  async () => {
    expect((await say("assign", "mia", "from", "shop")).stdout).toContain("looked after by mia from shop");
    expect((await say("note", "no", "stock")).stdout).toMatch(new RegExp(`Undo: .* fault ${id} undo`));
    expect((await say("snooze", "--events", "5", "--for", "2h")).stdout).toMatch(
      /is muted until .* UTC or 5 more events/,
    );
    const shown = (await say()).stdout;
    expect(shown).toMatch(/assigned {4}mia from shop/);
    expect(shown).toMatch(/Notes\n {2}operator, .*\n {4}no stock/);
    expect((await say("undo")).stdout).toContain("Taken back: snooze.");
    expect((await say("assign", "--nobody")).stdout).not.toContain("mia");
    // Nothing that crashed by itself names a release.
    expect((await say("resolve", "--in-next-release")).stderr).toContain("names a release");
    expect((await prunella(["resolve", id, "--data", data])).stdout).toContain("is resolved");
    expect((await say("undo")).stdout).toContain(`${id} is open`);
  },
);

test("what cannot be said is refused with what could be", { timeout: 90_000 }, async () => {
  for (const [words, why] of [
    [["snooze"], "Say until when"],
    [["assign"], "Say whom"],
    [["note"], "Say what"],
    [["shout"], "one of: resolve, mute"],
    [["mute", "it"], "takes no words"],
    [["snooze", "--until", "tomorrow"], "not a moment"],
    [["snooze", "--for", "1h", "--until", "2099-01-01T00:00Z"], "not both"],
  ] as const)
    expect(await say(...words)).toMatchObject({ code: 1, stderr: expect.stringContaining(why) });
});

test("a pause is lifted by the reason that it was given, unless two have it", { timeout: 90_000 }, async () => {
  const all = (...words: string[]) => prunella([...words, "--data", data]);
  await all("pause", "default", "--reason", "deploy of 2.0");
  await all("pause", "default", "--trigger", "restart-shop", "--reason", "deploy of 2.0");
  expect((await all("resume", "deploy of 2.0")).stderr).toContain("deploy of 2.0 means 2 pauses");
  expect((await all("resume", "deploy of 2.0", "--trigger", "restart-shop")).stdout).toContain(
    "Lifted: deploy of 2.0.",
  );
  expect((await all("resume", "deploy of 2.0")).stdout).toContain("what was held back is judged again");
  expect((await all("pause", "--list")).stdout).toContain("Nothing is paused.");
  // A program is named as lists show it.
  expect((await all("approve", "restart", "shop", "--reason", "known")).stderr).not.toContain(
    "a target is <kind>:<id>",
  );
});
