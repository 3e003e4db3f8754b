import { scrubText } from "@prunella/scrub";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkMap, sourcePath } from "./check-map.ts";
import { aMap, PAY } from "./source-map-fixture.ts";

const check = (given: unknown) => checkMap(given, { scrubText, breathe: () => Promise.resolve() });
const token = "ghp_" + "aB3".repeat(12);
const privateKey = [
  "-----BEGIN RSA PRIVATE",
  " KEY-----\n",
  "MIIEpAIBAAKCAQEAabcd\n".repeat(3),
  "-----END RSA PRIVATE",
  " KEY-----",
].join("");

describe("checkMap", () => {
  it("takes a map as an object and as text, with the guard line that some servers write", async () => {
    const { map } = await check(aMap());
    expect(map).toMatchObject({ sources: ["src/pay.ts"], sourcesContent: [PAY], names: ["charge", "toCents"] });
    expect((await check(JSON.stringify(aMap()))).map).toEqual(map);
    expect((await check(`)]}'\n${JSON.stringify(aMap())}`)).map).toEqual(map);
  });

  it("reads file and debug id, in either spelling", async () => {
    const debugId = "5f2c1b9a-8e6d-4c3b-a2f1-0d9e8c7b6a54";
    expect(await check({ ...aMap(), file: "app.js", debugId })).toMatchObject({ file: "app.js", debugId });
    expect(await check({ ...aMap(), debug_id: debugId })).toMatchObject({ file: null, debugId });
  });

  it("makes one map of sections", async () => {
    const sections = [
      { offset: { line: 0, column: 0 }, map: aMap() },
      { offset: { line: 3, column: 0 }, map: aMap({ sources: ["cart.ts"], sourceRoot: "webpack://shop/./src" }) },
    ];
    const { map } = await check({ version: 3, sections });
    expect(map.sources).toEqual(["src/pay.ts", "src/cart.ts"]);
    expect(map.mappings.split(";")).toHaveLength(4);
  });

  it("keeps no secret of a source, a name or a path, and every line in its place", async () => {
    const source = `const a = "${token}";\nlater();\n`;
    const { map } = await check(aMap({ sourcesContent: [source], names: [token], sources: [`src/${token}.ts`] }));
    expect(JSON.stringify(map)).not.toContain(token.slice(4, 16));
    expect(map.sourcesContent).toEqual(['const a = "[REDACTED:GITHUB_TOKEN]";\nlater();\n']);
  });

  it("leaves out a source whose lines would move", async () => {
    const { map } = await check(
      aMap({ sources: ["key.ts", "pay.ts"], sourcesContent: [`const key = \`${privateKey}\`;\nlater();\n`, PAY] }),
    );
    expect(map.sourcesContent).toEqual([null, PAY]);
  });

  it("keeps nothing that it does not know", async () => {
    const { map } = await check({ ...aMap(), x_note: token, file: token });
    expect(JSON.stringify(map)).not.toContain(token);
  });

  it.each<[string, unknown]>([
    ["text that is not JSON", "{"],
    ["null", null],
    ["a number", 7],
    ["a list", []],
    ["version 2", { ...aMap(), version: 2 }],
    ["no mappings", { ...aMap(), mappings: undefined }],
    ["mappings with text in them", { ...aMap(), mappings: "AAAA,hello world" }],
    ["mappings that go on and on", { ...aMap(), mappings: "g".repeat(100) }],
    ["millions of lines", { ...aMap(), mappings: ";".repeat(4_000_001) }],
    ["sources that are no text", { ...aMap(), sources: [{}] }],
    [
      "sections in sections",
      { version: 3, sections: [{ offset: { line: 0, column: 0 }, map: { version: 3, sections: [] } }] },
    ],
    ["a section a billion lines down", { version: 3, sections: [{ offset: { line: 1e9, column: 0 }, map: aMap() }] }],
    ["a section before the beginning", { version: 3, sections: [{ offset: { line: -1, column: 0 }, map: aMap() }] }],
  ])("refuses %s and says why", async (_what, given) => {
    await expect(check(given)).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
      detail: expect.stringMatching(/^The source map is not valid\. .+\.$/),
    });
  });

  it("takes any JSON or refuses it with its one code (law)", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          version: fc.constant(3),
          sources: fc.jsonValue(),
          names: fc.jsonValue(),
          mappings: fc.oneof(fc.string(), fc.base64String()),
        }),
        async (given) => {
          const outcome = await check(given).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
        },
      ),
    );
  });
});

it.each([
  ["../../src/pay.ts", "src/pay.ts"],
  ["./pay.ts", "pay.ts"],
  ["webpack:///./src/pay.ts", "src/pay.ts"],
  ["webpack://shop/./src/pay.ts", "src/pay.ts"],
  ["webpack-internal:///src/pay.ts", "src/pay.ts"],
  ["/srv/shop/src/pay.ts", "/srv/shop/src/pay.ts"],
  ["../node_modules/money/index.js", "node_modules/money/index.js"],
])("shows the source %s as %s", (given, shown) => {
  expect(sourcePath(given)).toBe(shown);
});
