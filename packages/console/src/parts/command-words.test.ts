import { execFileSync } from "node:child_process";
import { requestOf } from "@prunella/contract/request";
import { expect, test } from "vitest";
import { curlOf, spoken } from "./command-words.ts";

test("commands are named as they can be typed, once, and nothing else is", () => {
  const made = spoken("Undo it with `prunella unkill`.", "npx --no-install prunella --data b");
  expect(made).toBe("Undo it with `npx --no-install prunella --data b unkill`.");
  expect(spoken(made, "npx --no-install prunella --data b")).toBe(made);
  expect(spoken("prunella.yaml of Prunella in /srv/prunella data")).toBe(
    "prunella.yaml of Prunella in /srv/prunella data",
  );
});

test("without a word of the server nothing is named that would ask a registry", () => {
  expect(spoken("prunella sign-in")).toBe("npx --no-install prunella sign-in");
});

test("a shell takes a call for what it is, whatever a name has in it", () => {
  const request = requestOf("POST /v1/programs/:name/stop", { name: "a b'c$(id)", project: "it's" });
  const curl = curlOf(request, "http://127.0.0.1:4500");
  const script = `curl() { printf '%s\\n' "$@"; }; PRUNELLA_TOKEN=t; ${curl}`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" }).trimEnd().split("\n")).toEqual([
    "-X",
    "POST",
    "http://127.0.0.1:4500/v1/programs/a%20b'c%24(id)/stop",
    "-H",
    "authorization: Bearer t",
    "-H",
    "content-type: application/json",
    "-d",
    `{"project":"it's"}`,
  ]);
});
