import { expect, test } from "vitest";
import { asStarted, commandLine } from "./command-line.ts";

const here = { data: "./.prunella", url: undefined, tokenFile: undefined };
const elsewhere = { ...here, data: "/srv/it's here" };

test("a command names the package of this folder, and never asks a registry", () => {
  expect(commandLine(here, "faults")).toBe("npx --no-install prunella faults");
});

test("it goes to the server that was spoken to, with paths as one word and without a token", () => {
  expect(commandLine(elsewhere, "faults")).toBe(`npx --no-install prunella --data '/srv/it'\\''s here' faults`);
  expect(commandLine({ ...here, url: "http://127.0.0.1:4500", tokenFile: "t" }, "kill")).toBe(
    "npx --no-install prunella --url http://127.0.0.1:4500 --token-file t kill",
  );
});

test("texts that name commands are made to fit, once, and nothing else of them", () => {
  const hint = "Run `prunella unkill` first, or: prunella projects add shop";
  const made = asStarted(here, hint);
  expect(made).toBe("Run `npx --no-install prunella unkill` first, or: npx --no-install prunella projects add shop");
  expect(asStarted(here, made)).toBe(made);
  for (const other of ["/usr/bin/prunella x", "Prunella is", "x-prunella y", "prunella.yaml", "a prunella"])
    expect(asStarted(elsewhere, other)).toBe(other);
});
