import { describe, expect, it } from "vitest";
import {
  createScrubber,
  scrubAnonymous,
  scrubAnonymousText,
  Scrubbed,
  tryRules,
  type AnonymousFields,
  type CustomRule,
} from "../index.ts";
import { patternFault } from "../rules/custom-rule.ts";

const ACME: CustomRule = {
  name: "acme-token",
  type: "ACME_TOKEN",
  keywords: ["ACME_"],
  pattern: "acme_[a-z0-9]{20,40}",
};
const TOKEN = "acme_" + "a1b2c3d4e5".repeat(2);

describe("a policy", () => {
  it("adds rules, and their placeholders survive a second run", () => {
    const { scrubText } = createScrubber({ rules: [ACME] });
    const once = scrubText(`token=${TOKEN} password=${"hunter2"}`).text.value;
    expect(once).toBe("token=[REDACTED:ACME_TOKEN] password=[REDACTED:PASSWORD]");
    expect(scrubText(once).text.value).toBe(once);
  });

  it("cuts only the first group when the pattern has one", () => {
    const { scrubText } = createScrubber({ rules: [{ ...ACME, keywords: ["badge"], pattern: "badge no ([0-9]{4})" }] });
    expect(scrubText("badge no 1234 of 9").text.value).toBe("badge no [REDACTED:ACME_TOKEN] of 9");
  });

  it("always drops keys in any spelling, whatever stands there", () => {
    const { scrubJson } = createScrubber({ dropKeys: ["customer-id"] });
    const { value } = scrubJson({
      customerId: "blue",
      CUSTOMER_ID: 17,
      other: 1,
      deep: [{ "customer.id": { name: "x" } }],
    });
    expect(value.value).toEqual({
      customerId: "[REDACTED:DROPPED]",
      CUSTOMER_ID: "[REDACTED:DROPPED]",
      other: 1,
      deep: [{ "customer.id": { name: "[REDACTED:DROPPED]" } }],
    });
    expect(scrubJson(value.value).value.value).toEqual(value.value);
  });

  it.each([
    [
      { rules: [{ ...ACME, pattern: "acme_\\w+" }] },
      /rule "acme-token": pattern has the unbounded quantifier "\+" at 7/,
    ],
    [{ rules: [{ ...ACME, pattern: "(a)\\1" }] }, /refers back to a group at 3/],
    [{ rules: [{ ...ACME, pattern: "(?!x)acme_a" }] }, /looks around/],
    [{ rules: [{ ...ACME, pattern: "a{0,5}" }] }, /matches the empty text/],
    [{ rules: [{ ...ACME, pattern: "[a" }] }, /pattern is not valid/],
    [{ rules: [ACME, ACME] }, /two of this name/],
    [{ rules: [{ ...ACME, type: "acme" }] }, /the type must be/],
    [{ dropKeys: [" "] }, /drop key " "/],
    [{ neverKeep: ["id"] }, /cannot be kept without it/],
    [{ neverKeep: ["colour"] }, /no such field; known are/],
  ])("%j is refused with its reason", (policy, message) => {
    expect(() => createScrubber(policy)).toThrow(message);
  });

  it("refuses patterns that could take long", () => {
    for (const slow of [
      "(a{0,9}){1,9}",
      "a{0,90}b{0,90}c{0,90}",
      "(a|a){26}b",
      "(?:a|ab){20}c",
      "(?:\\w|\\d){18}x",
      "(a?){20}",
    ])
      expect(patternFault(slow), slow).toMatch(/ways at one place/);
    for (const fast of [
      "(?:abc){2}d",
      "(?:a|b){26}c",
      "(?:[0-9]{2}:){5}[0-9]{2}",
      "(?:foo|bar|qux){3}",
      "k[a-z]{1,40}(?:-[a-z]{3}){0,4}",
    ])
      expect(patternFault(fast), fast).toBeNull();
    expect(patternFault("(ab")).toMatch(/does not close/);
    expect(patternFault("ab)")).toMatch(/not opened/);
    expect(patternFault("[a-z+*]{1,40}\\+")).toBeNull();
  });

  it("tries each rule alone", () => {
    const trials = tryRules([{ ...ACME, examples: [TOKEN, "acme_short"], negatives: ["acme_x", `a ${TOKEN}`] }]);
    expect(trials.map((trial) => trial.passed)).toEqual([true, false, true, false]);
  });
});

