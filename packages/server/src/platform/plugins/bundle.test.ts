import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

const make = (text = "export default 1") =>
  bundle({
    files: [{ kind: "file", path: "index.ts", bytes: Buffer.from(text), mode: "0644" }],
    entry: "index.ts",
    banner: "",
    ours: null,
  });

/** Processes of the bundler that are children of this one. */
const bundlers = (): string[] =>
  spawnSync("pgrep", ["-P", String(process.pid), "esbuild"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);

test("leaves no process of the bundler behind, also when several are bundled at once", async () => {
  const made = await Promise.all([make(), make("export default 2"), make("export default 3")]);
  expect(made.map(({ bytes }) => /\d/.exec(bytes.toString())?.[0])).toEqual(["1", "2", "3"]);
  await expect.poll(bundlers).toEqual([]);
});

test("a bundler that was killed is said so, and the next one runs", async () => {
  const large = Array.from(
    { length: 60_000 },
    (_, at) => `export const value${at} = { at: ${at}, text: "${"x".repeat(40)}" };`,
  );
  const making = make(large.join("\n"));
  const said = expect(making).rejects.toThrow(/index\.ts: the bundler did not run: /);
  await expect.poll(() => bundlers().length, { interval: 1 }).toBe(1);
  execFileSync("kill", ["-9", ...bundlers()]);
  await said;
  expect((await make()).bytes.length).toBeGreaterThan(0);
});
