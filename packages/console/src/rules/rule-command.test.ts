import { expect, test } from "vitest";
import { ruleCommand } from "./rule-command.ts";

test("a rule is the command that writes it, with every condition as one word of a shell", () => {
  const when = { error_class: "TimeoutError", message: "it's * late" };
  expect(ruleCommand("shop", when, "slow upstream")).toBe(
    String.raw`rules add --class 'TimeoutError' --message 'it'\''s * late' --as 'slow upstream' --project 'shop'`,
  );
});
