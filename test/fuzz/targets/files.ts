import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStack, readCause, scrubText } from "@prunella/scrub";
import { aMap } from "../../../packages/kernel/src/sourcemaps/source-map-fixture.ts";
import { checkMap } from "../../../packages/kernel/src/sourcemaps/check-map.ts";
import { loadConfig } from "../../../packages/server/src/config.ts";
import { assertGone, PLANTED } from "../planted.ts";
import { allowLateRefusal, samplesIn, type Target } from "../target.ts";

export const sourceMapTarget: Target = {
  name: "source-map",
  corpus: () => [
    JSON.stringify(aMap()),
    JSON.stringify({ version: 3, sections: [{ offset: { line: 0, column: 0 }, map: aMap() }] }),
    JSON.stringify({ ...aMap(), debugId: "6f1c8f3e-1111-4222-8333-444455556666", names: ["a", "b"], file: "app.js" }),
  ],
  words: ['"mappings":"', "AAAA", ";", ",", "gggggggB", '"sections":', '"sources":', '"names":', "-1", "1e9", ")]}'\n"],
  async run(bytes) {
    const given = bytes.toString("utf8");
    const planted = given.replace(
      '"sourcesContent":[',
      `"sourcesContent":[${JSON.stringify(`x = 1\n${PLANTED[0]}\n`)},`,
    );
    const read = await allowLateRefusal(() => checkMap(planted, { scrubText, breathe: () => Promise.resolve() }));
    if (read !== undefined) assertGone(JSON.stringify(read), given);
  },
};

export const configTarget: Target = {
  name: "config",
  corpus: () => [
    'server:\n  port: 4500\nsupervise:\n  - name: shop-api\n    command: ["node", "server.js"]\n',
    "store: { url: 'postgres://localhost/x' }\nscrub:\n  rules:\n    - name: own\n      pattern: 'x{3}'\n",
    "a: &a [1, 2]\nb: *a\n? c\n: |\n  text\n",
  ],
  words: ["&a ", "*a", "<<: ", "- ", ": ", "|\n", "!!js ", "{", "}", "\t", "%YAML 1.2\n---\n"],
  async run(bytes) {
    configFile ??= join(mkdtempSync(join(tmpdir(), "prunella-fuzz-")), "prunella.yaml");
    writeFileSync(configFile, bytes);
    const path = configFile;
    await allowLateRefusal(() => loadConfig(path));
  },
};

/** Made with the first input. */
let configFile: string | null = null;

export const stackTarget: Target = {
  name: "stack",
  corpus: () => samplesIn("packages/scrub/src/stacks/conformance/", ".txt"),
  words: [
    "\tat ",
    "Traceback (most recent call last):\n",
    "Caused by: ",
    "panicked at ",
    "goroutine 1 [running]:\n",
    "#0 0x0",
    "    at ",
    "Error: ",
    "[<ffff>] ",
    "? ",
    "+0x1/0x2",
  ],
  run(bytes) {
    const text = bytes.toString("utf8");
    parseStack(text);
    readCause(text);
  },
};
