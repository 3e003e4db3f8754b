import { expect, it } from "vitest";
import { classifyKey } from "./secret-key.ts";

it("a number that is a word of a key says nothing, whatever number it is", () => {
  for (const key of [
    "SERVICE_#_PASSWORD",
    "db-#-token",
    "a.#.cache_key",
    "secret_#_key",
    "api_key_#",
    "x_#_max_#",
    "#_pw",
  ])
    for (const number of ["1", "17", "4711", "20261129"])
      expect(classifyKey(key.replaceAll("#", number)), `${key} ${number}`).toEqual(
        classifyKey(key.replaceAll("#", "0".repeat(number.length))),
      );
  expect(classifyKey("SERVICE_17_PASSWORD")).toMatchObject({ type: "PASSWORD" });
  expect(classifyKey("SERVICE_18_HOSTNAME")).toBeNull();
  // Digits within a word are part of it.
  expect(classifyKey("cvv2")).not.toBeNull();
  expect(classifyKey("s3_key")).toBeNull();
  expect(classifyKey("s4_key")).not.toBeNull();
});
