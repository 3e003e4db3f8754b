import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { prunella, startPrunella } from "./cli-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-reload-"));
const file = join(folder, "prunella.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trigger = (name: string, rest = "") =>
  `triggers:\n  - name: ${name}\n    when: { target: "program:web" }\n${rest}`;
const write = (text: string) => writeFileSync(file, text);
const ask = (...args: string[]) => prunella([...args, "--data", folder, "--json"], { cwd: folder });
const names = async (): Promise<string[]> => {
  const { triggers } = JSON.parse((await ask("triggers")).stdout);
  return triggers.map(({ id }: { id: string }) => id);
};

test(
  "a running server takes a good file whole, a bad one not at all, and SIGHUP like the command",
  { timeout: 120_000 },
  async () => {
    write(trigger("one"));
    const server = startPrunella(["up", "--data", folder, "--config", file, "--port", "0", "--no-demo", "--json"], {
      cwd: folder,
    });
    await server.until(/"url"/);
    try {
      expect(await names()).toEqual(["one"]);

      write(
        `server: { log_level: warn }\n${trigger("two")}probes:\n  - { name: room, kind: disk, settings: { path: / } }\n`,
      );
      const good = await ask("reload");
      expect(JSON.parse(good.stdout)).toMatchObject({
        changed: ["probes", "triggers"],
        needs_restart: ["server.log_level"],
        registered: ["two"],
        removed: ["one"],
      });
      expect(await names()).toEqual(["two"]);
      expect(JSON.parse((await ask("probes")).stdout)).toMatchObject({ probes: [{ name: "room" }] });
      const ledger = await ask("ledger", "show");
      expect(ledger.stdout).toContain("config_reloaded");

      write(trigger("three", "    mode: dryrun\n    budgts: []\n"));
      const bad = await ask("reload");
      expect(bad.code).toBe(1);
      expect(bad.stderr + bad.stdout).toMatch(/prunella\.yaml:4:5: triggers\.0\.mode: .*did you mean dry_run/);
      expect(bad.stderr + bad.stdout).toMatch(/prunella\.yaml:5:5: triggers\.0\.budgts: .*did you mean budgets/);
      expect(await names()).toEqual(["two"]);

      // Told only by the rules of a registration, not by the schema.
      write(trigger("three", "    remedies: [{ do: restart, args: { hard: true } }]\n"));
      expect((await ask("reload")).code).toBe(1);
      expect(await names()).toEqual(["two"]);

      write(trigger("four"));
      server.signal("SIGHUP");
      await server.until(/read again/);
      expect(await names()).toEqual(["four"]);
      write("triggers: 7\n");
      server.signal("SIGHUP");
      await server.until(/stays as it is/);
      expect(await names()).toEqual(["four"]);
    } finally {
      server.signal("SIGTERM");
      await server.ended;
    }
  },
);
