import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(root, "packaging/docker", name), "utf8");

interface Line {
  readonly instruction: string;
  readonly rest: string;
}

/** Instructions with what follows them; lines that go on are one. */
const linesOf = (text: string): Line[] =>
  text
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .flatMap((line) => {
      const [, instruction, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      return instruction === undefined || rest === undefined ? [] : [{ instruction, rest }];
    });

const wordsOf = (exec: string): string[] => {
  const words: unknown = JSON.parse(exec);
  return Array.isArray(words) ? words.map(String) : [];
};
const lines = linesOf(read("Dockerfile"));
const all = (instruction: string): string[] =>
  lines.filter((line) => line.instruction === instruction).map(({ rest }) => rest);
const last = lines.slice(lines.findLastIndex(({ instruction }) => instruction === "FROM"));
const only = (instruction: string): string => last.find((line) => line.instruction === instruction)?.rest ?? "";

describe("the image", () => {
  it("keeps the rules of hadolint: pinned, exec form, no root, no sudo, no ADD, a health check", () => {
    expect(lines.filter(({ instruction }) => /^(?:ADD|SHELL|MAINTAINER)$/.test(instruction))).toEqual([]);
    for (const from of all("FROM")) expect(from).toMatch(/^node:\d+\.\d+\.\d+-\w+-slim( AS \w+)?$/);
    for (const form of [...all("RUN"), ...all("CMD"), ...all("ENTRYPOINT")])
      expect(wordsOf(form).length).toBeGreaterThan(1);
    expect(read("Dockerfile")).not.toMatch(/sudo|apt-get|curl|wget|:latest/);
    for (const folder of all("WORKDIR")) expect(folder).toMatch(/^\//);
    expect(only("USER")).toBe("node");
    expect(only("HEALTHCHECK")).toContain("/readyz");
    // The same Node as everywhere else in the project.
    const manifest: { devDependencies: { node: string } } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    for (const from of all("FROM")) expect(from).toContain(`node:${manifest.devDependencies.node}-`);
  });

  it("does by its own commands, outside of a container, what it promises", async () => {
    const folder = mkdtempSync(join(tmpdir(), "prunella-image-"));
    const port = await freePort();
    // The image's folders, below one of ours; its user is whoever runs this.
    const here = (word: string): string =>
      word
        .replace(/^\/opt\/prunella/, join(folder, "built/stage"))
        .replace(/^\/var\/lib\/prunella/, join(folder, "data"))
        .replace(/^0\.0\.0\.0$/, "127.0.0.1")
        .replace("127.0.0.1:4500", `127.0.0.1:${port}`);
    try {
      const [build = ""] = all("RUN").filter((form) => form.includes("pack.ts"));
      execFileSync(process.execPath, [...wordsOf(build).slice(1), "--to", join(folder, "built")], {
        cwd: root,
        stdio: "ignore",
      });
      expect(existsSync(join(folder, "built/stage/bin/prunella.js"))).toBe(true);
      const [, ...install] = wordsOf(only("RUN")).filter(
        (word, at, words) => !/^-[og]$/.test(word) && !/^-[og]$/.test(words[at - 1] ?? ""),
      );
      execFileSync("install", install.map(here));
      const [, ...words] = [...wordsOf(only("ENTRYPOINT")), ...wordsOf(only("CMD"))].map(here);
      const child = spawn(process.execPath, [...words, "--port", String(port)], {
        cwd: join(folder, "data"),
        stdio: "ignore",
      });
      const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
      const check = wordsOf(only("HEALTHCHECK").replace(/^.*?CMD /, "")).map(here);
      const isHealthy = async (): Promise<boolean> =>
        new Promise((resolve) =>
          spawn(process.execPath, check.slice(1), { stdio: "ignore" }).once("exit", (code) => resolve(code === 0)),
        );
      expect(await isHealthy()).toBe(false);
      await expect.poll(isHealthy, { timeout: 120_000, interval: 500 }).toBe(true);
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      expect(await isHealthy()).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 400_000);
});

it("compose takes passwords from files, publishes on loopback alone, and lets nothing more than is needed", () => {
  const text = read("compose.yaml");
  expect(text).not.toMatch(/POSTGRES_PASSWORD:|:latest|privileged: true/);
  for (const [, ports = ""] of text.matchAll(/^ +ports: (\[.*\])$/gm))
    expect(wordsOf(ports).filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  for (const word of ["read_only: true", 'cap_drop: ["ALL"]', "no-new-privileges:true", "service_healthy"])
    expect(text).toContain(word);
  // The same command as the image's, with the configuration.
  const cmd = wordsOf(only("CMD")).join('", "');
  expect(text).toContain(cmd);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
