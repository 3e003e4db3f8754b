import { expect, test } from "vitest";
import { meansId, shortId } from "./short-id.ts";

const id = "01a1fdf9-cd56-7310-92e5-59a737c101d8";

test.each([id, "01a1fdf9", "c101d8", "37c101d8", "37c1"])("%s, typed by a person, means the id", (typed) => {
  expect(shortId(id)).toBe("37c101d8");
  expect(meansId(typed, id)).toBe(true);
});

test("a piece from the middle means none", () => expect(meansId("cd56", id)).toBe(false));
