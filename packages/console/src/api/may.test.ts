import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATIONS, type Operation } from "@prunella/contract/operations";
import { expect, it } from "vitest";
import { neededFor, whyNot } from "./may.ts";

const src = join(import.meta.dirname, "..");
const used = new Set(
  globSync("**/*.{ts,tsx}", { cwd: src })
    .filter((name) => !name.includes(".test."))
    .flatMap((name) => [...readFileSync(join(src, name), "utf8").matchAll(/"((?:POST|DELETE) \/v1\/[^"]+)"/g)])
    .map(([, route]) => route),
);

it("asks for the role that the table asks for, whatever the console changes", () => {
  const byRole = Object.values<Operation>(OPERATIONS).filter(
    ({ method, path, who }) => used.has(`${method} ${path}`) && (who === "operator" || who === "owner"),
  );
  expect(byRole.length).toBeGreaterThan(25);
  for (const { method, path, who } of byRole) {
    const route = [...used].find((each) => each === `${method} ${path}`) ?? "";
    // As the page asks: the route is text there too.
    expect([route, Reflect.apply(neededFor, null, [route])]).toEqual([route, who]);
  }
});

it("counts a role in the project, or in all of them, and says which is missing where", () => {
  const erase = "POST /v1/faults/:id/erase";
  const mute = "POST /v1/faults/triage";
  const roles = [
    { project: null, role: "viewer" as const },
    { project: "shop", role: "owner" as const },
  ];
  expect([whyNot(roles, erase, "shop"), whyNot(roles, mute, "shop")]).toEqual([null, null]);
  expect(whyNot(roles, mute, "billing")).toBe(
    "This takes the role operator in the project billing; yours is viewer. An owner gives roles.",
  );
  expect(whyNot(roles, "POST /v1/kill", null)).toContain("operator in all projects; yours is viewer");
  expect(whyNot([], mute, "shop")).toContain("yours is none");
});
