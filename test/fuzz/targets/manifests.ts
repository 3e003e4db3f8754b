import { problemLine, readManifest, type PluginProblem } from "@prunella/contract/plugins";
import { readPlugin } from "@prunella/ouroboros";
import type { Target } from "../target.ts";

const OURS = {
  manifestVersion: 1,
  name: "hello",
  version: "0.1.0",
  description: "Says hello.",
  license: "MIT",
  kind: "local",
  entry: "src/index.ts",
  engines: { prunella: ">=0.1.0" },
  namespace: "hello",
  commands: [{ name: "hi", summary: "Says hi", risk: "read_only", input: { properties: { a: { type: "string" } } } }],
};
const OUROBOROS = {
  schema_version: "0.6",
  name: "hello",
  version: "0.1.0",
  source: { type: "local_path", path: "hello" },
  commands: [{ namespace: "hello", name: "hi", summary: "Says hi.", usage: "hello hi", risk: "read_only" }],
  capabilities: [{ name: "ledger", access: "read" }],
  permissions: [{ scope: "a:b", risk: "write", required: true }],
  entrypoint: { type: "command", command: "python -m 'hello'" },
  hooks: [{ name: "on_error", entrypoint: { type: "command", command: "sh x" }, failure_policy: "fail_open" }],
};

/** What an author wrote is taken whole or refused, and told in lines that a terminal can show. */
export const manifestTarget: Target = {
  name: "manifest",
  corpus: () => [OURS, OUROBOROS].map((one) => JSON.stringify(one)),
  words: [
    '"__proto__":',
    '"x-y":',
    '"kind":"program"',
    '"program":{"command":[""]}',
    "\\u0000",
    "'",
    '\\"',
    "[[",
    "1e999",
    ":",
    "0.5",
  ],
  run(bytes) {
    const text = bytes.toString("utf8");
    for (const read of [readManifest(text, "a/prunella.plugin.json"), readPlugin(text, "a/ouroboros.plugin.json")])
      if (read.kind === "invalid") assertTold(read.problems);
      else if (readManifest(JSON.stringify(read.manifest)).kind !== "manifest")
        throw new Error("what was taken as a manifest is none when it is read again");
  },
};

function assertTold(problems: readonly PluginProblem[]): void {
  if (problems.length === 0) throw new Error("it was refused without a word");
  for (const problem of problems)
    if (problem.expected.length < 4 || /[\p{Cc}\u2028\u2029\u202a-\u202e]/u.test(problemLine(problem)))
      throw new Error(`a mistake is told in a way that nobody can show: ${JSON.stringify(problem)}`);
}
