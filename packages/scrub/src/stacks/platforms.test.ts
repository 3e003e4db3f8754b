import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Event } from "@prunella/contract";
import { scrubEvent } from "../faces/scrub-event.ts";
import { fingerprint } from "../fingerprint/fingerprint.ts";
import { describeFault } from "../fingerprint/describe-fault.ts";

/**
 * What a person reads first, by platform: `=== name | what the title holds | what the culprit holds`, `-` for
 * no culprit. Go, the JVM, Node and Rust: printed by small programs that fail. The others: the formats of their documentation.
 */
const PLATFORMS = ["jvm", "rails", "rust", "go", "dotnet", "android", "ios", "node"] as const;

type Sample = { name: string; title: string; culprit: string; text: string };

function samplesOf(platform: string): Sample[] {
  return readFileSync(new URL(`./platforms/${platform}.txt`, import.meta.url), "utf8")
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf("\n");
      const [name = "", title = "", culprit = ""] = section.slice(0, end).split(" | ");
      return { name, title, culprit, text: section.slice(end + 1) };
    });
}

const event = (text: string): Event => ({
  id: "0".repeat(32),
  source: "supervisor",
  trust: "local",
  level: "fatal",
  at: 1,
  release: null,
  environment: null,
  platform: null,
  target: null,
  errors: [],
  message: null,
  message_template: null,
  stack_text: text,
  sdk_fingerprint: null,
  transaction: null,
  server_name: null,
  exit_code: null,
  signal: null,
  tags: {},
  breadcrumbs: [],
  context: {},
});

describe.each(PLATFORMS)("%s", (platform) => {
  it("has its title and its own frame first", () => {
    const samples = samplesOf(platform);
    const wrong = samples.flatMap(({ name, title, culprit, text }) => {
      const read = describeFault(scrubEvent(event(text)).event.value);
      const isRight =
        read.title.includes(title) && (culprit === "-" ? read.culprit === "" : read.culprit.includes(culprit));
      return isRight ? [] : [{ name, ...read }];
    });
    expect(samples.length).toBeGreaterThanOrEqual(8);
    expect(wrong).toEqual([]);
  });

  it("has a key of its own for each", () => {
    const samples = samplesOf(platform);
    const keys = new Map(samples.map(({ name, text }) => [fingerprint(event(text)).strict, name]));
    expect(samples.map(({ name }) => name).filter((name) => ![...keys.values()].includes(name))).toEqual([]);
  });
});
