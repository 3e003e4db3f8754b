import { Writable } from "node:stream";
import { Config } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { openLog, safeLog, secretsOf, type LogLevel } from "./log-lines.ts";

const at = new Date(2026, 10, 29, 8, 5, 7);

async function written(level: LogLevel, isTTY: boolean, secrets: readonly string[], say: (text: string) => string[]) {
  let text = "";
  const write = (chunk: unknown, _: string, done: () => void): void => {
    text += String(chunk);
    done();
  };
  const out = Object.assign(new Writable({ decodeStrings: false, write }), { isTTY });
  const log = safeLog(await openLog({ level, out, now: () => at }), { secrets });
  for (const message of say("info")) log.info(message);
  for (const message of say("warn")) log.warn(message);
  return text;
}

// Put together here, so that nothing of the kind stands in the repository.
const github = ["ghp", "_", "a1B2c3D4".repeat(4), "e5F6"].join("");
const operator = Buffer.from("a token of 32 bytes, as a server's").toString("base64url");

describe("lines of the log", () => {
  it("are JSON where no terminal is, one object a line, with a level in words", async () => {
    const text = await written("info", false, [], (level) => [`${level}: a\nb`]);
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { level: "info", time: at.toISOString(), pid: process.pid, msg: "info: a b" },
      { level: "warn", time: at.toISOString(), pid: process.pid, msg: "warn: a b" },
    ]);
  });

  it("are readable in a terminal, and tell it nothing that it would obey", async () => {
    const text = await written("warn", true, [], () => ["red\u001b[31m and \u202eback"]);
    expect(text).toBe("08:05:07 prunella: red [31m and  back\n");
  });

  it.each([
    ["info", 2],
    ["warn", 1],
    ["silent", 0],
  ] as const)("begin at the level %s", async (level, lines) => {
    for (const isTTY of [true, false])
      expect((await written(level, isTTY, [], () => ["a case"])).split("\n")).toHaveLength(lines + 1);
  });

  it("never hold a token that stands in an error, whatever its form and wherever it is cut", async () => {
    for (const isTTY of [true, false]) {
      const text = await written("info", isTTY, [operator], () => [
        `request failed: 401 for ${github}`,
        `Authorization: Bearer ${operator}`,
        `${"x".repeat(1_990)}${operator}`,
        new Error(`connect postgres://prunella:${operator}@db/prunella`).message,
      ]);
      for (const secret of [github, operator])
        for (const part of [secret, secret.slice(0, 12), secret.slice(-12)]) expect(text).not.toContain(part);
      expect(text).toContain("request failed: 401");
    }
  });

  it("know the password of the database in both of its spellings", () => {
    const password = ["p@ss", "w0rd/2026"].join("-");
    const url = `postgres://prunella:${encodeURIComponent(password)}@db/prunella`;
    const secrets = secretsOf(Config.parse({ store: { url } }));
    expect(secrets).toEqual(expect.arrayContaining([url, password, encodeURIComponent(password)]));
    expect(secretsOf(Config.parse({}))).toEqual([]);
  });
});
