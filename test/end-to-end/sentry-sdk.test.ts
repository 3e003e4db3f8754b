import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { openServer } from "./server-fixture.ts";

/** A program that uses the real SDK: one handled error with secrets about, one message, one crash. */
const PROGRAM = `
import * as Sentry from "@sentry/node";
Sentry.init({ dsn: process.env.DSN, release: "shop@2.0.0", environment: "staging", sendDefaultPii: true });
Sentry.setUser({ email: "jane" + "@example.org", ip_address: "203.0.113" + ".9" });
Sentry.addBreadcrumb({ message: "login with password=" + "correct-horse", data: { authorization: "Bearer " + "tok-1234567890abcdef" } });
function chargeCard(order) { return order.customer.card; }
try { chargeCard({}); } catch (error) { Sentry.captureException(error); }
Sentry.captureMessage("queue is full");
await Sentry.flush(5000);
setTimeout(function tick() { chargeCard(null); }, 1);
`;

it("takes what the real SDK for Node sends, and keeps none of its secrets", async () => {
  await using fixture = await openServer();
  const { server } = fixture;
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM], {
    cwd: import.meta.dirname,
    env: { PATH: process.env["PATH"], DSN: server.dsn },
    stdio: "ignore",
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  expect(code).toBe(1);
  await server.kernel.settle();
  const { faults } = await server.kernel.faults.list({ status: "all", limit: 50 });
  const titles = faults.map((fault) => fault.title);
  // Both come out of chargeCard: one cause, whatever its argument was.
  expect(
    faults
      .filter((fault) => fault.title.startsWith("TypeError: Cannot read properties of"))
      .map((fault) => fault.count),
  ).toEqual([2]);
  expect(titles.some((title) => title.includes("queue is full"))).toBe(true);
  const detail = await server.kernel.faults.detail(faults[0]?.id ?? "");
  expect(detail.releases).toMatchObject([{ release: "shop@2.0.0" }]);
  const written = fixture.written();
  for (const secret of ["jane" + "@example.org", "203.0.113" + ".9", "correct-" + "horse", "tok-" + "1234567890abcdef"])
    expect(written.includes(secret)).toBe(false);
});
