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

/** What breaks each rule that an image such as ours could break; those of other package managers cannot. */
const RULES: Readonly<Record<string, (of: readonly Line[]) => unknown[]>> = {
  DL3000: (of) => of.filter(({ instruction, rest }) => instruction === "WORKDIR" && !rest.startsWith("/")),
  DL3002: (of) =>
    of
      .filter(({ instruction }) => instruction === "USER")
      .slice(-1)
      .filter(({ rest }) => /^(?:root|0)\b/.test(rest)),
  DL3003: (of) => runs(of).filter((rest) => /(?:^|&& *)cd /.test(rest)),
  DL3004: (of) => runs(of).filter((rest) => /\bsudo\b/.test(rest)),
  DL3006: (of) => froms(of).filter(({ image, isStage }) => !isStage && !image.includes(":")),
  DL3007: (of) => froms(of).filter(({ image }) => image.endsWith(":latest")),
  DL3011: (of) =>
    of.filter(
      ({ instruction, rest }) =>
        instruction === "EXPOSE" && rest.split(" ").some((port) => !(Number.parseInt(port, 10) <= 65_535)),
    ),
  DL3012: (of) => of.filter(({ instruction }) => instruction === "HEALTHCHECK").slice(1),
  DL3016: (of) => runs(of).filter((rest) => /npm (?:install|i) (?!-).*[^@\d]$/.test(rest)),
  DL3020: (of) => of.filter(({ instruction }) => instruction === "ADD"),
  DL3021: (of) => copies(of).filter((words) => words.length > 2 && !words.at(-1)?.endsWith("/")),
  DL3022: (of) => {
    const known = froms(of).map(({ alias }) => alias);
    return of
      .flatMap(({ instruction, rest }) => (instruction === "COPY" ? [...rest.matchAll(/--from=(\S+)/g)] : []))
      .filter(([, from]) => !known.includes(from ?? null));
  },
  DL3024: (of) => {
    const aliases = froms(of).flatMap(({ alias }) => (alias === null ? [] : [alias]));
    return aliases.filter((alias, at) => aliases.indexOf(alias) !== at);
  },
  DL3025: (of) =>
    of.filter(({ instruction, rest }) => /^(?:CMD|ENTRYPOINT)$/.test(instruction) && !rest.startsWith("[")),
  DL3029: (of) => of.filter(({ instruction, rest }) => instruction === "FROM" && rest.includes("--platform")),
  DL3045: (of) =>
    copies(of).filter(
      (words, at) =>
        at === 0 && !words.at(-1)?.startsWith("/") && !of.some(({ instruction }) => instruction === "WORKDIR"),
    ),
  DL3048: (of) =>
    of
      .flatMap(({ instruction, rest }) => (instruction === "LABEL" ? [...rest.matchAll(/([^\s="]+)=/g)] : []))
      .filter(([, key = ""]) => !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(key)),
  DL3057: (of) => (of.length > 3 && !of.some(({ instruction }) => instruction === "HEALTHCHECK") ? ["none"] : []),
  DL3059: (of) => of.filter(({ instruction }, at) => instruction === "RUN" && of[at - 1]?.instruction === "RUN"),
  DL3061: (of) => of.slice(0, 1).filter(({ instruction }) => !/^(?:FROM|ARG)$/.test(instruction)),
  DL4000: (of) => of.filter(({ instruction }) => instruction === "MAINTAINER"),
  DL4003: (of) => inLastStage(of, "CMD").slice(1),
  DL4004: (of) => inLastStage(of, "ENTRYPOINT").slice(1),
  DL4006: (of) =>
    of.some(({ instruction, rest }) => instruction === "SHELL" && rest.includes("pipefail"))
      ? []
      : runs(of).filter((rest) => /[^|]\|[^|]/.test(rest)),
};
const runs = (of: readonly Line[]): string[] =>
  of.filter(({ instruction }) => instruction === "RUN").map(({ rest }) => rest);
const copies = (of: readonly Line[]): string[][] =>
  of
    .filter(({ instruction }) => instruction === "COPY")
    .map(({ rest }) => rest.split(" ").filter((word) => !word.startsWith("--")));
const inLastStage = (of: readonly Line[], wanted: string): Line[] =>
  of
    .slice(of.findLastIndex(({ instruction }) => instruction === "FROM"))
    .filter(({ instruction }) => instruction === wanted);
function froms(of: readonly Line[]): { image: string; alias: string | null; isStage: boolean }[] {
  const seen: string[] = [];
  return of
    .filter(({ instruction }) => instruction === "FROM")
    .map(({ rest }) => {
      const [image = "", , alias = null] = rest.split(" ").filter((word) => !word.startsWith("--"));
      const isStage = seen.includes(image);
      if (alias !== null) seen.push(alias);
      return { image, alias, isStage };
    });
}

describe("the image", () => {
  it.each(Object.entries(RULES))("keeps hadolint's rule %s", (_rule, broken) => {
    expect(broken(lines)).toEqual([]);
  });

  it.each([
    ["DL3059", "RUN a\nRUN b"],
    ["DL4006", "RUN a | b"],
    ["DL3007", "FROM node:latest"],
    ["DL3006", "FROM node"],
    ["DL3022", "FROM a:1\nCOPY --from=other /a /b"],
    ["DL3025", "CMD node a.js"],
    ["DL3002", "FROM a:1\nUSER root"],
    ["DL3048", "LABEL A_b=1"],
  ])("sees what breaks %s", (rule, text) => {
    expect(RULES[rule]?.(linesOf(text))).not.toEqual([]);
  });

  it("has the Node of the project, a health check that asks whether it is ready, and fetches nothing but packages", () => {
    const manifest: { devDependencies: { node: string } } = JSON.parse(
      readFileSync(join(root, "package.json"), "utf8"),
    );
    for (const from of all("FROM"))
      expect(from).toMatch(new RegExp(`^node:${manifest.devDependencies.node}-[a-z]+-slim( AS [a-z]+)?$`));
    expect(only("USER")).toBe("node");
    expect(only("HEALTHCHECK")).toContain("/readyz");
    expect(read("Dockerfile")).not.toMatch(/apt-get|curl|wget/);
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
      const [, pack = ""] = /&& node (.*pack\.ts.*)$/.exec(all("RUN")[0] ?? "") ?? [];
      execFileSync(process.execPath, [...pack.split(" "), "--to", join(folder, "built")], {
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
