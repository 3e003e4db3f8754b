import { Event, type Frame } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { Scrubbed, scrubEvent } from "../index.ts";

const PEM = [
  "const key = '-----BEGIN RSA " + "PRIVATE KEY-----",
  "  MIIEowIBAAKCAQEAaB3d" + "aB3d".repeat(8),
  "  aB3daB3daB3daB3d",
  "-----END RSA " + "PRIVATE KEY-----';",
  "use(key);",
];

function hostile(): Event {
  const frame: Frame = {
    function: "pay",
    module: "m",
    filename: "/home/jane/pay.js",
    line: 3,
    column: 4,
    in_app: true,
    context_line: PEM[2]!,
    pre_context: PEM.slice(0, 2),
    post_context: PEM.slice(3),
  };
  return {
    id: "0".repeat(32),
    source: "sentry",
    trust: "public",
    level: "error",
    at: 17,
    release: "shop@1.4.2 token=s3cr3t",
    environment: "jane@" + "example.com",
    platform: "node",
    target: "program:shop-api",
    errors: [
      { type: "E", value: "password=hunter2", module: null, handled: false, mechanism: "generic", frames: [frame] },
    ],
    message: "Bearer abc.def.ghi",
    message_template: "token=s3cr3t",
    stack_text: "at 9.9.9.9",
    sdk_fingerprint: ["a@" + "example.com"],
    transaction: "/x?token=s3cr3t",
    server_name: "10.0.0.5",
    exit_code: 1,
    signal: "SIGTERM",
    tags: { password: "hunter2", tenant: "acme" },
    breadcrumbs: [
      {
        at: 1,
        category: "http",
        level: "info",
        message: "Cookie: sid=SECRETSID",
        data: { cookies: { sid: "SECRETSID" } },
      },
    ],
    context: {
      request: { headers: { Authorization: "Bearer abc.def.ghi" }, data: '{"password":"hunter2"}' },
      log: [...PEM],
    },
  };
}

describe("scrubEvent", () => {
  it("cleans every text of an event and keeps it a valid, frozen event", () => {
    const input = hostile();
    const { event, redactions } = scrubEvent(input);
    const json = JSON.stringify(event.value);
    expect(json).not.toMatch(/hunter2|s3cr3t|abc\.def|SECRETSID|jane|example\.com|10\.0\.0\.5|9\.9\.9\.9|aB3d/);
    expect(() => Event.parse(JSON.parse(json))).not.toThrow();
    expect(event.value).toMatchObject({
      id: input.id,
      release: "shop@1.4.2 token=[REDACTED:SECRET]",
      target: "program:shop-api",
      tags: { tenant: "acme" },
    });
    expect(event.value.errors[0]?.frames[0]?.post_context.at(-1)).toBe("use(key);");
    expect(Object.isFrozen(event.value.errors[0]?.frames[0]?.pre_context)).toBe(true);
    expect(redactions["pem-private-key"]).toBeGreaterThan(0);
    expect(Scrubbed.is(event)).toBe(true);
    expect(input).toEqual(hostile());
  });

  it("changes nothing the second time", () => {
    const once = JSON.stringify(scrubEvent(hostile()).event.value);
    const again = scrubEvent(Event.parse(JSON.parse(once)));
    expect(JSON.stringify(again.event.value)).toBe(once);
    expect(again.redactions).toEqual({});
  });

  it("drops a target that is a secret in disguise", () => {
    expect(scrubEvent({ ...hostile(), target: "program:ghp_" + "aB3".repeat(12) }).event.value.target).toBeNull();
  });
});