describe("fields never to keep", () => {
  const event = {
    id: "0".repeat(32),
    source: "sentry",
    trust: "public",
    level: "error",
    at: 17,
    release: "shop@1.4.2",
    environment: null,
    platform: null,
    target: null,
    errors: [],
    message: "hello",
    message_template: null,
    stack_text: null,
    sdk_fingerprint: ["a"],
    transaction: null,
    server_name: "web-1",
    exit_code: null,
    signal: null,
    tags: { tenant: "acme", colour: "red" },
    breadcrumbs: [],
    context: { request: { url: "/x", data: "y" } },
  } as const;

  it("are empty, and the event stays an event", () => {
    const { scrubEvent } = createScrubber({
      neverKeep: ["server_name", "tags.tenant", "context.request.data", "sdk_fingerprint"],
    });
    expect(scrubEvent({ ...event, errors: [], sdk_fingerprint: ["a"], breadcrumbs: [] }).event.value).toMatchObject({
      server_name: null,
      tags: { colour: "red" },
      context: { request: { url: "/x" } },
      sdk_fingerprint: null,
    });
  });
});

describe("scrubAnonymous", () => {
  const FIELDS: AnonymousFields = {
    os: { kind: "one-of", values: ["linux", "darwin"] },
    error_class: { kind: "word", pattern: /^[A-Za-z0-9_.:-]{1,64}$/ },
    exit_code: { kind: "integer", nullable: true },
    note: { kind: "text", max: 80 },
    stack: { kind: "texts", max: 60, most: 2 },
  };

  it("lets only listed fields of their own type through, and counts the rest", () => {
    const { value, dropped } = scrubAnonymous(
      {
        os: "plan9",
        error_class: "TypeError",
        exit_code: null,
        extra: 1,
        __proto__x: 2,
        note: 5,
        stack: ["a", 3, "b", "c"],
      },
      FIELDS,
    );
    expect(value.value).toEqual({ error_class: "TypeError", exit_code: null, stack: ["a", "b"] });
    expect(dropped).toBe(4);
    expect(Scrubbed.is(value)).toBe(true);
  });

  it("removes names of repositories, paths and pages, and changes nothing the second time", () => {
    const note = `clone of git@github.com:octo/cat.git in /srv/srv/cat/x.js from https://x.org/y, see octo/cat password=${"hunter2"}`;
    const once = scrubAnonymous(
      { stack: [note.slice(0, 58), note.slice(58)] },
      { stack: { kind: "texts", max: 400, most: 9 } },
    );
    const json = JSON.stringify(once.value.value);
    expect(json).not.toMatch(/octo|cat|srv|x\.org|hunter2/);
    const again = scrubAnonymous(JSON.parse(json), { stack: { kind: "texts", max: 400, most: 9 } });
    expect(JSON.stringify(again.value.value)).toBe(json);
  });

  it("cuts long texts without leaving half a placeholder", () => {
    for (let pad = 40; pad < 80; pad++) {
      const { value } = scrubAnonymous({ note: `${"x".repeat(pad)} password=${"hunter2"}` }, FIELDS);
      expect(String(value.value["note"])).not.toMatch(/hunter2|\[[^\]]*$/);
    }
  });

  it("takes anything for a value", () => {
    for (const value of [null, 1, "x", [], new Date(0)]) expect(scrubAnonymous(value, FIELDS).value.value).toEqual({});
  });
});

describe("addresses of networks that are the same everywhere", () => {
  const PRIVATE = ["10.0.0.5", "172.16.0.1", "192.168.0.1", "169.254.169.254", "fe80::1", "fd00::1:2", "2001:db8::1"];

  it("stay in text, where they say which service did not answer", () => {
    for (const address of PRIVATE) {
      const text = `connect ETIMEDOUT ${address}`;
      expect(createScrubber().scrubText(text).text.value).toBe(text);
    }
  });

  it("go from anonymous reports", () => {
    for (const address of PRIVATE) {
      const { value } = scrubAnonymous({ note: `to ${address}` }, { note: { kind: "text", max: 80 } });
      expect(value.value).toEqual({ note: "to [REDACTED:IP]" });
      expect(scrubAnonymousText(`to ${address}`).text.value).toBe("to [REDACTED:IP]");
    }
  });

  it("go where the field says that it is somebody's address, in objects and in text alike", () => {
    const given = { ip_address: "10.0.0.5", env: { REMOTE_ADDR: "192.168.0.1" }, clientIp: "fe80::1", tip: "10.0.0.5" };
    const ip = "[REDACTED:IP]";
    const safe = { ip_address: ip, env: { REMOTE_ADDR: ip }, clientIp: ip, tip: "10.0.0.5" };
    const { scrubJson, scrubText } = createScrubber();
    expect(scrubJson(given).value.value).toEqual(safe);
    expect(scrubJson(safe).value.value).toEqual(safe);
    expect(scrubText("setUser({ip_address:'10.0.0.5'})").text.value).toBe(`setUser({ip_address:'${ip}'})`);
  });
});
