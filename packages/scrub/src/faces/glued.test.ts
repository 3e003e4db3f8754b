/** What is glued to a token stands free once that is gone, and a second run would see it then. */
import { expect, it } from "vitest";
import { RULES } from "../rules/index.ts";
import { scrubText } from "./scrub-text.ts";

const clean = (text: string): string => scrubText(text).text.value;
const EXAMPLES = RULES.flatMap(({ name, example }) => (example === undefined ? [] : [{ name, text: example() }]));
/** Their first or last character is one that numbers and words go on with. */
const TOKENS = [
  `1//0${"qcI9FYTNMm0gz5rCT5UEW4_jzH".repeat(2)}`,
  "ghp_" + "aB3".repeat(12),
  "AKIA" + "QYLPMN5HHHFPZAM2",
  ["https://open.feishu.cn/open-apis/bot/v2/hook", "1a2b3c4d-1a2b-4a2b-8a2b-1a2b3c4d5e60"].join("/"),
];

it("glued to each other, examples of all rules change nothing the second time", () => {
  const texts = [...EXAMPLES.map(({ text }) => text), ...TOKENS];
  const changed = EXAMPLES.flatMap(({ name, text }) =>
    texts
      .flatMap((other) => [text + other, other + text])
      .filter((glued) => clean(clean(glued)) !== clean(glued))
      .map((glued) => `${name}: ${clean(glued)}`),
  );
  expect(changed).toEqual([]);
});
