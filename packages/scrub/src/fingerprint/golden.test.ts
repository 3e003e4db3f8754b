import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Event, type ErrorValue } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { scrubEvent } from "../faces/scrub-event.ts";
import { frame } from "../stacks/stack.ts";
import { parseStack } from "../stacks/parse-stack.ts";
import { describeFault } from "./describe-fault.ts";
import { FINGERPRINT_VERSIONS } from "./fingerprint.ts";
import type { FingerprintVersion } from "./version.ts";

/**
 * What is pinned: for made-up events of every language, what the scrubber leaves of them and which
 * keys, title and culprit come out, parsers included. `golden/README.md` says what a difference means.
 *
 *     npx vitest run packages/scrub/src/fingerprint/golden.test.ts -u     writes golden/*.v1.txt anew
 */
const folder = join(import.meta.dirname, "golden");
const names = (ending: string) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .toSorted();
const families = names(".events.txt");

type Case = { readonly name: string; readonly event: Event; readonly secrets: readonly string[] };

function casesOf(family: string): Case[] {
  const sections = readFileSync(join(folder, `${family}.events.txt`), "utf8")
    .split(/^=== /m)
    .slice(1);
  return sections.map((marked) => {
    // `{+}` stands inside what must go, and keeps scanners from taking it for real.
    const secrets = [...marked.matchAll(/[^\s"'=:@]+\{\+\}[^\s"'@;]+/g)].map(([secret]) => secret.replace("{+}", ""));
    const section = marked.replaceAll("{+}", "");
    const end = section.indexOf("\n");
    const [name = "", kind] = section.slice(0, end).split(" | ");
    const body = section.slice(end + 1);
    return { name, secrets, event: kind === "event" ? fromFields(JSON.parse(body)) : anEvent({ stack_text: body }) };
  });
}

function anEvent(given: Partial<Event>): Event {
  const nothing = { release: null, environment: null, platform: null, target: null, message: null } as const;
  return {
    id: "0".repeat(32),
    source: "sentry",
    trust: "public",
    level: "error",
    at: 1,
    ...nothing,
    errors: [],
    message_template: null,
    stack_text: null,
    sdk_fingerprint: null,
    transaction: null,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: {},
    breadcrumbs: [],
    context: {},
    ...given,
  };
}

type Given = Partial<Omit<Event, "errors">> & { readonly errors?: readonly Partial<ErrorValue>[] };

function fromFields({ errors = [], ...rest }: Given): Event {
  return Event.parse({
    ...anEvent(rest),
    errors: errors.map((error) => ({
      type: null,
      value: null,
      module: null,
      handled: null,
      mechanism: null,
      ...error,
      frames: (error.frames ?? []).map(frame),
    })),
  });
}

/** Fields that an event does not use are not written. */
const BLANK = new Map(Object.entries(anEvent({})).map(([field, value]) => [field, JSON.stringify(value)]));

/** One case as it stands in the file. */
function told({ name, event: raw }: Case, version: FingerprintVersion): string {
  const { event, redactions } = scrubEvent(raw);
  const { fingerprints, trace } = version(event.value);
  const { title, culprit } = describeFault(event.value);
  const { stack_text, ...fields } = event.value;
  const parsed = stack_text === null ? null : parseStack(stack_text);
  const block = (lines: readonly string[]) => lines.join("\n           ");
  return [
    `=== ${name}`,
    `title      ${title}`,
    `culprit    ${culprit}`,
    `read as    ${parsed === null ? "-" : `${parsed.language}: ${shapeOf(parsed.errors)}`}`,
    `by         ${fingerprints.by}`,
    `strict     ${fingerprints.strict}`,
    `loose      ${fingerprints.loose ?? "-"}`,
    `message    ${fingerprints.message ?? "-"}`,
    `parts      ${block(fingerprints.parts)}`,
    `trace      ${block([trace.type, trace.said, ...trace.frames])}`,
    `taken out  ${Object.entries(redactions)
      .map(([rule, count]) => `${rule} ${count}`)
      .join(", ")}`,
    ...Object.entries(fields)
      .filter(([field, value]) => JSON.stringify(value) !== BLANK.get(field))
      .map(([field, value]) => `${field} = ${JSON.stringify(value)}`),
    ...(stack_text === null ? [] : stack_text.trimEnd().split("\n")).map((line) => `| ${visible(line)}`),
    "",
  ]
    .flatMap((line) => line.split("\n").map((each) => each.trimEnd()))
    .join("\n");
}

/** Escapes and carriage returns would not survive editors and Git. */
function visible(line: string): string {
  return line.replace(/[^\P{C}\t]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function shapeOf(errors: readonly ErrorValue[]): string {
  return errors.map(({ type, frames }) => `${type ?? "-"} of ${frames.length}`).join(", ");
}

describe.each(FINGERPRINT_VERSIONS.map((version, at) => ({ version, v: `v${FINGERPRINT_VERSIONS.length - at}` })))(
  "the golden files of $v",
  ({ version, v }) => {
    it.each(families)("hold for %s", async (family) => {
      const all = casesOf(family).map((each) => told(each, version));
      await expect(`${all.join("\n")}\n`).toMatchFileSnapshot(join(folder, `${family}.${v}.txt`));
    });

    it("are there for every file of events, and no others", () => {
      expect(names(`.${v}.txt`)).toEqual(families);
    });
  },
);

describe("the golden events", () => {
  const all = families.flatMap(casesOf);

  it("are more than sixty, of every language that is read", () => {
    expect(all.length).toBeGreaterThan(60);
    const languages = new Set(all.map(({ event }) => parseStack(event.stack_text ?? "")?.language));
    expect([...languages].filter((each) => each !== undefined).toSorted()).toEqual(
      "dart dotnet elixir go java javascript kernel lua native perl php python ruby rust swift".split(" "),
    );
  });

  it("have names and keys of their own", () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(new Set(all.map(({ event }) => FINGERPRINT_VERSIONS[0](event).fingerprints.strict)).size).toBe(all.length);
  });

  it("hold secrets, and none of them comes through", () => {
    const secrets = all.flatMap((each) => each.secrets);
    expect(secrets.length).toBeGreaterThan(15);
    const kept = all.map(({ event }) => {
      const { value } = scrubEvent(event).event;
      return JSON.stringify([value, describeFault(value), FINGERPRINT_VERSIONS[0](value).fingerprints.parts]);
    });
    expect(secrets.filter((secret) => kept.some((text) => text.includes(secret)))).toEqual([]);
  });

  it("have one key, scrubbed or not", () => {
    for (const { name, event } of all)
      for (const version of FINGERPRINT_VERSIONS)
        expect(version(scrubEvent(event).event.value), name).toEqual(version(event));
  });
});
