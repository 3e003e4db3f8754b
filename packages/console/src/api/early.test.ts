import { expect, it } from "vitest";
import { firstPaths } from "./early.ts";

const at = (address: string) => firstPaths(new URL(address, "http://localhost"));

it("asks for what the page at the address shows first, and for nothing where nobody is signed in yet", () => {
  const shell = ["/v1/me", "/v1/kill", "/v1/escalations?status=open"];
  expect(at("/")).toEqual(["/v1/faults?status=active&limit=50", "/v1/projects", ...shell]);
  expect(at("/?q=cart")).toEqual(shell);
  expect(at("/programs")).toEqual(shell);
  expect(at("/faults/3fa8c01d?range=7d")).toEqual(["/v1/faults/3fa8c01d", "/v1/faults/3fa8c01d/explain", ...shell]);
  expect([...at("/sign-in?next=%2F"), ...at("/invitation")]).toEqual([]);
});
