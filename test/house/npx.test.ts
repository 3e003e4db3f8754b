import { expect, it } from "vitest";
import { read, trackedFiles } from "./files.ts";

/** What people copy from: pages, sources, messages. A test may write down what is refused. */
const files = trackedFiles().filter(
  (path) =>
    /\.(?:md|ts|tsx|js|mjs|ya?ml|json|sh|html|svg)$|(?:^|\/)(?:Dockerfile|run)$/.test(path) &&
    !path.endsWith(".test.ts"),
);

/** Nobody of ours has the name \`prunella\` at the registry: outside of a checkout npx would fetch and run what has. */
const BARE = /\b(?:npx|bunx|pnpx|pnpm dlx|yarn dlx|npm exec|npm x)(?: +-[^\s`]+)* +(?:--package[= ])?prunella\b/g;
const isSafe = (line: string): boolean => / --no-install\b| --no\b/.test(line);

it("no line lets npx fetch a package that is not ours", () => {
  const found = files.flatMap((path) =>
    [...read(path).matchAll(BARE)].filter(([line]) => !isSafe(line)).map(([line]) => `${path}: ${line}`),
  );
  expect(found).toEqual([]);
});

it("sees such a line", () => {
  for (const line of ["npx prunella faults", "npx -y prunella up", "npm exec prunella", "pnpm dlx prunella"])
    expect([...line.matchAll(BARE)].filter(([each]) => !isSafe(each))).toHaveLength(1);
  expect([..."npx --no-install prunella faults".matchAll(BARE)].filter(([each]) => !isSafe(each))).toEqual([]);
});

it("the packages are of our scope, so that nobody else can publish under their names", () => {
  const manifests = files.filter((path) => /^packages\/[^/]+\/package\.json$/.test(path));
  expect(manifests.length).toBeGreaterThan(5);
  expect(manifests.filter((path) => !/"name": "@prunella\//.test(read(path)))).toEqual([]);
});
