import { expect, it } from "vitest";
import { isValidElement, type ReactNode } from "react";
import { pieces } from "./untrusted.tsx";

/** What a reader sees: plain pieces as they are, pills in angle brackets. */
function seen(text: string): string {
  const show = (node: ReactNode): string => {
    if (isValidElement<{ children?: ReactNode }>(node)) return `<${[node.props.children].flat().map(show).join("")}>`;
    return typeof node === "string" ? node : "";
  };
  return pieces(text).map(show).join("");
}

it("shows what the scrubber removed as its type", () => {
  expect(seen("to [REDACTED:EMAIL] from [REDACTED:GITHUB_TOKEN]")).toBe("to <email> from <github token>");
});

it("names characters that hide or reorder text", () => {
  expect(seen("a\u202Egnp.exe\u200b\u0000\u001b[31m")).toBe("a<U+202E>gnp.exe<U+200B><U+0000><U+001B>[31m");
});

it("keeps tabs, ends of lines and everyday letters of any script", () => {
  const text = "a\tb\r\nc\nä 語 עברית 👍";
  expect(seen(text)).toBe(text);
});

it("leaves alone what only looks like a removed part", () => {
  for (const text of ["[REDACTED:]", "[REDACTED:a b]", `[REDACTED:${"x".repeat(61)}]`]) expect(seen(text)).toBe(text);
});
