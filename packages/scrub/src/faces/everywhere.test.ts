import { expect, it } from "vitest";
import type { Event } from "@prunella/contract";
import fc from "fast-check";
import { createScrubber, CUT_MARK, scrubAndCut, scrubEvent, scrubJson, scrubText } from "../index.ts";

const PW = "Tr0ub&dor" + "9xZq";
const CARD = "4111" + "1111".repeat(3);
const GH = "ghp_" + "aB3".repeat(12);
const clean = (text: string): string => scrubText(text).text.value;
const json = (value: unknown): string => JSON.stringify(scrubJson(value).value.value);

const EVENT: Event = {
  id: "0".repeat(32),
  source: "sentry",
  trust: "public",
  level: "error",
  at: 0,
  release: null,
  environment: null,
  platform: null,
  target: null,
  errors: [],
  message: null,
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
};

it("takes what was found once out of the whole text, in an address and in JSON too", () => {
  expect(clean(`password=${PW} refused; sent ${PW} to http://h/?q=${encodeURIComponent(PW)}`)).toBe(
    "password=[REDACTED:PASSWORD] refused; sent [REDACTED:PASSWORD] to http://h/?q=[REDACTED:PASSWORD]",
  );
  expect(clean(`postgres://app:${PW}@db/shop, then ${PW}`)).not.toContain(PW);
});

it("leaves words alone that only contain what was found, and what is shorter than eight", () => {
  expect(clean('secret: "swordfish" and swordfishes')).toMatch(/and swordfishes$/);
  expect(clean("password=hunt3r then hunt3r")).toMatch(/then hunt3r$/);
});

it("takes what was found anywhere in an event out of all of it", () => {
  const { event, redactions } = scrubEvent({
    ...EVENT,
    errors: [
      {
        type: "E",
        value: `refused ${PW}`,
        module: null,
        handled: null,
        mechanism: null,
        frames: [
          {
            function: "f",
            module: null,
            filename: "a.js",
            line: 1,
            column: null,
            in_app: true,
            context_line: `send(${JSON.stringify(PW)})`,
            pre_context: [],
            post_context: [],
          },
        ],
      },
    ],
    breadcrumbs: [
      {
        at: null,
        category: "http",
        level: null,
        message: null,
        data: { url: `http://h/?q=${encodeURIComponent(PW)}` },
      },
    ],
    tags: { note: PW },
    context: { request: { data: { password: PW } }, extra: { other: `x ${PW} y`, [PW]: 1, list: [PW] } },
  });
  expect(JSON.stringify(event.value)).not.toContain("dor" + "9xZq");
  expect(redactions["secret-key"]).toBeGreaterThan(5);
  expect(scrubEvent(event.value as Event).event.value).toEqual(event.value);
});

it("keeps the words of an event's own fields, whatever a password is", () => {
  const { event } = scrubEvent({
    ...EVENT,
    target: "supervisor",
    message: "supervisor",
    tags: { password: "supervisor" },
  });
  expect(event.value).toMatchObject({ source: "sentry", target: null, message: "[REDACTED:PASSWORD]" });
  expect(scrubEvent({ ...EVENT, source: "supervisor", tags: { password: "supervisor" } }).event.value.source).toBe(
    "supervisor",
  );
});

it.each([
  { extra: { card: CARD } },
  { request: { data: { cardNumber: Number(CARD) } } },
  { card: { number: CARD } },
  { payment: { pan: Number(CARD) } },
  { user: { phone: "5550101" + "234" } },
  { contact: { mobile: [`555010${"1234"}`] } },
  { ssn: "219" + "-09-9999" },
  { kty: "oct", k: "AyM1SysPpbyDfgZld3umj1qz" + "KObwVMkoqQ-EstJQLr_T" },
])("reads a value with its key, in a structure as in its text: %j", (value) => {
  const hidden = JSON.stringify(value).match(/\d{3}[-\d]{6,}|AyM1\w+/g)!;
  for (const out of [json(value), clean(JSON.stringify(value)), clean(JSON.stringify(value, null, 2))])
    for (const each of hidden) expect(out).not.toContain(each);
});

it("leaves numbers alone whose keys say nothing", () => {
  const value = { order: 4111111111111112, id: "4111111111111111", took: 1747731000123 };
  expect(scrubJson(value).value.value).toEqual(value);
});

it("cuts after scrubbing, wherever the cut falls, and leaves nothing of what it meets", () => {
  const text = `${"word ".repeat(20)}token ${GH} password=${PW} end ${"word ".repeat(200)}`;
  for (let max = 80; max < 220; max++) {
    const cut = scrubAndCut(text, max).value;
    expect(cut.length).toBeLessThanOrEqual(max);
    expect(cut).not.toMatch(/ghp|aB3|Tr0|dor9|\[REDACTED:?[A-Z_]*…/);
    expect(cut.endsWith(CUT_MARK)).toBe(true);
    expect(clean(cut)).toBe(cut);
  }
});

it("cuts with the rules of a policy, and texts of an event by itself", () => {
  const rules = [{ name: "house", type: "HOUSE", keywords: ["hse-"], pattern: "hse-[0-9]{8}" }];
  const { scrubAndCut: cut } = createScrubber({ rules });
  expect(cut(`${"a ".repeat(20)}hse-12345678 and more`, 50).value).not.toMatch(/hse/);
  const message = `${"a ".repeat(4090)}token ${GH} ${"b ".repeat(900)}`;
  const { event } = scrubEvent({ ...EVENT, message, tags: { t: `${"a ".repeat(250)}${GH}${" b".repeat(50)}` } });
  expect(event.value.message!.length).toBeLessThanOrEqual(8_192);
  expect(event.value.tags["t"]!.length).toBeLessThanOrEqual(512);
  expect(JSON.stringify(event.value)).not.toContain("aB3");
});

it("changes nothing when a structure is scrubbed twice", () => {
  const word = fc.constantFrom(
    "password",
    "card",
    "phone",
    PW,
    CARD,
    GH,
    "=",
    " ",
    "x",
    ": ",
    "&",
    '"',
    "number",
    "[REDACTED:CARD]",
    "555 010 1234",
  );
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(""));
  const value = fc.object({
    key: text,
    values: [text, fc.constantFrom(Number(CARD), 15550101234, null, true)],
    maxDepth: 3,
  });
  fc.assert(
    fc.property(value, (given) => {
      const once = scrubJson(given).value.value;
      expect(scrubJson(once).value.value).toEqual(once);
    }),
    { numRuns: 500, seed: 6 },
  );
});
