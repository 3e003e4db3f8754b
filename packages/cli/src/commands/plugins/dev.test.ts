import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../../../../../test/end-to-end/server-fixture.ts";
import { prunella, startPrunella } from "../../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-plugin-dev-"));
let fixture: ServerFixture;
let server: string[];
beforeAll(async () => {
  fixture = await openServer();
  server = ["--data", fixture.folder];
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

it(
  "shows each call of a command with its verdict as it comes, and installs what is saved",
  { timeout: 120_000 },
  async () => {
    await prunella(["plugin", "init", "hello"], { cwd: root });
    const source = join(root, "hello/src/index.ts");
    writeFileSync(
      source,
      readFileSync(source, "utf8").replace(
        "const before",
        "await state.get(`greeted ${name}`); await fetch('https://example.org/x').catch(() => undefined);\n      const before",
      ),
    );
    const dev = startPrunella(["plugin", "dev", "hello", "--trust", ...server], { cwd: root });
    try {
      await dev.until(/Ctrl-C ends this/);
      const ran = prunella(["hello", "hi", "Ada", ...server], { cwd: root });
      await dev.until(/net\.fetch GET example\.org\/x \(net:read\) denied: hello does not declare net:read/);
      await dev.until(/state\.put \(capability:state:write\) allowed\n[\s\S]*hi completed/);
      expect((await ran).code).toBe(0);
      const { stdout } = dev.out();
      expect(stdout.indexOf("net.fetch")).toBeLessThan(stdout.indexOf("hi completed"));
      writeFileSync(source, `${readFileSync(source, "utf8")}// saved\n`);
      await dev.until(/saved: [0-9a-f]{12}/);
    } finally {
      dev.signal("SIGINT");
      await dev.ended;
    }
  },
);
