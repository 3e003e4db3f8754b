import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../../../test/end-to-end/server-fixture.ts";
import { needs } from "../../../test/needs.ts";
import { CHROMIUM } from "./built-console.ts";
import { PATHS, useEveryPage } from "./every-page.ts";

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("every page in Chromium", { timeout: 300_000 }, () => {
  const { asOperator, look, lookAtAll, settled, url, visit, world } = useEveryPage();
  let empty: ServerFixture;
  beforeAll(async () => {
    empty = await openServer();
  }, 60_000);
  afterAll(() => empty?.[Symbol.asyncDispose]());

  it("finds the pages that the router knows", () => {
    expect(PATHS.length).toBeGreaterThan(12);
    expect(PATHS).toContain("/faults/$id");
  });

  it("nothing is broken while a server is new and empty", async () => {
    await using seen = await asOperator(empty);
    await lookAtAll(seen, "empty");
  });

  it("nothing is broken with faults, programs and a question", async () => {
    await using seen = await asOperator(world().fixture);
    await lookAtAll(seen, "filled");
  });

  it("nothing is broken for whoever is signed out or invited", async () => {
    for (const [path, name] of [
      ["/sign-in", "signed out"],
      ["/faults/0", "sent to sign in"],
      ["/invitation", "without a code"],
      ["/invitation#code=wrong", "with a code"],
      ["/nowhere/at/all", "of an unknown address"],
    ] as const) {
      await using seen = await visit(world().fixture, null);
      await seen.page.goto(url() + path);
      await settled(seen.page);
      await look(seen, `${path} ${name}`);
    }
  });
});
