import { expect, it } from "vitest";
import { testClock } from "../../../../../test/kernel-fixture.ts";
import { createNotices } from "../../nodes/notices.ts";
import { createChanges } from "./changes.ts";

function setUp() {
  const clock = testClock();
  const log = { info: () => {}, warn: () => {} };
  const notices = createNotices({ channel: null, nodeId: "here", clock, log });
  const changes = createChanges({ notices, clock });
  const heard: string[] = [];
  const wait = (target: string) => void changes.of(target, 1_000).happened.then(() => heard.push(target));
  return { clock, notices, heard, wait };
}

it("wakes those who wait for the target that a notice is about, and nobody else", async () => {
  const { notices, heard, wait } = setUp();
  wait("program:shop");
  wait("program:mail");
  notices.publish({ topic: "attempts", id: "1", version: 1, about: "program:shop" });
  notices.publish({ topic: "faults", id: "2", version: 1, about: "program:mail" });
  await Promise.resolve();
  expect(heard).toEqual(["program:shop"]);
});

it("wakes all when a notice does not say whom it concerns", async () => {
  const { notices, heard, wait } = setUp();
  wait("program:shop");
  wait("program:mail");
  notices.publish({ topic: "supervised", id: "kill", version: 0 });
  await Promise.resolve();
  expect(heard).toEqual(["program:shop", "program:mail"]);
});

it("wakes who has waited long enough", async () => {
  const { clock, heard, wait } = setUp();
  wait("program:shop");
  clock.advance(1_000);
  await Promise.resolve();
  expect(heard).toEqual(["program:shop"]);
});
