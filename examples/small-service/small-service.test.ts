import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { field, list, prunella, startPrunella, text } from "../../packages/cli/src/cli-fixture.ts";
import { openMailServer, subjectsOf } from "../../packages/server/src/notify/smtp-fixture.ts";

const portOf = (server: { address(): unknown }): number => Number(field(server.address(), "port"));

async function freePort(): Promise<number> {
  const server = createTcp().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  return port;
}

/** The file as it stands, but for what of it is this machine's; each place must be there. */
function adapt(yaml: string, places: readonly (readonly [string, string])[]): string {
  let adapted = yaml;
  for (const [from, to] of places) {
    expect(adapted).toContain(from);
    adapted = adapted.replaceAll(from, to);
  }
  return adapted;
}

test(
  "the commented configuration heals a service that hangs, hears its nightly job, and tells people by Slack and by mail",
  { timeout: 120_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), "prunella-small-"));
    const folder = join(root, "small-service");
    mkdirSync(folder);
    mkdirSync(join(root, "investigator"));
    const here = import.meta.dirname;
    copyFileSync(join(here, "orders.mjs"), join(folder, "orders.mjs"));
    copyFileSync(join(here, "../investigator/ask.mjs"), join(root, "investigator/ask.mjs"));
    // Doubles: a receiver of this test in Slack's place, and a real SMTP server of its own.
    const chats: string[] = [];
    const slack = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        chats.push(text(JSON.parse(Buffer.concat(chunks).toString()), "text"));
        response.end("ok");
      });
    });
    slack.listen(0, "127.0.0.1");
    await once(slack, "listening");
    await using mail = await openMailServer();
    const orders = `http://127.0.0.1:${await freePort()}`;
    const key = ["a", "key", "of", "the", "nightly", "job"].join("-");
    writeFileSync(join(folder, "slack-webhook.txt"), `http://127.0.0.1:${portOf(slack)}/services/T0\n`);
    writeFileSync(join(folder, "nightly-key.txt"), `${key}\n`);
    const yaml = adapt(readFileSync(join(here, "prunella.yaml"), "utf8"), [
      ["http://127.0.0.1:8080", orders],
      ['PORT: "8080"', `PORT: "${new URL(orders).port}"`],
      ["port: 25\n", `port: ${mail.port}\n`],
      ["every: 10s", "every: 1s"],
      // Whoever runs the test at night wants to be told as well.
      ['      quiet: { from: "22:00", to: "07:00", time_zone: Europe/Vienna }\n', ""],
    ]);
    writeFileSync(join(folder, "prunella.yaml"), yaml);
    const data = join(root, "data");
    const ask = async (...args: string[]): Promise<unknown> => {
      const { stdout } = await prunella([...args, "--data", data, "--json"], { cwd: folder });
      return JSON.parse(stdout);
    };
    const up = startPrunella(["up", "--data", data, "--port", "0", "--no-demo"], { cwd: folder });
    try {
      const [, url = ""] = await up.until(/(http:\/\/127\.0\.0\.1:\d+)/);
      const looks = async () => {
        const probes = list(await ask("probes", "list"), "probes");
        return probes.map((probe) => `${text(probe, "name")} ${text(probe, "status")}`).toSorted();
      };
      await expect.poll(looks, { timeout: 30_000 }).toContain("orders-answers healthy");
      expect((await fetch(`${url}/v1/heartbeat/nightly-backup/0?key=${key}`)).status).toBe(200);
      expect((await fetch(`${url}/v1/heartbeat/nightly-backup/0?key=another`)).status).toBe(404);
      expect(list(await ask("heartbeats", "list"), "heartbeats")).toMatchObject([{ name: "nightly-backup" }]);

      await fetch(`${orders}/hang`);
      await up.until(/restarted orders/);
      await expect.poll(looks, { timeout: 30_000 }).toContain("orders-answers healthy");
      expect(await (await fetch(`${orders}/health`)).text()).toBe("ok\n");
      const isFound = (said: readonly string[]) => said.some((one) => one.includes("Looked into orders-answers"));
      await expect.poll(() => isFound(chats) && isFound(subjectsOf(mail.mails)), { timeout: 30_000 }).toBe(true);
      expect(chats.join("\n")).toMatch(/program:orders fails with status: \d+ times within the last hour/);
    } finally {
      up.signal("SIGINT");
      await up.ended;
      slack.close();
      rmSync(root, { recursive: true, force: true });
    }
  },
);
