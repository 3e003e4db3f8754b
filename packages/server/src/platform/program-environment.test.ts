import { expect, test } from "vitest";
import { inheritedEnvironment } from "./program-environment.ts";

const ours = {
  PATH: "/usr/bin",
  HOME: "/srv",
  TZ: "UTC",
  DATABASE_PASSWORD: "x",
  PRUNELLA_TOKEN: "t",
  prunella_token: "t",
  PRUNELLA_STORE_URL: "u",
  PRUNELLA_TELEMETRY: "off",
};

test("a program started by the server gets a short list, and no secret of the server's", () => {
  expect(inheritedEnvironment("listed", ours)).toEqual({
    PATH: "/usr/bin",
    HOME: "/srv",
    TZ: "UTC",
    PRUNELLA_TELEMETRY: "off",
  });
});

test("a program that a person runs keeps their environment, but for what opens Prunella", () => {
  const given = inheritedEnvironment("all", ours);
  expect(given).toMatchObject({ DATABASE_PASSWORD: "x", PATH: "/usr/bin" });
  expect(Object.keys(given).filter((name) => /token|store/i.test(name))).toEqual([]);
});
