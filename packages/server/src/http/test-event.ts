import { randomUUID } from "node:crypto";
import type { Event } from "@prunella/contract";

/** What "send a test event" sends: recognisable, harmless, and always the same fault. */
export function testEvent(now: number): Event {
  const frame = (name: string, line: number) => ({
    function: name,
    module: null,
    filename: "prunella/test-event.js",
    line,
    column: null,
    in_app: true,
    context_line: null,
    pre_context: [],
    post_context: [],
  });
  return {
    id: randomUUID().replaceAll("-", ""),
    source: "sentry",
    trust: "authenticated",
    level: "error",
    at: now,
    release: null,
    environment: "test",
    platform: "javascript",
    target: null,
    errors: [
      {
        type: "TestEvent",
        value: "This is a test from the console: everything works.",
        module: null,
        handled: true,
        mechanism: "console",
        frames: [frame("main", 1), frame("sendTestEvent", 2)],
      },
    ],
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
}
