import { expect, it } from "vitest";
import { scrubEvent } from "../faces/scrub-event.ts";
import { fingerprint, fingerprintBeside } from "./fingerprint.ts";
import { fingerprintV1 } from "./v1.ts";

const event = {
  id: "0".repeat(32),
  source: "sentry" as const,
  trust: "public" as const,
  level: "error" as const,
  at: 1,
  release: null,
  environment: null,
  platform: null,
  target: null,
  errors: [],
  message: null,
  message_template: null,
  stack_text: "TypeError: no item 7\n    at pick (/srv/cart.js:3:4)\n    at run (/srv/main.js:9:1)\n",
  sdk_fingerprint: null,
  transaction: null,
  server_name: null,
  exit_code: null,
  signal: null,
  tags: {},
  breadcrumbs: [],
  context: {},
};

it("version 1 is frozen: this key never changes", () => {
  expect(fingerprintV1(event).parts).toEqual(["v1 stack", "class TypeError", "at pick · cart.js", "at run · main.js"]);
  expect(fingerprintV1(event).strict).toBe("db384a74387bd0bb32942aa4b33d2dd5");
});

it("both versions stand side by side, the current one first", () => {
  expect(fingerprintBeside(event).map(({ version }) => version)).toEqual([2, 1]);
  expect(fingerprintBeside(event)[0]).toEqual(fingerprint(event));
  expect(fingerprintBeside(scrubEvent(event).event.value)).toEqual(fingerprintBeside(event));
});
